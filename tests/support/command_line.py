"""Folders of tables for the command line, and what its tests do with its streams."""
# ruff: noqa: S603, the only program started here is this Python

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from store_uptime.cli import main

BIG_ID = 8419537941919820732
TWO_POLLS = {
    "store_status.csv": f"""\
store_id,status,timestamp_utc
{BIG_ID},active,2023-01-23 10:14:00 UTC
{BIG_ID},inactive,2023-01-23 11:15:00 UTC
""",
    "menu_hours.csv": f"""\
store_id,day,start_time_local,end_time_local
{BIG_ID},0,09:00,12:00
3,1,09:00,12:00
""",
    "timezones.csv": f"store_id,timezone_str\n{BIG_ID},Etc/UTC\n",
}
NOON = "2023-01-23T12:00:00Z"

# Both stores are open on weekdays from 09:00 to 17:00 UTC.
# 7: up on Monday at 10:00, down at 16:00, still down on Tuesday at 10:00, up at 12:00. The polls
#    meet at Monday 13:00 and Tuesday 11:00: down for 4 h on Monday and 2 h on Tuesday.
# 8: up on Monday at 12:00, down on Tuesday at 10:00:01: they meet at Monday 23:00:00.5, when it
#    is closed, so it is down from Tuesday 09:00 on.
TWO_WORKDAYS = {
    "store_status.csv": """\
store_id,timestamp_utc,status
7,2023-01-23 10:00:00 UTC,active
7,2023-01-23 16:00:00 UTC,inactive
7,2023-01-24 10:00:00 UTC,inactive
7,2023-01-24 12:00:00 UTC,active
8,2023-01-23 12:00:00 UTC,active
8,2023-01-24 10:00:01 UTC,inactive
""",
    "menu_hours.csv": "store_id,day,start_time_local,end_time_local\n"
    + "".join(f"{store},{day},09:00,17:00\n" for store in (7, 8) for day in range(5)),
    "timezones.csv": "store_id,timezone_str\n7,Etc/UTC\n8,Etc/UTC\n",
}
MONDAY = "2023-01-23T00:00:00Z"
WORKDAY_POLLS = "6 polls from 2023-01-23T10:00Z to 2023-01-24T12:00Z"
TUESDAY = "2023-01-24T15:00:00Z"
ONE_DAY = ["--window", "day=24h:hours"]
# What `load_sql` looks for.
_TABLE_NAMES = {
    "store_status.csv": "store_status",
    "menu_hours.csv": "business_hours",
    "timezones.csv": "store_timezones",
}
# A program that stands still where a file is about to take its place, once it has told its size.
HANG = """
import os, sys, time
from store_uptime.cli import main

def hang(handle):
    print(os.fstat(handle).st_size, flush=True)
    time.sleep(60)

os.fsync = hang
main(sys.argv[1:])
"""


def write_tables(folder: Path, tables: Mapping[str, str]) -> Path:
    """Make a folder with these files, and return it."""
    folder.mkdir()
    for name, text in tables.items():
        (folder / name).write_text(text)
    return folder


def write_database(path: Path) -> str:
    """Make a database of SQLite with the tables `TWO_WORKDAYS`, and return its URI."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for file, table in _TABLE_NAMES.items():
            header, *rows = TWO_WORKDAYS[file].splitlines()
            connection.execute(f"CREATE TABLE {table} ({header})")
            for row in rows:
                fields = [int(text) if text.isdigit() else text for text in row.split(",")]
                places = ",".join("?" * len(fields))
                connection.execute(f"INSERT INTO {table} VALUES ({places})", fields)
    return f"sqlite:///{path}"


def pretend_terminal(monkeypatch: pytest.MonkeyPatch, width: int = 80) -> None:
    """Make both streams pass for a terminal."""
    monkeypatch.setenv("COLUMNS", str(width))
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)


def refused(capsys: pytest.CaptureFixture[str], argv: Sequence[str]) -> str:
    """Return the message of arguments that must be refused with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    return only_error(capsys)


def failed(capsys: pytest.CaptureFixture[str], argv: Sequence[str]) -> str:
    """Return the message of a command that must fail with exit code 1."""
    assert main(argv) == 1
    return only_error(capsys)


def only_error(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the error message, which must be the one line on standard error, after no output."""
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("store-uptime: error: ")
    assert err.count("\n") == 1
    return err.removeprefix("store-uptime: error: ").rstrip("\n")


def in_a_process(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program on its own, in which a warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "store_uptime", *argv],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | environment,
        check=False,
        timeout=60,
    )
