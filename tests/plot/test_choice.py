"""Which stores a chart shows, and by what names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import polars as pl
import pytest

from store_uptime import PolicyError
from store_uptime.plot.choice import choose, refuse_many

FOUR = pl.DataFrame({"store_id": [4, 1, 3, 2], "down": [5, 9, 5, 0]})


def test_few_stores_are_all_drawn_in_the_order_of_their_ids() -> None:
    found = choose(FOUR, None, 4)
    assert found.ids.to_list() == [1, 2, 3, 4]
    assert found.names == {1: "1", 2: "2", 3: "3", 4: "4"}
    assert found.told == "4 stores"


def test_of_many_stores_those_with_the_most_downtime_are_drawn() -> None:
    found = choose(FOUR, None, 2)
    assert found.ids.to_list() == [1, 3]
    assert found.told == "2 of 4 stores: those with the most downtime"
    assert choose(FOUR.reverse(), None, 3).ids.to_list() == [1, 3, 4]


def test_stores_that_are_asked_for_are_drawn_in_that_order_each_once() -> None:
    found = choose(FOUR, iter([3, 1, 3]), 1)
    assert found.ids.to_list() == [3, 1]
    assert found.told == "2 of 4 stores"
    assert choose(FOUR, pl.Series([4, 3, 2, 1]), 30).told == "4 stores"


def test_a_store_without_downtime_to_compare_is_drawn_if_asked_for() -> None:
    known = pl.concat(
        [FOUR, pl.DataFrame({"store_id": [5], "down": [None]})], how="vertical_relaxed"
    )
    assert 5 not in choose(known, None, 30).ids
    assert choose(known, [5], 30).names == {5: "5"}
    assert choose(FOUR.head(1), None, 30).told == "1 store"


def test_ids_of_19_digits_are_shown_to_the_last_one() -> None:
    most = 2**63 - 1
    known = pl.DataFrame({"store_id": [most, most - 1], "down": [0, 0]})
    assert [*choose(known, None, 30).names.values()] == [str(most - 1), str(most)]


def test_names_are_readable_and_no_two_are_alike() -> None:
    ids = ["a\nb", r"a\u000ab", "", '""', "<b>", "שלום"]
    names = choose(pl.DataFrame({"store_id": ids, "down": [0] * 6}), ids, 30).names
    assert len(set(names.values())) == 6
    assert all(name.isprintable() and name for name in names.values())
    assert (names["<b>"], names["שלום"]) == ("<b>", "שלום")


def test_uuids_name_stores_whose_ids_are_texts() -> None:
    known = pl.DataFrame({"store_id": [str(UUID(int=7))], "down": [0]})
    assert choose(known, [UUID(int=7)], 30).ids.to_list() == [str(UUID(int=7))]


@pytest.mark.parametrize("stores", ["1", [], ["1"], [1.5], [None], 1, [1, "a"], [2**70]], ids=str)
def test_what_is_no_collection_of_ids_is_refused(stores: Any) -> None:
    with pytest.raises(PolicyError, match="must be ids of stores, of the type Int64"):
        choose(FOUR, stores, 30)


def test_a_store_that_is_nowhere_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"say nothing in 2 rows \(first: 7, 8\)") as caught:
        choose(FOUR, [1, 7, 8], 30)
    assert caught.value.values == (7, 8)


@pytest.mark.parametrize("most", [0, -1, 1.5, "30", None, True])
def test_how_many_stores_is_a_whole_number_above_0(most: Any) -> None:
    with pytest.raises(PolicyError, match="whole number above 0"):
        choose(FOUR, None, most)


def test_too_many_marks_are_refused_with_how_many_stores_fit() -> None:
    refuse_many(4000, 30)
    # 30 stores with 150 marks each: 4,000 / 150 = 26.7
    with pytest.raises(PolicyError, match="About 26 of these stores fit"):
        refuse_many(4500, 30)
    with pytest.raises(PolicyError, match=r"1 store would need .* Give fewer"):
        refuse_many(9000, 1)
