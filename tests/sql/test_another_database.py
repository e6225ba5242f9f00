"""`load_sql`: a database of which nothing is known but its ADBC driver, here DuckDB's."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from store_uptime import SchemaError, load_sql
from store_uptime._sql.drivers.native import Sqlite3
from support.services import need

UUID = "0b8a2f7e-9d61-4c0c-8a55-5a6f0d3c1e42"
ID = f"CAST('{UUID}' AS uuid) AS store_id"
INTERVAL = "INTERVAL '9 hours'"


@pytest.fixture(params=[True, False], ids=["autocommit", "transaction"])
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    need("adbc_driver_manager")
    dbapi = need("adbc_driver_duckdb.dbapi")
    with closing(dbapi.connect(autocommit=request.param)) as connection:
        yield connection


def tables(start: str, beside: str = "1") -> dict[str, Any]:
    return {
        "status": f"SELECT {ID}, TIMESTAMP '2023-01-25' AS timestamp_utc, true AS status",
        "hours": f"SELECT {ID}, 1 AS day, {start} AS start_time_local, TIME '24:00' AS end_time_local, {beside} AS beside",
        "timezones": None,
    }


@pytest.mark.parametrize("beside", [INTERVAL, f"[{INTERVAL}]", "union_value(a := 1)"])
def test_types_that_polars_does_not_have_do_not_matter_beside(
    beside: str, connection: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    inputs = load_sql(connection, **tables("'9:00'", beside))
    assert inputs.status["store_id"].to_list() == [UUID]
    assert inputs.hours.row(0)[2:] == (dt.timedelta(hours=9), dt.timedelta(hours=24))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("start", "type_"),
    [
        (INTERVAL, "interval"),
        (f"[{INTERVAL}]", "interval"),
        ("{'a': [union_value(a := 1)]}", "union"),
        ("CAST(9 AS DECIMAL(9, 0))", "narrow decimal"),
        ("[CAST(9 AS DECIMAL(18, 2))]", "narrow decimal"),
    ],
)
def test_types_that_polars_does_not_have_are_refused_by_name(
    start: str, type_: str, connection: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    if "decimal" in type_:
        with connection.cursor() as cursor:
            cursor.execute("SET arrow_output_version = '1.5'")
    message = rf"^hours.start_time_local: type {type_} is not accepted. Give a SELECT that casts it"
    with pytest.raises(SchemaError, match=message) as caught:
        load_sql(connection, **tables(start))
    assert caught.value.code == "unaccepted_type"
    assert capfd.readouterr().err == ""


def test_a_panic_of_polars_is_an_error_of_the_column(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panics(*_: object) -> None:
        raise PanicException("not implemented: a new type")

    monkeypatch.setattr(Sqlite3, "fetch", panics)
    message = r"^hours: .*a column has a type that polars does not have .*: .not implemented: a new"
    with closing(sqlite3.connect(":memory:")) as own, pytest.raises(SchemaError, match=message):
        load_sql(own)
