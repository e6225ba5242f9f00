"""Every row of a file is either kept or refused: none is gone without a word.

The rows are drawn from the contract, so that a new column, or a new check of rows, is tried out
with every mixture of good, empty and unusable values.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from store_uptime import RejectedRowsWarning, load_csv
from store_uptime._tables.contract import DATE, INSTANT, STATUS, TABLES, TIME, WEEKDAY, ZONE, Table
from support.csv_files import write
from support.strategies import examples

EMPTY = ["", " "]
TEXTS = {
    INSTANT: ["2023-01-22 12:00:00", "2023-01-22 13:00:00+05:30", "0000-01-01 00:00:00", "never"],
    STATUS: ["active", "off"],
    WEEKDAY: ["0", "Sun", "8"],
    TIME: ["09:00", "24:00", "9 am"],
    DATE: ["2023-01-22", "2023-01-21", "2023-02-30"],
    ZONE: ["Etc/UTC", "Mars/Olympus"],
}
Row = tuple[str, ...]


@st.composite
def drawn_tables(draw: st.DrawFn, table: Table) -> tuple[list[str], list[Row]]:
    """Draw columns and rows, each row of a store of its own."""
    _, *others = table.columns
    columns = [each for each in others if not each.optional or draw(st.booleans())]
    cells = [st.sampled_from(EMPTY + TEXTS[each.kind]) for each in columns]
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=12))
    header = ["store_id", *(each.name for each in columns)]
    return header, [(str(number), *row) for number, row in enumerate(rows)]


@examples(120)
@given(st.data())
def test_every_row_is_kept_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(TABLES)))
    header, rows = data.draw(drawn_tables(TABLES[name]))
    text = "".join(f"{','.join(row)}\n" for row in [header, *rows])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", RejectedRowsWarning)
        inputs = load_csv(**write(Path(folder), **{name: text}), strict=False)
    tables = {"status": inputs.status, "hours": inputs.hours, "timezones": inputs.timezones}
    kept = (tables | dict(inputs.extra))[name]
    refused = inputs.rejected.filter(table=name)
    assert sorted([*kept["store_id"].to_list(), *map(int, refused["store_id"])]) == [
        *range(len(rows))
    ]
    assert "" not in refused["reason"].fill_null("").to_list()
