"""Ids come out as they stand in the files, or the load says that they are damaged."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from store_uptime import SchemaError
from store_uptime._csv import records
from support.csv_files import (
    ID,
    OPTIONAL,
    REQUIRED,
    TEXTS,
    Load,
    ids,
    maintenance,
    poll,
    polls,
    special,
    weekly,
)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0, 8139926242460185114])
def test_integers_stay_exact(load: Load, number: int) -> None:
    assert ids(load(status=polls(poll(number))).status) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "007",
        "+5",
        "-0",
        "9223372036854775808",
        "12345678901234567890",
        "d84a4552-3668-4075-ad1d-16840294f818",
        "12e7",
        "1_000",
        " 1",
        "naïve",
        "é\u00a0\U0001f600",
    ],
)
@pytest.mark.parametrize("table", ["status", "hours", "timezones"])
def test_one_id_that_is_no_plain_integer_makes_all_ids_strings(
    load: Load, table: str, text: str
) -> None:
    rows = REQUIRED[table].splitlines()
    texts = {table: "\n".join([*rows, rows[1].replace(str(ID), text)])}
    inputs = load(**texts)
    for name, frame in zip(REQUIRED, inputs, strict=True):
        assert frame.schema["store_id"] == pl.String
        assert ids(frame) == ([str(ID), text] if name == table else [str(ID)])


def test_batches_of_integers_and_of_strings_become_strings(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 1)
    assert ids(load(status=polls(poll(12), poll("012"), poll(12))).status) == ["12", "012", "12"]


SPREADSHEET = "went through a spreadsheet, which wrote them as decimal numbers"
PANDAS = "went through pandas, or a program like it, which held them as floats"
DAMAGED = {
    "8.13992E+018": SPREADSHEET,
    "8.41954E+18": SPREADSHEET,
    "8E+18": SPREADSHEET,
    '"8,13992E+018"': SPREADSHEET,
    "8419537941919820732.0": PANDAS,
    "8.41953794191982e+18": PANDAS,
    "8.13992e18": PANDAS,
    "123.0": PANDAS,
    "123.": PANDAS,
    "-1.5": PANDAS,
    "+1.0": PANDAS,
}


@pytest.mark.parametrize("text", DAMAGED)
@pytest.mark.parametrize("strict", [True, False])
def test_ids_written_as_decimal_numbers_are_refused(load: Load, text: str, *, strict: bool) -> None:
    status = polls("\n", poll(1), poll(text), poll(text))
    with pytest.raises(SchemaError, match=DAMAGED[text]) as caught:
        load(status=status, strict=strict)
    assert "status-of-test.csv, line 5" in str(caught.value)
    assert (caught.value.table, caught.value.column) == ("status", "store_id")
    assert caught.value.count == 2
    assert caught.value.values == (text.strip('"'),) * 2
    assert ("dtype={'store_id': 'string'}" in str(caught.value)) == (DAMAGED[text] == PANDAS)


@pytest.mark.parametrize("strict", [True, False])
def test_long_ids_that_all_end_in_zeros_are_refused(load: Load, *, strict: bool) -> None:
    text = polls(poll(7), poll(1481966498820150000), poll(349396324602055000))
    with pytest.raises(
        SchemaError, match="spreadsheet, which wrote them as numbers of 15"
    ) as caught:
        load(status=text, strict=strict)
    assert "status-of-test.csv, line 3" in str(caught.value)
    assert caught.value.count == 2


@pytest.mark.parametrize(
    "stores",
    [
        [1481966498820150000],
        [1481966498820150000, 1481966498820150000],
        [1481966498820150000, 579100056021594000, 8139926242460185114],
        [1481966498820150000, 579100056021594001],
        [123456789012340, 123456789012350],
        ["0000000000001200", "0000000000003400"],
    ],
)
def test_honest_ids_may_end_in_zeros(
    load: Load, stores: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 1)
    assert list(map(str, ids(load(status=polls(*map(poll, stores))).status))) == [*map(str, stores)]


@pytest.mark.parametrize("strict", [True, False])
def test_damaged_ids_are_told_before_bad_rows(load: Load, *, strict: bool) -> None:
    text = polls("1", "1,on,never", ",active,", "2.0,on,never")
    with pytest.raises(SchemaError, match="line 5: the ids went through pandas"):
        load(status=text, strict=strict)


def test_a_refused_row_does_not_decide_on_the_kind_of_ids(lenient: Load) -> None:
    inputs = lenient(status=polls(poll(1), "nonsense", "nonsense,active,never", "2.5"))
    assert ids(inputs.status) == [1]


def test_a_table_copied_through_a_spreadsheet_is_refused(load: Load) -> None:
    stores = [1481966498820158979, 3493963246020554876, 579100056021594123]
    rows = [f"{store - store % 10 ** (len(str(store)) - 15)},4,0:00:00,0:10:00" for store in stores]
    hours = "\r\n".join(["store_id,day,start_time_local,end_time_local", *rows, ""])
    with pytest.raises(SchemaError, match="spreadsheet"):
        load(hours=hours)
    zones = "\n".join(["store_id,timezone_str", *(f"{store:.14E},Etc/UTC" for store in stores)])
    with pytest.raises(SchemaError, match="spreadsheet"):
        load(timezones=zones)


def test_rows_for_every_store_do_not_decide_on_the_kind_of_ids(load: Load) -> None:
    texts = {
        "special_hours": special(",2023-12-25,,"),
        "maintenance": maintenance(",2023-01-23 00:00:00,2023-01-23 00:15:00"),
        "maintenance_hours": weekly(",0,02:00,03:00,,"),
    }
    for dtype, zone in ((pl.Int64, f"{ID},Etc/UTC"), (pl.String, "a-7,Etc/UTC")):
        inputs = load(timezones=f"store_id,timezone_str\n{zone}\n", **texts)
        for frame in (*inputs, *inputs.extra.values()):
            assert frame.schema["store_id"] == dtype
        for frame in inputs.extra.values():
            assert ids(frame) == [None]


@pytest.mark.parametrize("text", ["007", "d84a4552-3668-4075-ad1d-16840294f818", str(2**63)])
@pytest.mark.parametrize("table", OPTIONAL)
def test_one_id_in_an_optional_table_makes_all_ids_strings(
    load: Load, table: str, text: str
) -> None:
    inputs = load(**{**OPTIONAL, table: OPTIONAL[table].replace(str(ID), text)})
    for name, frame in (*enumerate(inputs), *inputs.extra.items()):
        assert frame["store_id"].drop_nulls().to_list() == [text if name == table else str(ID)]
    assert ids(inputs.extra[table]) == [text, None]


def test_uuids_are_ids_in_all_tables(load: Load) -> None:
    uuid = "d84a4552-3668-4075-ad1d-16840294f818"
    inputs = load(**{table: text.replace(str(ID), uuid) for table, text in TEXTS.items()})
    for frame in (*inputs, *inputs.extra.values()):
        assert frame["store_id"].drop_nulls().to_list() == [uuid]


@pytest.mark.parametrize("strict", [True, False])
def test_damaged_ids_in_an_optional_table_are_refused(load: Load, *, strict: bool) -> None:
    text = special(",2023-12-25,,", "8.13993E+18,2023-12-26,,")
    with pytest.raises(SchemaError, match=r"special_hours-of-test\.csv, line 3: .*spreadsheet"):
        load(special_hours=text, strict=strict)
    text = weekly(",0,02:00,03:00,,", "12.0,0,02:00,03:00,,")
    with pytest.raises(SchemaError, match=r"maintenance_hours-of-test\.csv, line 3: .*pandas"):
        load(maintenance_hours=text, strict=strict)
