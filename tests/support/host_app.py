"""The host application of docs/examples at work, with a database and a queue of its own."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
PATIENCE = 60.0


def copy_application(folder: Path) -> None:
    """Copy it as a reader would; a .env of whoever runs the tests stays behind."""
    leave = shutil.ignore_patterns(".env", "var", "__pycache__")
    shutil.copytree(EXAMPLES / "flask_celery", folder / "flask_celery", ignore=leave)


def clean_environment() -> dict[str, str]:
    """Return the environment of the tests without any setting of the application."""
    ours = (
        "DB_",
        "CELERY_",
        "STATE_DIR",
        "TIMEOUT_",
        "LONG_TIMEOUT_",
        "LEASE_",
        "PATIENCE_",
        "QUEUE_LIMIT",
    )
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def settings_of(database: str) -> dict[str, str]:
    """Return the application's settings for a database of PostgreSQL."""
    parts = urlsplit(database)
    return {
        "DB_NAME": parts.path[1:],
        "DB_USER": parts.username or "",
        "DB_PASSWORD": parts.password or "",
        "DB_HOST": parts.hostname or "",
        "DB_PORT": str(parts.port or ""),
    }


def eventually(ask: Callable[[], Any]) -> Any:
    """Return the first answer that is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {PATIENCE:.0f} seconds")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Host:
    """The application in `folder`: an HTTP server, and workers that are started and killed."""

    folder: Path
    env: dict[str, str]
    port: int = field(default_factory=free_port)
    worker: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def command(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "flask_celery", *arguments, **env)

    def work_on(self, report_id: str) -> None:
        """Do here what a worker does when the message of this report reaches it."""
        script = "import sys; from flask_celery.tasks import make_report; make_report(sys.argv[1])"
        done = self.run("-c", script, report_id)
        assert done.returncode == 0, done.stderr

    def ask(self, method: str, path: str) -> Answer:
        """Send the path as it is, without what a browser would do to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def trigger(self, query: str = "") -> str:
        answer = self.ask("POST", f"/trigger_report{query}")
        assert answer.status == 202
        report_id: str = answer.json["report_id"]
        return report_id

    def status(self, report_id: str) -> Any:
        return self.ask("GET", f"/check_status/{report_id}").json

    def finished(self, report_id: str) -> Any:
        """Wait until the report is finished, and return its status."""
        return eventually(lambda: self._unless_running(report_id))

    def _unless_running(self, report_id: str) -> Any:
        answer = self.status(report_id)
        return answer if answer["status"] != "Running" else None

    def log(self, name: str) -> str:
        """Return what the worker or the server has said."""
        return (self.folder / f"{name}.log").read_text()

    def start_worker(self) -> None:
        arguments = ["-A", "flask_celery.tasks", "worker", "--loglevel", "INFO"]
        self.worker = self._start("worker", "celery", *arguments)

    def kill_worker(self) -> None:
        """Kill it as an operating system does that is out of memory."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
            self.worker = None

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run the server; the worker, if there is one, does not outlive it."""
        arguments = ["--app", "flask_celery.app", "run", "--port", str(self.port)]
        server = self._start("server", "flask", *arguments)
        try:
            eventually(self._answers)
            yield
        finally:
            server.kill()
            server.wait()
            self.kill_worker()

    def _answers(self) -> bool:
        with suppress(OSError):
            return self.ask("GET", "/").status == http.HTTPStatus.NOT_FOUND
        return False

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", *arguments],
                cwd=self.folder,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


class Proxy:
    """A way to a server that can be cut and restored, or hold what it is given."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._ends: list[socket.socket] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self.port = free_port()
        self.restore()

    def restore(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Keep all that is sent, and take new connections, but neither answer nor close."""
        self._flowing.clear()
        try:
            yield
        finally:
            self._flowing.set()

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = listener.accept()[0]
                self._ends.append(near)
                threading.Thread(target=self._join, args=[near], daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._flowing.wait()
        far = socket.create_connection(self._target)
        self._ends.append(far)
        threading.Thread(target=self._pump, args=[near, far], daemon=True).start()
        self._pump(far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._flowing.wait()
                sink.sendall(data)
        self._flowing.wait()
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
