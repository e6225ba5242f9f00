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
from support.csv_files import Load, files, ids, integers, poll, polls, write, zone_rows
from support.strategies import examples


def note(store: int, text: str = "x") -> str:
    return f"{poll(store)},{text}"


def noted(*rows: str) -> str:
    return "store_id,status,timestamp_utc,note\n" + "".join(f"{row}\n" for row in rows)


def test_line_numbers_count_blank_lines_and_quoted_line_breaks(lenient: Load) -> None:
    inputs = lenient(status=noted("", note(1, '"a\n\nb"'), "", '2,on,,"c\nd"', note(3), "4,on,,y"))
    assert ids(inputs.status) == [1, 3]
    assert inputs.rejected.select("line", "text").rows() == [(7, '2,on,,"c\nd"'), (10, "4,on,,y")]


def test_a_stray_quote_swallows_nothing(lenient: Load) -> None:
    inputs = lenient(status=noted(note(1, '"a'), note(2), note(3)))
    assert ids(inputs.status) == [2, 3]
    assert inputs.rejected["line"].to_list() == [2]


def test_two_stray_quotes_swallow_nothing(lenient: Load) -> None:
    rows = ['1,"active,2023-01-22 12:00:00,a', note(2), '3,active",2023-01-22 12:00:00,c', note(4)]
    inputs = lenient(status=noted(*rows))
    assert ids(inputs.status) == [2, 4]
    assert inputs.rejected["line"].to_list() == [2, 4]


def test_a_quoted_line_break_may_follow_a_stray_quote(lenient: Load) -> None:
    inputs = lenient(status=noted(note(1, 'a"b'), note(2, '"c\nd"'), note(3)))
    assert ids(inputs.status) == [2, 3]
    assert inputs.rejected["line"].to_list() == [2]


def test_a_record_of_too_few_fields_may_have_a_line_break(lenient: Load) -> None:
    text = f'note,store_id,status,timestamp_utc\n"a\nb"\n"c\nd",{poll(1)}\n'
    inputs = lenient(status=text)
    assert ids(inputs.status) == [1]
    assert inputs.rejected.select("line", "text").rows() == [(2, '"a\nb"')]


def test_a_quoted_field_has_a_limited_number_of_lines(
    lenient: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_MOST_LINES", 3)
    inputs = lenient(status=noted(note(1, '"a\nb\nc"'), note(2, '"a\nb\nc\nd"')))
    assert ids(inputs.status) == [1]
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


SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("block", PLAIN.values(), ids=PLAIN)
def test_plain_records_are_read_by_polars(block: str, sign: str) -> None:
    block = block.replace("\t", "").replace(",", SIGNS[sign])
    plain = records.read_plain(f"\n{block}".encode(), ["0", "1", "2"], SIGNS[sign])
    assert plain is not None
    assert plain["text"].to_list() == block.replace("\r\n", "\n").removesuffix("\n").split("\n")
    assert plain["fault"].null_count() == plain.height
    by_line = read(f"a,b,c\n{block}", 3, SIGNS[sign], by_polars=False)
    assert plain.equals(by_line.drop("line"))


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("block", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_no_other_lines_are_read_by_polars(block: str, sign: str) -> None:
    block = block.replace(",", SIGNS[sign])
    assert records.read_plain(f"\n{block}".encode(), ["0", "1", "2"], SIGNS[sign]) is None


def test_a_record_may_have_very_many_fields_in_quotes() -> None:
    line = ",".join(['"a"'] * 20_000)
    many = read(f"{line}\n{line}\n", 20_000, ",")
    assert many.row(0)[1:5] == (line, None, "a", "a")


def read(
    text: str, width: int, separator: str, *, by_polars: bool = True, block: int = 4_000_000
) -> pl.DataFrame:
    """Return the records behind the first line; all of them line by line, if not `by_polars`."""
    content = text.encode()
    first = records.find_first_line(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_BLOCK_BYTES", block)
        if not by_polars:
            patch.setattr(records, "read_plain", lambda *_: None)
        needed = [0, width - 1]
        return pl.concat(records.read_records(content, first, separator, width, needed))


def pieces_between(separator: str) -> st.SearchStrategy[str]:
    """Return texts in which much can go wrong between fields that are so separated."""
    usual = ["1", "\n", "\r", "é", " ", "\0", "\ufeff", "x^", '""', '"', "\r\n", "\n\n", ",", "\t"]
    fields = [",", ",,", '","', ",\n", '1,"2"\n', "3,4\n", '"5",6\r\n']
    own = [field.replace(",", separator) for field in fields]
    return st.lists(st.sampled_from([*usual, *own]), max_size=14).map("".join)


@examples(300)
@given(st.data(), st.sampled_from([*SIGNS.values()]), st.integers(1, 3), st.integers(1, 16))
def test_both_ways_to_read_agree_in_blocks_of_any_size(
    data: st.DataObject, separator: str, width: int, block: int
) -> None:
    text = f"header\n{data.draw(pieces_between(separator))}"
    by_line = read(text, width, separator, by_polars=False)
    assert read(text, width, separator).equals(by_line)
    assert read(text, width, separator, block=block).equals(by_line)


@examples(60)
@given(st.data())
def test_both_ways_load_the_same_tables(data: st.DataObject) -> None:
    zones = data.draw(zone_rows(integers))
    content = data.draw(files(["store_id", "timezone_str"], zones))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        paths = write(Path(folder), timezones=content)
        loaded = load_csv(**paths).timezones
        patch.setattr(records, "read_plain", lambda *_: None)
        assert load_csv(**paths).timezones.equals(loaded)
    assert loaded.rows() == zones


# Half of these lines are polls, and the others are what they come to be by accidents.
lines = st.one_of(
    st.sampled_from([poll(1), f'"7",{poll(2)[2:]}', poll(7), "", " ", '7,"']),
    st.text(alphabet='17",\n\r \ufeffé', max_size=12),
)


@examples(100)
@given(st.lists(lines, max_size=8).map("\n".join))
def test_every_line_is_kept_or_returned(text: str) -> None:
    whole = {
        number: line.removesuffix("\r")
        for number, line in enumerate(f"{text}\n".split("\n"), start=2)
        if line.strip()
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inputs = load_csv(strict=False, **write(Path(folder), status=f"{polls()}{text}"))
    rejected = {
        line + place: part
        for line, record in inputs.rejected.select("line", "text").rows()
        for place, part in enumerate(record.split("\n"))
        if part.strip()
    }
    assert rejected.items() <= whole.items()
    assert len(rejected) + inputs.status.height == len(whole)
