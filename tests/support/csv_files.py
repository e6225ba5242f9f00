"""CSV files for tests: one good row of each table, and the same rows written in many ways."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from store_uptime import Inputs

ID = 8139926242460185114
STATUS = f"store_id,status,timestamp_utc\n{ID},active,2023-01-22 12:09:39.388884 UTC\n"
HOURS = f"store_id,day,start_time_local,end_time_local\n{ID},6,06:30:00,24:00\n"
ZONES = f"store_id,timezone_str\n{ID},America/Denver\n"
SPECIAL_HEADER = "store_id,date,start_time_local,end_time_local\n"
SPECIAL = f"{SPECIAL_HEADER}{ID},2023-01-22,09:00:00,13:00\n,2023-12-25,,\n"
MAINTENANCE_HEADER = "store_id,start_utc,end_utc\n"
MAINTENANCE = (
    f"{MAINTENANCE_HEADER}{ID},2023-01-22 02:00:00 UTC,2023-01-22T03:30:00.5Z\n"
    ",2023-01-23 00:00:00,2023-01-23 00:15:00\n"
)
WEEKLY_HEADER = "store_id,day,start_time_local,end_time_local,valid_from,valid_until\n"
WEEKLY = f"{WEEKLY_HEADER}{ID},0,02:00,02:30:00,2023-01-02,\n,6,23:00,01:00,,2023-03-01\n"
REQUIRED = {"status": STATUS, "hours": HOURS, "timezones": ZONES}
OPTIONAL = {"special_hours": SPECIAL, "maintenance": MAINTENANCE, "maintenance_hours": WEEKLY}
TEXTS = {**REQUIRED, **OPTIONAL}

HOUR = timedelta(hours=1)
STATUS_ROW = (ID, datetime(2023, 1, 22, 12, 9, 39, 388884, tzinfo=UTC), True)
HOURS_ROW = (ID, 6, 6.5 * HOUR, 24 * HOUR)
ZONES_ROW = (ID, "America/Denver")
REQUIRED_ROWS = [[STATUS_ROW], [HOURS_ROW], [ZONES_ROW]]
OPTIONAL_ROWS: dict[str, list[Any]] = {
    "special_hours": [
        (ID, date(2023, 1, 22), 9 * HOUR, 13 * HOUR),
        (None, date(2023, 12, 25), None, None),
    ],
    "maintenance": [
        (
            ID,
            datetime(2023, 1, 22, 2, tzinfo=UTC),
            datetime(2023, 1, 22, 3, 30, 0, 500_000, tzinfo=UTC),
        ),
        (None, datetime(2023, 1, 23, tzinfo=UTC), datetime(2023, 1, 23, 0, 15, tzinfo=UTC)),
    ],
    "maintenance_hours": [
        (ID, 0, 2 * HOUR, 2.5 * HOUR, date(2023, 1, 2), None),
        (None, 6, 23 * HOUR, 1 * HOUR, None, date(2023, 3, 1)),
    ],
}

Load = Callable[..., Inputs]


def write(folder: Path, **texts: str | bytes) -> dict[str, Any]:
    """Write the files and return them as the arguments of `load_csv`.

    Of the three tables that must be there, the default is one good row.
    """
    paths = {}
    for table, text in {**REQUIRED, **texts}.items():
        paths[table] = folder / f"{table}-of-test.csv"
        paths[table].write_bytes(text if isinstance(text, bytes) else text.encode())
    return paths


def polls(*rows: str) -> str:
    return "store_id,status,timestamp_utc\n" + "".join(f"{row}\n" for row in rows)


def poll(store: Any) -> str:
    return f"{store},active,2023-01-22 12:00:00 UTC"


def special(*rows: str) -> str:
    return SPECIAL_HEADER + "".join(f"{row}\n" for row in rows)


def maintenance(*rows: str) -> str:
    return MAINTENANCE_HEADER + "".join(f"{row}\n" for row in rows)


def weekly(*rows: str) -> str:
    return WEEKLY_HEADER + "".join(f"{row}\n" for row in rows)


def ids(frame: pl.DataFrame) -> list[Any]:
    return frame["store_id"].to_list()


def gzipped(data: bytes) -> bytes:
    """Compress as gzip does, without the time, so that the same text is the same file."""
    return gzip.compress(data, mtime=0)


def zstd(data: bytes) -> bytes:
    """Wrap `data` as a Zstandard frame of one raw block: the standard library writes none yet."""
    block = (len(data) << 3 | 1).to_bytes(3, "little")
    return b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little") + block + data


_ZONE_NAMES = ["Asia/Kathmandu", "America/Argentina/Buenos_Aires", "Etc/UTC", None]
# A number that ends in a zero may look as if a spreadsheet had cut it.
integers = st.integers(-(2**63), 2**63 - 1).filter(lambda number: number % 10)
strings = st.text(alphabet='ab-ß😀", ;|\t', min_size=1).map(lambda text: f"{text}x")
instants = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_days = st.dates(date(1000, 1, 1))
validity = st.one_of(
    st.tuples(st.none(), st.none() | _days),
    st.tuples(_days, st.none()),
    st.tuples(_days, _days).map(sorted).map(tuple),
)
seconds = st.integers(0, 86_399).map(lambda number: timedelta(seconds=number))
notes = st.text(alphabet='n,;|\t"\n ', max_size=6)


def zone_rows(stores: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, str | None]]]:
    """Return rows of zones, one for a store."""
    row = st.tuples(stores, st.sampled_from(_ZONE_NAMES))
    return st.lists(row, max_size=6, unique_by=lambda row: row[0])


def clock(time: timedelta) -> str:
    return f"{time.seconds // 3600:02}:{time.seconds // 60 % 60:02}:{time.seconds % 60:02}"


def cells(row: tuple[Any, ...]) -> list[str]:
    """Spell a row as the real files do."""
    spelled = []
    for value in row:
        match value:
            case None:
                spelled.append("")
            case bool():
                spelled.append("active" if value else "inactive")
            case datetime():
                spelled.append(f"{value.replace(tzinfo=None)} UTC")
            case timedelta():
                spelled.append(clock(value))
            case _:
                spelled.append(str(value))
    return spelled


@st.composite
def files(draw: st.DrawFn, header: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Write rows, and a further column, in one of the many ways."""
    table = [[*header, "note"], *([*cells(row), draw(notes)] for row in rows)]
    order = draw(st.permutations(range(len(header) + 1)))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    separator = draw(st.sampled_from(",;\t|"))

    def framed(cell: str) -> str:
        needed = any(sign in cell for sign in f'{separator}"\n')
        return '"{}"'.format(cell.replace('"', '""')) if needed or draw(st.booleans()) else cell

    lines = []
    for record in table:
        lines += [" "] * draw(st.integers(0, 1))
        lines.append(separator.join(framed(record[place]) for place in order).replace("\n", end))
    text = draw(st.sampled_from(["", "\ufeff"])) + end.join([*lines, ""])
    packs: list[Callable[[bytes], bytes]] = [bytes, gzipped, zstd]
    pack = draw(st.sampled_from(packs))
    return pack(text.encode())
