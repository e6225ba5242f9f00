"""All parts at work on a bare machine, as processes of their own, in a folder that goes away."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import Request, urlopen

PACKAGE = __package__ or "flask_celery"
PATIENCE = 120.0  # seconds, on a machine that is busy with other things
SHOWN_LINES = 4


def demo() -> int:
    """Load made-up stores, start a worker and a server, and fetch a report over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        # Empty means not set, also to a .env file: the demo never touches a real database.
        unset = dict.fromkeys(("DB_NAME", "CELERY_BROKER_URL", "CELERY_QUEUE"), "")
        env = os.environ | unset | {"STATE_DIR": folder}
        _say("Load made-up stores from CSV files into SQLite")
        make = [sys.executable, "-m", "store_uptime", "demo", folder]
        subprocess.run(make, stdout=subprocess.DEVNULL, check=True)
        subprocess.run([sys.executable, "-m", PACKAGE, "load", folder], env=env, check=True)
        _say("Start a worker and a server")
        port = _free_port()
        worker = ["celery", "-A", f"{PACKAGE}.tasks", "worker", "--loglevel", "WARNING"]
        server = ["flask", "--app", f"{PACKAGE}.app", "run", "--port", str(port)]
        with (
            Path(folder, "log").open("w+") as log,
            _running(worker, env, log),
            _running(server, env, log),
        ):
            try:
                _fetch_report(f"http://127.0.0.1:{port}")
            except OSError:
                log.seek(0)
                sys.stderr.write(log.read())
                raise
    return 0


def _fetch_report(url: str) -> None:
    _say(f"POST {url}/trigger_report")
    report_id = _patiently(Request(f"{url}/trigger_report", method="POST"))["report_id"]
    status_url = f"{url}/check_status/{report_id}"
    _say(f"GET {status_url}")
    print(json.dumps(_patiently(Request(status_url))))
    _say(f"GET {url}/get_report/{report_id}")
    with urlopen(f"{url}/get_report/{report_id}") as response:
        lines = response.read().decode().splitlines()
    print(*lines[:SHOWN_LINES], f"... {len(lines) - 1} stores", sep="\n")


def _say(what: str) -> None:
    print(f"\n== {what}", flush=True)


def _patiently(request: Request) -> dict[str, str]:
    """Return the answer as soon as there is one, and it is not that a report is running."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(URLError), urlopen(request) as response:
            answer: dict[str, str] = json.load(response)
            if answer.get("status") != "Running":
                return answer
        time.sleep(0.2)
    raise TimeoutError


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], env: dict[str, str], log: IO[str]) -> Iterator[None]:
    full = [sys.executable, "-m", *command]
    process = subprocess.Popen(full, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
