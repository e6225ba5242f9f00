"""Results as the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from store_uptime._results.rounding import rounded

_CSV_DECIMALS = 4
_INSTANT = "%Y-%m-%dT%H:%M:%S%.fZ"


def to_csv(frame: pl.DataFrame) -> str:
    r"""Return `frame` as CSV: floats with 4 decimals, all else exact, null as an empty field.

    Instants are ISO 8601 in UTC. A length of time is a number of seconds, and its column says so.
    Floats are rounded as `rounded` says: no availability is rounded up.

    Examples
    --------
    >>> to_csv(pl.DataFrame({"store_id": [7], "uptime_last_day": [1.7416666666666667]}))
    'store_id,uptime_last_day\n7,1.7417\n'
    >>> import datetime as dt
    >>> outage = {"start": [dt.datetime(2023, 1, 23, 9)], "downtime": [dt.timedelta(minutes=90)]}
    >>> to_csv(pl.DataFrame(outage))
    'start,downtime_seconds\n2023-01-23T09:00:00Z,5400.0000\n'
    """
    columns = [rounded(column, _CSV_DECIMALS) for column in _in_seconds(frame)]
    return pl.DataFrame(columns).write_csv(float_precision=_CSV_DECIMALS, datetime_format=_INSTANT)


def to_ndjson(frame: pl.DataFrame) -> str:
    r"""Return `frame` as one JSON object a line, with numbers unrounded and null as null.

    An id is a string, whatever its type: most readers of JSON keep 15 to 17 digits of a number.
    Instants and lengths of time are as in CSV. JSON has no infinity; it becomes null.

    Examples
    --------
    >>> to_ndjson(pl.DataFrame({"store_id": [8419537941919820732], "uptime_last_day": [1.5]}))
    '{"store_id":"8419537941919820732","uptime_last_day":1.5}\n'
    """
    seconds = _in_seconds(frame)
    texts = [pl.col(name).cast(pl.String) for name in frame.columns if name == "store_id"]
    instants = pl.selectors.datetime().dt.strftime(_INSTANT)
    finite = pl.when(pl.selectors.float().is_finite()).then(pl.selectors.float())
    return seconds.with_columns(*texts, instants, finite).write_ndjson()


def to_json(frame: pl.DataFrame) -> str:
    r"""Return `frame` as an array of the objects of `to_ndjson`, one a line.

    Examples
    --------
    >>> to_json(pl.DataFrame({"state": ["up", "down"]}))
    '[\n{"state":"up"},\n{"state":"down"}\n]\n'
    """
    rows = to_ndjson(frame).split("\n")[:-1]  # a line separator of Unicode ends no row
    return "[\n{}\n]\n".format(",\n".join(rows)) if rows else "[]\n"


def _to_parquet(frame: pl.DataFrame) -> bytes:
    # Made in memory: what polars raises where a disk is full names no file.
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


_WRITERS: Mapping[str, Callable[[pl.DataFrame], bytes]] = MappingProxyType(
    {
        ".csv": lambda frame: to_csv(frame).encode(),
        ".json": lambda frame: to_json(frame).encode(),
        ".ndjson": lambda frame: to_ndjson(frame).encode(),
        ".parquet": _to_parquet,
    }
)
ENDINGS = tuple(_WRITERS)
"""How the name of a file may end."""


def as_bytes(frame: pl.DataFrame, ending: str) -> bytes:
    """Return `frame` as a file with this ending, one of `ENDINGS`, holds it."""
    return _WRITERS[ending.lower()](frame)


def _in_seconds(frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` with lengths of time as numbers of seconds, in columns that say so."""
    lengths = [name for name, dtype in frame.schema.items() if dtype == pl.Duration]
    seconds = frame.with_columns(pl.col(lengths).dt.total_seconds(fractional=True))
    return seconds.rename({name: f"{name}_seconds" for name in lengths})
