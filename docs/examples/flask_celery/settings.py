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
    """Where the database and the broker are; secrets do not show in its repr."""

    database: URL
    broker: str = field(repr=False)
    broker_options: Mapping[str, Any]
    queue: str
    queue_limit: int
    folders: tuple[Path, ...]

    def make_folders(self) -> None:
        """Make the folders in which SQLite and the filesystem broker keep their files."""
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings; an empty variable counts as not set."""
    state = Path(env.get("STATE_DIR") or HERE / "var").resolve()
    broker = env.get("CELERY_BROKER_URL") or "filesystem://"
    options: dict[str, Any] = {"confirm_publish": True}  # RabbitMQ says that it has the message
    folders = [] if env.get("DB_NAME") else [state]
    if broker.startswith("filesystem:"):
        messages = state / "messages"
        names = ("data_folder_in", "data_folder_out", "control_folder")
        options = dict.fromkeys(names, str(messages))
        folders.append(messages)
    return Settings(
        database=_database(env, state),
        broker=broker,
        broker_options=options,
        queue=env.get("CELERY_QUEUE") or "store_uptime",
        queue_limit=int(env.get("QUEUE_LIMIT") or 10),
        folders=tuple(folders),
    )


def _database(env: Mapping[str, str], state: Path) -> URL:
    if not env.get("DB_NAME"):
        return URL.create("sqlite", database=str(state / "store_uptime.sqlite"))
    return URL.create(
        "postgresql+psycopg",
        username=env.get("DB_USER") or None,
        password=env.get("DB_PASSWORD") or None,
        host=env.get("DB_HOST") or "localhost",
        port=int(env.get("DB_PORT") or 5432),
        database=env["DB_NAME"],
        query={"connect_timeout": "5"},
    )


load_dotenv(HERE / ".env")
SETTINGS = read_settings(os.environ)
