"""What stands between the fields is told by the header."""

from __future__ import annotations

from pathlib import Path

import pytest

from store_uptime import InvalidStatusError, SchemaError
from store_uptime._csv.groups import read_groups
from support.csv_files import (
    HOUR,
    HOURS,
    OPTIONAL,
    OPTIONAL_ROWS,
    REQUIRED,
    REQUIRED_ROWS,
    ZONES,
    Load,
    ids,
    poll,
    polls,
)

SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "vertical bar": "|"}


@pytest.mark.parametrize("sign", SIGNS)
def test_every_table_may_be_separated_by_each_sign(load: Load, sign: str) -> None:
    texts = {
        table: text.replace(",", SIGNS[sign]) for table, text in {**REQUIRED, **OPTIONAL}.items()
    }
    inputs = load(**texts)
    assert [frame.rows() for frame in inputs] == REQUIRED_ROWS
    assert {name: frame.rows() for name, frame in inputs.extra.items()} == OPTIONAL_ROWS


def test_each_table_may_have_its_own(load: Load) -> None:
    inputs = load(hours=HOURS.replace(",", ";"), timezones=ZONES.replace(",", "\t"))
    assert [frame.rows() for frame in inputs] == REQUIRED_ROWS


@pytest.mark.parametrize("sign", SIGNS)
def test_faults_are_told_by_line_whatever_the_sign(load: Load, sign: str) -> None:
    text = polls(poll(1), "2,active", '3,"active', f'"4",{poll(4)[2:]}', "5,on,")
    with pytest.raises(InvalidStatusError) as caught:
        load(status=text.replace(",", SIGNS[sign]))
    message = str(caught.value)
    assert "wrong number of fields: 2 instead of 3 (line 3); quote out of place (line 4)" in message
    assert "Put values that hold the separator or a quote in quotes" in message
    assert caught.value.count == 3


@pytest.mark.parametrize("sign", SIGNS)
def test_a_value_in_quotes_may_hold_the_sign(load: Load, sign: str) -> None:
    separator = SIGNS[sign]
    rows = [
        ["note", "store_id", "timezone_str"],
        [f'"a{separator}b"', f'"x{separator}"', "Etc/UTC"],
    ]
    text = "".join(f"{separator.join(row)}\n" for row in rows)
    assert ids(load(timezones=text).timezones) == [f"x{separator}"]


def test_other_signs_are_text(load: Load) -> None:
    text = "store_id;timezone_str\n1,2|3\t4;Etc/UTC\n"
    assert ids(load(timezones=text).timezones) == ["1,2|3\t4"]


def test_tabs_alone_are_a_record_of_nothing(load: Load) -> None:
    text = polls(poll(1), ",,").replace(",", "\t")
    with pytest.raises(InvalidStatusError, match=r"null id \(line 3\) in 1 row"):
        load(status=text)
    assert ids(load(status=polls(poll(1), " ").replace(",", "\t")).status) == [1]


def test_the_columns_must_stand_in_the_header_by_one_sign(load: Load) -> None:
    # By either sign there is a `store_id` and a `timezone_str`, in other columns.
    text = "store_id,timezone_str,x;store_id;timezone_str\n1,Etc/UTC,2;3;Etc/UTC\n"
    with pytest.raises(
        SchemaError, match="all columns between commas, and also between semicolons"
    ):
        load(timezones=text)


def test_columns_that_need_not_be_there_do_not_decide(load: Load) -> None:
    names = "store_id,day,start_time_local,end_time_local"
    dates = '"valid_from;valid_until"'
    hours = load(hours=f"{names},{dates}\n1,0,09:00,17:00,x\n").hours
    assert hours.rows() == [(1, 0, 9 * HOUR, 17 * HOUR)]
    both = f"{names},x;{names.replace(',', ';')};valid_from;y\n"
    with pytest.raises(SchemaError, match=r"all columns between semicolons, and also .* commas"):
        load(hours=both)


def test_a_header_of_no_sign_is_told_by_the_one_that_finds_most(load: Load) -> None:
    with pytest.raises(SchemaError, match="columns, by tabs, are store_id, zone, note") as caught:
        load(timezones="store_id\tzone\tnote, short\n")
    assert caught.value.column == "timezone_str"
    with pytest.raises(SchemaError, match="columns, by commas, are store_id timezone_str"):
        load(timezones="store_id timezone_str\n")


def test_groups_are_read_by_each_sign(tmp_path: Path) -> None:
    for sign, separator in SIGNS.items():
        path = tmp_path / f"{sign}.csv"
        text = 'region,store_id,"brand, long"\nnorth,7,x\n'
        path.write_text(text.replace('"brand, long"', "brand").replace(",", separator))
        groups, _ = read_groups(path)
        assert groups.columns == ["store_id", "region", "brand"]
        assert groups.rows() == [("7", "north", "x")]


@pytest.mark.parametrize(
    "header", ["x" * 5_000_000, ",".join(f"column {n}" for n in range(20_000))]
)
def test_a_header_of_any_length_has_a_short_message(
    load: Load, header: str, tmp_path: Path
) -> None:
    (tmp_path / "long.csv").write_text(f"{header}\n1\n")
    with pytest.raises(SchemaError, match="no such column") as caught:
        load(status=f"{header}\n1\n")
    assert len(str(caught.value)) < 2_000
    with pytest.raises(SchemaError) as caught:
        read_groups(tmp_path / "long.csv")
    assert len(str(caught.value)) < 2_000
