"""What differs from machine to machine, read from the environment and from `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import load_dotenv
from sqlalchemy import URL

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """Where the database and the broker are; secrets do not show in its repr. Times in seconds."""

    database: URL
    timeout: int  # for the database and for the broker: a request gets its answer soon after
    long_timeout: int  # for a statement of a report or of a load
    broker: str = field(repr=False)
    broker_options: Mapping[str, Any]
    queue: str
    queue_limit: int  # so many reports may be unfinished
    lease: int  # for so long a worker that has vanished keeps its report
    patience: int  # so long a message may be on its way
    folders: tuple[Path, ...]

    def make_folders(self) -> None:
        """Make the folders in which SQLite and the filesystem broker keep their files."""
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings; an empty variable counts as not set."""
    state = Path(env.get("STATE_DIR") or HERE / "var").resolve()
    broker = env.get("CELERY_BROKER_URL") or "filesystem://"
    timeout = int(env.get("TIMEOUT_SECONDS") or 3)
    # RabbitMQ says that it has the message. Where no number is given, retries are without end.
    options: dict[str, Any] = {"confirm_publish": True, "max_retries": 1, "interval_start": 0}
    options |= {"read_timeout": timeout, "write_timeout": timeout}
    folders = [] if env.get("DB_NAME") else [state]
    if broker.startswith("filesystem:"):
        messages = state / "messages"
        names = ("data_folder_in", "data_folder_out", "control_folder")
        options = dict.fromkeys(names, str(messages))
        folders.append(messages)
    return Settings(
        database=_database(env, state),
        timeout=timeout,
        long_timeout=int(env.get("LONG_TIMEOUT_SECONDS") or 900),
        broker=broker,
        broker_options=options,
        queue=env.get("CELERY_QUEUE") or "store_uptime",
        queue_limit=int(env.get("QUEUE_LIMIT") or 10),
        lease=int(env.get("LEASE_SECONDS") or 30),
        patience=int(env.get("PATIENCE_SECONDS") or 300),
        folders=tuple(folders),
    )


def _database(env: Mapping[str, str], state: Path) -> URL:
    if not env.get("DB_NAME"):
        return URL.create("sqlite", database=str(state / "store_uptime.sqlite"))
    host, port = env.get("DB_HOST") or "localhost", env.get("DB_PORT") or "5432"
    url = URL.create(
        "postgresql+psycopg",
        username=env.get("DB_USER") or None,
        password=env.get("DB_PASSWORD") or None,
        database=env["DB_NAME"],
    )
    # The folder of a Unix socket has no place among the names of hosts.
    if host.startswith("/"):
        return url.update_query_dict({"host": host, "port": port})
    return url.set(host=host, port=int(port))


load_dotenv(HERE / ".env")
SETTINGS = read_settings(os.environ)
