"""What errors and warnings carry beside their text: the option they are about, and the counts."""

from __future__ import annotations

import pickle

import pytest

from store_uptime import RejectedRowsWarning, SchemaError, StoreUptimeError


def test_the_option_is_written_as_the_reader_types_it() -> None:
    error = SchemaError(
        "no file given",
        code="missing_file",
        table="hours",
        remedy="Name it: {option}.",
        option="hours=...",
    )
    assert str(error) == "hours: no file given. Name it: hours=...."
    assert error.remedy == "Name it: hours=...."
    assert error.option == "hours=..."
    assert error.text("--hours FILE") == "hours: no file given. Name it: --hours FILE."


def test_without_an_option_a_brace_is_a_brace() -> None:
    error = SchemaError(
        "no such column", code="missing_column", remedy="The columns are: {option}."
    )
    assert error.option is None
    assert str(error) == "no such column. The columns are: {option}."


@pytest.mark.parametrize("option", [None, "strict=False"])
def test_the_option_survives_pickling(option: str | None) -> None:
    error = SchemaError(
        "bad", code="bad_rows", count=2, values=[1], remedy="Or {option}.", option=option
    )
    copy: StoreUptimeError = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(copy) is SchemaError
    assert str(copy) == str(error)
    assert (copy.option, copy.count, copy.values) == (option, 2, (1,))
    assert copy.text("--lenient") == error.text("--lenient")


def test_a_warning_of_rejected_rows_has_the_counts_and_survives_pickling() -> None:
    warning = RejectedRowsWarning("left out", {"status": 3})
    assert issubclass(RejectedRowsWarning, UserWarning)
    copy: RejectedRowsWarning = pickle.loads(pickle.dumps(warning))  # noqa: S301  # our own bytes
    assert str(copy) == "left out"
    assert copy.counts == {"status": 3}
