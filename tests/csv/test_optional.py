"""What `load_csv` reads from the two files that need not be there, and what it refuses of them."""

from __future__ import annotations

import gzip
import pickle
import tempfile
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import Inputs, InvalidHoursError, SchemaError, compute_report
from store_uptime._csv.load import load_csv
from store_uptime.inputs import REJECTED_SCHEMA
from support.csv_files import files, instants, integers, seconds, strings
from support.strategies import examples

ID = 8139926242460185114
REQUIRED = {
    "store_status.csv": f"store_id,status,timestamp_utc\n{ID},active,2023-01-22 12:00:00 UTC\n",
    "menu_hours.csv": f"store_id,day,start_time_local,end_time_local\n{ID},6,06:30,24:00\n",
    "timezones.csv": f"store_id,timezone_str\n{ID},America/Denver\n",
}
SPECIAL_HEADER = "store_id,date,start_time_local,end_time_local\n"
SPECIAL = f"{SPECIAL_HEADER}{ID},2023-01-22,09:00:00,13:00\n,2023-12-25,,\n"
MAINTENANCE_HEADER = "store_id,start_utc,end_utc\n"
MAINTENANCE = (
    f"{MAINTENANCE_HEADER}{ID},2023-01-22 02:00:00 UTC,2023-01-22T03:30:00.5Z\n"
    ",2023-01-23 00:00:00,2023-01-23 00:15:00\n"
)
HOUR = timedelta(hours=1)
SPECIAL_ROWS = [
    (ID, date(2023, 1, 22), 9 * HOUR, 13 * HOUR),
    (None, date(2023, 12, 25), None, None),
]
MAINTENANCE_ROWS = [
    (
        ID,
        datetime(2023, 1, 22, 2, tzinfo=UTC),
        datetime(2023, 1, 22, 3, 30, 0, 500_000, tzinfo=UTC),
    ),
    (None, datetime(2023, 1, 23, tzinfo=UTC), datetime(2023, 1, 23, 0, 15, tzinfo=UTC)),
]

