"""Which lines are records, and that no row is lost in quotes or between two ways to read."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime._csv import records
from store_uptime._csv.load import load_csv
from support.csv_files import ZONE_NAMES, ZONES, Load, files, ids, integers, write
from support.strategies import examples

NOTES = "store_id,timezone_str,note\n"


def test_line_numbers_count_blank_lines_and_quoted_line_breaks(lenient: Load) -> None:
    text = NOTES + '\n1,Etc/UTC,"a\n\nb"\n\n2,Mars/A,"c\nd"\n3,Etc/UTC,x\n4,Mars/B,y\n'
    inputs = lenient(timezones=text)
    assert ids(inputs.timezones) == [1, 3]
    assert inputs.rejected.select("line", "text").rows() == [
        (7, '2,Mars/A,"c\nd"'),
        (10, "4,Mars/B,y"),
    ]


def test_a_stray_quote_swallows_nothing(lenient: Load) -> None:
    inputs = lenient(timezones=NOTES + '1,Etc/UTC,"a\n2,Etc/UTC,b\n3,Etc/UTC,c\n')
    assert ids(inputs.timezones) == [2, 3]
    assert inputs.rejected["line"].to_list() == [2]


def test_two_stray_quotes_swallow_nothing(lenient: Load) -> None:
    inputs = lenient(timezones=NOTES + '1,"Etc/UTC,a\n2,Etc/UTC,b\n3,Etc/UTC",c\n4,Etc/UTC,d\n')
    assert ids(inputs.timezones) == [2, 4]
    assert inputs.rejected["line"].to_list() == [2, 4]


def test_a_quoted_line_break_may_follow_a_stray_quote(lenient: Load) -> None:
    inputs = lenient(timezones=NOTES + '1,Etc/UTC,a"b\n2,Etc/UTC,"c\nd"\n3,Etc/UTC,e\n')
    assert ids(inputs.timezones) == [2, 3]
    assert inputs.rejected["line"].to_list() == [2]


def test_a_record_of_too_few_fields_may_have_a_line_break(lenient: Load) -> None:
    inputs = lenient(timezones='note,store_id,timezone_str\n"a\nb"\n"c\nd",1,Etc/UTC\n')
    assert ids(inputs.timezones) == [1]
    assert inputs.rejected.select("line", "text").rows() == [(2, '"a\nb"')]


def test_a_quoted_field_has_a_limited_number_of_lines(
    lenient: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_MOST_LINES", 3)
    inputs = lenient(timezones=NOTES + '1,Etc/UTC,"a\nb\nc"\n2,Etc/UTC,"a\nb\nc\nd"\n')
    assert ids(inputs.timezones) == [1]
    assert inputs.rejected["line"].to_list() == [5, 6, 7, 8]


PLAIN = {
    "bare": "1,a,\n2,,b\n",
    "no line end at the end": "1,a,b\n2,c,",
    "quoted": '"1","a, b",""\n2,c,","\n',
    "Windows line ends": '1,a,"b"\r\n2,c,\r\n',
    "blanks and quotes of another kind": "1, 'a' ,\t\n",
    "what looks like an archive": "x^,a,\n\x01\x0b,a,b\n",
}
NOT_PLAIN = {
    "a field is missing": "1,a,b\n2,c\n",
    "a field too many": "1,a,b\n2,c,d,\n",
    "too many and too few": "1,a\n2,c,d,e\n",
    "a blank line": "1,a,b\n\n2,c,d\n",
    "a line of blanks": "1,a,b\n \n",
    "a line break in quotes": '1,a,"b\nc"\n',
    "a doubled quote": '1,a,"b""c"\n',
    "a quote in a field": '1,a"b,c\n',
    "two quotes in fields": '1,a"b,c"\n',
    "text behind a quote": '1,"a"b,c\n',
    "a blank before a quote": '1, "a",b\n',
    "an open quote": '1,a,"b\n',
    "a quote alone": '1,a,"',
    "three quotes": '1,a,"""\n',
    "quotes side by side": '1,"",""a""\n',
    "a carriage return in a line": "1,a\r,b\n",
    "a byte-order mark": "\ufeff1,a,b\n",
    "nothing but a byte-order mark": "\ufeff",
    "two carriage returns": "1,a,b\r\r\n",
}


@pytest.mark.parametrize("block", PLAIN.values(), ids=PLAIN)
def test_plain_records_are_read_by_polars(block: str) -> None:
    plain = records.read_plain(f"\n{block}".encode(), ["0", "1", "2"])
    assert plain is not None
    assert plain["text"].to_list() == block.replace("\r\n", "\n").removesuffix("\n").split("\n")
    assert plain["fault"].null_count() == plain.height
    assert plain.equals(read(f"a,b,c\n{block}", by_polars=False).drop("line"))


@pytest.mark.parametrize("block", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_no_other_lines_are_read_by_polars(block: str) -> None:
    assert records.read_plain(f"\n{block}".encode(), ["0", "1", "2"]) is None


def read(text: str, *, by_polars: bool = True, block: int = 4_000_000) -> pl.DataFrame:
    """Return the records behind the header; all of them line by line, if not `by_polars`."""
    content = text.encode()
    header = records.read_header(content)
    assert header.fields is not None
    width = len(header.fields)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_BLOCK_BYTES", block)
        if not by_polars:
            patch.setattr(records, "read_plain", lambda *_: None)
        return pl.concat(records.read_records(content, header, width, [0, width - 1]))


PIECES = [
    *'1,"\n\ré \0\ufeff',
    "x^",
    ",,",
    '""',
    '","',
    "\r\n",
    "\n\n",
    ",\n",
    '1,"2"\n',
    "3,4\n",
    '"5",6\r\n',
]
pieces = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@examples(300)
@given(st.sampled_from(["a", "a,b", "a,b,c"]), pieces, st.integers(1, 16))
def test_both_ways_to_read_agree_in_blocks_of_any_size(header: str, text: str, block: int) -> None:
    text = f"{header}\n{text}"
    by_line = read(text, by_polars=False)
    assert read(text).equals(by_line)
    assert read(text, block=block).equals(by_line)


@examples(60)
@given(st.data())
def test_both_ways_load_the_same_tables(data: st.DataObject) -> None:
    zones = data.draw(st.lists(st.tuples(integers, st.sampled_from(ZONE_NAMES)), max_size=9))
    content = data.draw(files(["store_id", "timezone_str"], zones))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        paths = write(Path(folder), timezones=content)
        loaded = load_csv(**paths).timezones
        patch.setattr(records, "read_plain", lambda *_: None)
        assert load_csv(**paths).timezones.equals(loaded)
    assert loaded.rows() == zones


@examples(100)
@given(st.text(alphabet='17",\n\r \ufeffé', max_size=60))
def test_every_line_is_kept_or_returned(text: str) -> None:
    lines = {
        number: line.removesuffix("\r")
        for number, line in enumerate(f"{text}\n".split("\n"), start=2)
        if line.strip()
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inputs = load_csv(strict=False, **write(Path(folder), timezones=f"{ZONES[:22]}{text}"))
    rejected = {
        line + place: part
        for line, record in inputs.rejected.select("line", "text").rows()
        for place, part in enumerate(record.split("\n"))
        if part.strip()
    }
    assert rejected.items() <= lines.items()
    assert len(rejected) + inputs.timezones.height == len(lines)
