"""What `load_csv` reads from the files that need not be there."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import Inputs, InvalidHoursError, compute_report, load_csv
from support import changing_hours
from support.csv_files import (
    HOUR,
    ID,
    MAINTENANCE_HEADER,
    OPTIONAL,
    OPTIONAL_ROWS,
    SPECIAL,
    SPECIAL_HEADER,
    WEEKLY_HEADER,
    Load,
    gzipped,
    special,
)


def test_the_columns_have_the_documented_types(load: Load) -> None:
    instant, since_midnight = pl.Datetime("us", "UTC"), pl.Duration("us")
    for texts in (
        OPTIONAL,
        {
            "special_hours": SPECIAL_HEADER,
            "maintenance": MAINTENANCE_HEADER,
            "maintenance_hours": WEEKLY_HEADER,
        },
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
        assert dict(extra["maintenance_hours"].schema) == {
            "store_id": pl.Int64,
            "day_of_week": pl.Int64,
            "start_time_local": since_midnight,
            "end_time_local": since_midnight,
            "valid_from": pl.Date,
            "valid_until": pl.Date,
        }


@pytest.mark.parametrize("table", ["hours", "maintenance_hours"])
@pytest.mark.parametrize("rows", [1, 0])
def test_columns_of_dates_come_only_where_the_file_has_them(
    load: Load, rows: int, table: str
) -> None:
    header, row = WEEKLY_HEADER.strip().split(","), f"{ID},6,09:00,10:00,2023-01-02,".split(",")
    for kept in (4, 5, 6):
        lines = [header[:kept], *[row[:kept]] * rows]
        inputs = load(**{table: "".join(f"{','.join(line)}\n" for line in lines)})
        frame = inputs.hours if table == "hours" else inputs.extra[table]
        expected = [ID, 6, 9 * HOUR, 10 * HOUR, date(2023, 1, 2), None]
        assert frame.columns == ["store_id", "day_of_week", *header[2:kept]]
        assert frame.rows() == [tuple(expected[:kept])] * rows


SPELLINGS: dict[str, str | bytes] = {
    "byte-order mark": f"\ufeff{SPECIAL}",
    "Windows line ends": SPECIAL.replace("\n", "\r\n"),
    "both": f"\ufeff{SPECIAL}".replace("\n", "\r\n"),
    "blank lines": SPECIAL.replace("\n", "\n \n"),
    "other order and a note": f'note,end_time_local,date,store_id,start_time_local\n"Sale, ""big""",13:00,2023-01-22,{ID},09:00\nXmas,,2023-12-25,,\n',
    "quotes": f'{SPECIAL_HEADER}"{ID}","2023-01-22","09:00","13:00"\n"","2023-12-25","",""\n',
    "blanks in empty fields": SPECIAL.replace(",2023-12-25,,", " ,2023-12-25, ,\t"),
    "gzip": gzipped(SPECIAL.encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_optional_file_may_be_written_in_many_ways(load: Load, spelling: str) -> None:
    assert (
        load(special_hours=SPELLINGS[spelling]).extra["special_hours"].rows()
        == OPTIONAL_ROWS["special_hours"]
    )


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


def test_inputs_show_and_keep_the_extra_tables(load: Load) -> None:
    inputs = load(**OPTIONAL)
    assert repr(inputs) == (
        "Inputs(status: 1, hours: 1, timezones: 1, special_hours: 2, maintenance: 2, "
        "maintenance_hours: 2, rejected: 0)"
    )
    copy = pickle.loads(pickle.dumps(inputs))  # noqa: S301  # our own bytes
    assert copy.extra["special_hours"].equals(inputs.extra["special_hours"])
    assert list(copy.extra) == ["special_hours", "maintenance", "maintenance_hours"]


def test_hours_that_change_give_the_report_worked_by_hand(tmp_path: Path) -> None:
    for name, text in changing_hours.texts().items():
        (tmp_path / f"{name}.csv").write_text(text)
    assert changing_hours.report_of(load_csv(tmp_path)) == changing_hours.REPORT


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
    "maintenance_hours": (
        ["", "1"],
        ["0", "Sun", "8"],
        ["09:00", ""],
        ["24:00"],
        ["", "\t", "2023-12-25", "2023-02-30", "0001-01-01"],
        ["", "2023-12-24", "2023-12-25", "25.12.2023", "9999-12-31"],
    ),
}
HEADERS = {
    "special_hours": SPECIAL_HEADER,
    "maintenance": MAINTENANCE_HEADER,
    "maintenance_hours": WEEKLY_HEADER,
}


@pytest.mark.parametrize("table", CELLS)
def test_what_is_kept_is_what_the_report_accepts(load: Load, table: str) -> None:
    header = HEADERS[table]
    # Each row is of a store of its own, as all rows of one would be left out.
    rows = [
        (store if store.strip() == "" else str(number), *cells)
        for number, (store, *cells) in enumerate(product(*CELLS[table]), start=2)
    ]
    inputs = load()
    accepted = {row: is_accepted(inputs, table, header, row) for row in rows}

    def text(rows: Iterable[tuple[str, ...]]) -> str:
        return header + "".join(f"{','.join(row)}\n" for row in rows)

    nobodys = [row for row in rows if not row[0].strip() and not accepted[row]]
    with pytest.raises(InvalidHoursError, match="of which store") as error:
        load(strict=False, **{table: text(rows)})
    assert error.value.count == len(nobodys) > 0
    with pytest.warns(UserWarning, match=table):
        inputs = load(
            strict=False, **{table: text(row for row in rows if accepted[row] or row[0].strip())}
        )
    refused = [row[0] for row in rows if not accepted[row] and row[0].strip()]
    assert inputs.rejected["store_id"].to_list() == refused
    assert inputs.extra[table].height == sum(accepted.values()) > 0
    compute_report(inputs)


def is_accepted(inputs: Inputs, table: str, header: str, row: tuple[str, ...]) -> bool:
    texts = [cell if cell.strip() else None for cell in row]
    schema = dict.fromkeys(header.strip().split(","), pl.String)
    extra: dict[str, Any] = {
        table: pl.DataFrame([texts], schema, orient="row").cast({"store_id": pl.Int64})
    }
    try:
        compute_report(*inputs, **extra)
    except InvalidHoursError:
        return False
    return True