Load = Callable[..., Inputs]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one good row for each of the three tables that must be there."""
    for name, text in REQUIRED.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(name="load")
def _load(folder: Path) -> Load:
    """Load that folder with these texts of optional tables."""

    def load(*, strict: bool = True, **texts: str | bytes) -> Inputs:
        for table, text in texts.items():
            path = folder / f"{table}.csv"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_csv(folder, strict=strict)

    return load


def special(*rows: str) -> str:
    return SPECIAL_HEADER + "".join(f"{row}\n" for row in rows)


def maintenance(*rows: str) -> str:
    return MAINTENANCE_HEADER + "".join(f"{row}\n" for row in rows)


# --- files --------------------------------------------------------------------------------------


def test_without_such_files_there_is_nothing_extra(folder: Path) -> None:
    assert load_csv(folder).extra == {}
    named = {"status": "store_status", "hours": "menu_hours", "timezones": "timezones"}
    paths: dict[str, Any] = {table: folder / f"{stem}.csv" for table, stem in named.items()}
    assert load_csv(**paths).extra == {}


@pytest.mark.parametrize(
    ("name", "table", "rows"),
    [
        ("special_hours.csv", "special_hours", SPECIAL_ROWS),
        ("Special Hours 2023.CSV.gz", "special_hours", SPECIAL_ROWS),
        ("maintenance.csv", "maintenance", MAINTENANCE_ROWS),
        ("Maintenance-Windows.csv.gz", "maintenance", MAINTENANCE_ROWS),
    ],
)
def test_one_optional_file_in_the_folder_is_one_extra_table(
    folder: Path, name: str, table: str, rows: list[Any]
) -> None:
    data = {"special_hours": SPECIAL, "maintenance": MAINTENANCE}[table].encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    inputs = load_csv(folder)
    assert {name: frame.rows() for name, frame in inputs.extra.items()} == {table: rows}
    assert [frame.height for frame in inputs] == [1, 1, 1]


def test_a_name_goes_before_the_folder_and_needs_none(folder: Path, tmp_path: Path) -> None:
    (folder / "special_hours.csv").write_text("not read")
    (folder / "maintenance 2022.csv").write_text("neither this")
    (folder / "maintenance 2023.csv").write_text("nor that")
    (tmp_path / "days.txt").write_text(SPECIAL)
    (tmp_path / "works.txt").write_text(MAINTENANCE)
    named: dict[str, Any] = {
        "special_hours": tmp_path / "days.txt",
        "maintenance": str(tmp_path / "works.txt"),
    }
    for inputs in (
        load_csv(folder, **named),
        load_csv(
            status=folder / "store_status.csv",
            hours=folder / "menu_hours.csv",
            timezones=folder / "timezones.csv",
            **named,
        ),
    ):
        assert inputs.extra["special_hours"].rows() == SPECIAL_ROWS
        assert inputs.extra["maintenance"].rows() == MAINTENANCE_ROWS


def test_two_files_for_an_optional_table_are_an_error(folder: Path) -> None:
    (folder / "special_hours_2022.csv").write_text(SPECIAL)
    (folder / "special_hours_2023.csv").write_text(SPECIAL)
    with pytest.raises(
        SchemaError, match=r"2 files for this table.*special_hours\*\.csv"
    ) as caught:
        load_csv(folder)
    assert caught.value.table == "special_hours"
    assert caught.value.values == ("special_hours_2022.csv", "special_hours_2023.csv")


def test_an_optional_file_that_is_named_must_be_there(folder: Path) -> None:
    with pytest.raises(SchemaError, match=r"^maintenance: .*absent\.csv: no such file"):
        load_csv(folder, maintenance=folder / "absent.csv")


@pytest.mark.parametrize(
    ("table", "text"),
    [("special_hours", "store_id,day\n"), ("maintenance", "store_id,start,end\n")],
)
def test_an_optional_file_with_other_columns_is_an_error(load: Load, table: str, text: str) -> None:
    with pytest.raises(SchemaError, match=f"{table}.csv: no such column"):
        load(**{table: text})


# --- types and text -----------------------------------------------------------------------------


def test_the_columns_have_the_documented_types(load: Load) -> None:
    instant, since_midnight = pl.Datetime("us", "UTC"), pl.Duration("us")
    for texts in (
        {"special_hours": SPECIAL, "maintenance": MAINTENANCE},
        {"special_hours": SPECIAL_HEADER, "maintenance": MAINTENANCE_HEADER},
    ):
        extra = load(**texts).extra
        assert dict(extra["special_hours"].schema) == {
            "store_id": pl.Int64,
            "date": pl.Date,
            "start_time_local": since_midnight,
            "end_time_local": since_midnight,
        }
        assert dict(extra["maintenance"].schema) == {
            "store_id": pl.Int64,
            "start_utc": instant,
            "end_utc": instant,
        }


SPELLINGS: dict[str, str | bytes] = {
    "byte-order mark": f"\ufeff{SPECIAL}",
    "Windows line ends": SPECIAL.replace("\n", "\r\n"),
    "both": f"\ufeff{SPECIAL}".replace("\n", "\r\n"),
    "blank lines": SPECIAL.replace("\n", "\n \n"),
    "other order and a note": f'note,end_time_local,date,store_id,start_time_local\n"Sale, ""big""",13:00,2023-01-22,{ID},09:00\nXmas,,2023-12-25,,\n',
    "quotes": f'{SPECIAL_HEADER}"{ID}","2023-01-22","09:00","13:00"\n"","2023-12-25","",""\n',
    "blanks in empty fields": SPECIAL.replace(",2023-12-25,,", " ,2023-12-25, ,\t"),
    "gzip": gzip.compress(SPECIAL.encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_optional_file_may_be_written_in_many_ways(load: Load, spelling: str) -> None:
    assert load(special_hours=SPELLINGS[spelling]).extra["special_hours"].rows() == SPECIAL_ROWS


def test_special_hours_may_run_past_midnight_and_up_to_it(load: Load) -> None:
    text = special(
        "1,2024-02-29,22:00,02:00",
        "1,2023-07-04,00:00,24:00",
        "1,2023-07-05,09:00,00:00",
        "1,2023-07-06,09:00,09:00",
        "1,2023-07-07,09:00,23:59:59.25",
    )
    assert load(special_hours=text).extra["special_hours"].rows() == [
        (1, date(2024, 2, 29), 22 * HOUR, 2 * HOUR),
        (1, date(2023, 7, 4), 0 * HOUR, 24 * HOUR),
        (1, date(2023, 7, 5), 9 * HOUR, 0 * HOUR),
        (1, date(2023, 7, 6), 9 * HOUR, 9 * HOUR),
        (1, date(2023, 7, 7), 9 * HOUR, 24 * HOUR - timedelta(seconds=0.75)),
    ]


# --- ids ----------------------------------------------------------------------------------------


def test_rows_for_every_store_do_not_decide_on_the_kind_of_ids(load: Load, folder: Path) -> None:
    texts = {
        "special_hours": special(",2023-12-25,,"),
        "maintenance": maintenance(",2023-01-23 00:00:00,2023-01-23 00:15:00"),
    }
    for dtype, zones in ((pl.Int64, f"{ID},Etc/UTC"), (pl.String, "a-7,Etc/UTC")):
        (folder / "timezones.csv").write_text(f"store_id,timezone_str\n{zones}\n")
        inputs = load(**texts)
        for frame in (*inputs, *inputs.extra.values()):
            assert frame.schema["store_id"] == dtype
        for frame in inputs.extra.values():
            assert frame["store_id"].to_list() == [None]


@pytest.mark.parametrize("text", ["007", "d84a4552-3668-4075-ad1d-16840294f818", str(2**63)])
@pytest.mark.parametrize("table", ["special_hours", "maintenance"])
def test_one_id_in_an_optional_table_makes_all_ids_strings(
    load: Load, table: str, text: str
) -> None:
    texts = {"special_hours": SPECIAL, "maintenance": MAINTENANCE}
    texts[table] = texts[table].replace(str(ID), text)
    inputs = load(**texts)
    for name, frame in (*enumerate(inputs), *inputs.extra.items()):
        named = [text if name == table else str(ID)]
        assert frame["store_id"].drop_nulls().to_list() == named
    assert inputs.extra[table]["store_id"].to_list() == [text, None]


def test_uuids_are_ids_in_all_five_tables(load: Load, folder: Path) -> None:
    uuid = "d84a4552-3668-4075-ad1d-16840294f818"
    for name, text in REQUIRED.items():
        (folder / name).write_text(text.replace(str(ID), uuid))
    inputs = load(
        special_hours=SPECIAL.replace(str(ID), uuid),
        maintenance=MAINTENANCE.replace(str(ID), uuid),
    )
    for frame in (*inputs, *inputs.extra.values()):
        assert frame["store_id"].drop_nulls().to_list() == [uuid]


@pytest.mark.parametrize("strict", [True, False])
def test_ids_that_went_through_a_spreadsheet_are_refused_here_too(
    load: Load, *, strict: bool
) -> None:
    text = special(",2023-12-25,,", "8.13993E+18,2023-12-26,,")
    with pytest.raises(SchemaError, match=r"special_hours\.csv, line 3: .*spreadsheet"):
        load(special_hours=text, strict=strict)


# --- bad rows -----------------------------------------------------------------------------------

SPAN = "2023-01-22 02:00:00,2023-01-22 03:00:00"
BAD = [
    ("special_hours", "1,25.12.2023,,", "unreadable date", "25.12.2023", "date"),
    ("special_hours", "1,12/25/2023,,", "unreadable date", "12/25/2023", "date"),
    ("special_hours", "1,2023-12-25 00:00:00,,", "unreadable date", "2023-12-25 00:00:00", "date"),
    ("special_hours", "1,2023-1-5,,", "unreadable date", "2023-1-5", "date"),
    ("special_hours", "1,2023-02-29,,", "unreadable date", "2023-02-29", "date"),
    ("special_hours", "1,0000-01-01,,", "unreadable date", "0000-01-01", "date"),
    ("special_hours", "1,,09:00,12:00", "unreadable date", "", "date"),
    ("special_hours", "1,2023-12-25,9,12:00", "unreadable start_time_local", "9", "start_time_local"),
    ("special_hours", "1,2023-12-25,09:00,25:00", "unreadable end_time_local", "25:00", "end_time_local"),
    ("special_hours", "1,2023-12-25,closed,", "unreadable start_time_local", "closed", "start_time_local"),
    ("special_hours", "1,2023-12-25,09:00,", "start_time_local without end_time_local", None, "end_time_local"),
    ("special_hours", ",2023-12-25, ,12:00", "end_time_local without start_time_local", None, "start_time_local"),
    ("special_hours", "1,2023-12-25,09:00", "fields: 3 instead of 4", None, None),
    ("special_hours", '1,2023-12-25,"09:00,12:00', "quote out of place", None, None),
    ("maintenance", "1,,2023-01-22 03:00:00", "unreadable start_utc", "", "start_utc"),
    ("maintenance", "1,2023-01-22 02:00:00,", "unreadable end_utc", "", "end_utc"),
    ("maintenance", "1,2023-01-22 02:00:00,2023-01-22", "unreadable end_utc", "2023-01-22", "end_utc"),
    ("maintenance", "1,2023-01-22 02:00:00+02:00,2023-01-22 03:00:00", "unreadable start_utc", "2023-01-22 02:00:00+02:00", "start_utc"),
    ("maintenance", "1,2023-01-22 02:00:00,2023-01-22 02:00:00", "end_utc not after start_utc", None, "end_utc"),
    ("maintenance", ",2023-01-22 02:00:01,2023-01-22 02:00:00", "end_utc not after start_utc", None, "end_utc"),
    ("maintenance", f"1,{SPAN},", "fields: 4 instead of 3", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "reason", "value", "column"), BAD)
def test_a_bad_row_stops_the_load(
    load: Load, table: str, row: str, reason: str, value: str | None, column: str | None
) -> None:
    text = {"special_hours": SPECIAL, "maintenance": MAINTENANCE}[table]
    with pytest.raises(InvalidHoursError) as caught:
        load(**{table: f"{text}\n{row}\n"})
    error, message = caught.value, str(caught.value)
    assert (error.table, error.column, error.count) == (table, column, 1)
    assert error.values == (row if value is None else value,)
    for part in (f"{table}.csv", "(line 5)", reason, error.remedy, "strict=False"):
        assert part in message


@pytest.mark.parametrize(("table", "row", "reason"), [case[:3] for case in BAD])
def test_a_lenient_load_returns_the_bad_row_and_keeps_the_others(
    load: Load, table: str, row: str, reason: str
) -> None:
    texts = {"special_hours": SPECIAL, "maintenance": MAINTENANCE}
    texts[table] += f"\n{row}\n"
    with pytest.warns(UserWarning, match=f"cannot use: {table} 1\\.") as caught:
        inputs = load(strict=False, **texts)
    assert "open all the time" not in str(caught[0].message)
    assert inputs.extra["special_hours"].rows() == SPECIAL_ROWS
    assert inputs.extra["maintenance"].rows() == MAINTENANCE_ROWS
    assert inputs.rejected.schema == REJECTED_SCHEMA
    ((at_table, line, why, text),) = inputs.rejected.rows()
    assert (at_table, line, text) == (table, 5, row)
    assert reason in why


def test_one_row_is_refused_for_its_first_fault(load: Load) -> None:
    text = special("1,never,09:00,", "1,2023-12-25,9 am,", "1,2023-12-25,,noon")
    with pytest.raises(
        InvalidHoursError,
        match=r"unreadable date \(line 2\); unreadable start_time_local \(line 3\); "
        r"unreadable end_time_local \(line 4\) in 3 rows",
    ):
        load(special_hours=text)


def test_a_lenient_load_counts_all_tables_in_one_warning(load: Load, folder: Path) -> None:
    (folder / "timezones.csv").write_text(f"{REQUIRED['timezones.csv']}1,Mars/Olympus\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inputs = load(
            strict=False,
            special_hours=special("1,never,,", ",2023-12-25,,", "2,never,,"),
            maintenance=maintenance(f"1,{SPAN}", "1,,"),
        )
    (warning,) = caught
    assert "timezones 1, special_hours 2, maintenance 1." in str(warning.message)
    assert inputs.rejected.select("table", "line").rows() == [
        ("maintenance", 3),
        ("special_hours", 2),
        ("special_hours", 4),
        ("timezones", 3),
    ]


def test_an_optional_file_of_bad_rows_only_is_an_empty_table(load: Load) -> None:
    with pytest.warns(UserWarning, match="special_hours 1"):
        inputs = load(strict=False, special_hours=special("1,never,,"))
    assert inputs.extra["special_hours"].is_empty()
    assert inputs.extra["special_hours"].schema["store_id"] == pl.Int64


# --- what is returned ---------------------------------------------------------------------------


def test_inputs_show_and_keep_the_extra_tables(load: Load) -> None:
    inputs = load(special_hours=SPECIAL, maintenance=MAINTENANCE)
    assert repr(inputs) == (
        "Inputs(status: 1, hours: 1, timezones: 1, special_hours: 2, maintenance: 2, rejected: 0)"
    )
    copy = pickle.loads(pickle.dumps(inputs))  # noqa: S301  # our own bytes
    assert copy.extra["special_hours"].equals(inputs.extra["special_hours"])
    assert list(copy.extra) == ["special_hours", "maintenance"]


@examples(40)
@given(st.data())
def test_what_is_written_is_what_is_loaded(data: st.DataObject) -> None:
    stores = st.none() | data.draw(st.sampled_from([integers, strings]))
    times = st.one_of(st.tuples(st.none(), st.none()), st.tuples(seconds, seconds))
    days = st.tuples(stores, st.dates(), times).map(lambda row: (*row[:2], *row[2]))
    spans = st.lists(instants, min_size=2, max_size=2, unique=True).map(sorted)
    works = st.tuples(stores, spans).map(lambda row: (row[0], *row[1]))
    rows = {
        "special_hours": data.draw(st.lists(days, max_size=5)),
        "maintenance": data.draw(st.lists(works, max_size=5)),
    }
    headers = {"special_hours": SPECIAL_HEADER, "maintenance": MAINTENANCE_HEADER}
    with tempfile.TemporaryDirectory() as place:
        for name, text in REQUIRED.items():
            Path(place, name).write_text(text.splitlines()[0])
        for table, header in headers.items():
            written = data.draw(files(header.strip().split(","), rows[table]))
            Path(place, f"{table}.csv").write_bytes(written)
        extra = load_csv(place).extra
    assert {table: frame.rows() for table, frame in extra.items()} == rows


CELLS = {
    "special_hours": (
        ["", "1"],
        ["2023-12-25", "2023-02-30", "", "0000-01-01", "9999-12-31", " 2023-12-25"],
        ["", " ", "09:00", "24:00", "9:00", "09:00:60"],
        ["", "24:00", "00:00", "25:00", "23:59:59.9999999"],
    ),
    "maintenance": (
        ["", " ", "1", "99"],
        [
            "",
            "2023-12-25 10:00:00 UTC",
            "2023-12-25T10:00:00.5Z",
            "2023-12-25 10:00",
            "0000-01-01 00:00:00",
        ],
        [
            "",
            "2023-12-25 10:00:00+00:00",
            "2023-12-25T10:00:00.500001",
            "2023-12-25 24:00:00",
            "9999-12-31 23:59:59",
        ],
    ),
}


@pytest.mark.parametrize("table", CELLS)
def test_what_is_kept_is_what_the_report_accepts(load: Load, folder: Path, table: str) -> None:
    header = {"special_hours": SPECIAL_HEADER, "maintenance": MAINTENANCE_HEADER}[table]
    rows = list(product(*CELLS[table]))
    for name, text in REQUIRED.items():
        (folder / name).write_text(text.replace(str(ID), "1"))
    with pytest.warns(UserWarning, match=table):
        inputs = load(
            strict=False, **{table: header + "".join(f"{','.join(row)}\n" for row in rows)}
        )
    refused = []
    for line, row in enumerate(rows, start=2):
        texts = [cell if cell.strip() else None for cell in row]
        schema = dict.fromkeys(header.strip().split(","), pl.String)
        one = pl.DataFrame([texts], schema, orient="row").cast({"store_id": pl.Int64})
        extra: dict[str, Any] = {table: one}
        try:
            compute_report(*inputs, **extra)
        except InvalidHoursError:
            refused.append(line)
    assert inputs.rejected["line"].to_list() == refused
    assert inputs.extra[table].height == len(rows) - len(refused) > 0
    compute_report(*inputs, **inputs.extra)
