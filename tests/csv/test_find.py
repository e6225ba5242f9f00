"""Which files `load_csv` finds in a folder, and what it says where it finds none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store_uptime import SchemaError
from store_uptime._csv.load import load_csv
from support.csv_files import (
    HOURS,
    MAINTENANCE,
    OPTIONAL,
    OPTIONAL_ROWS,
    REQUIRED,
    REQUIRED_ROWS,
    SPECIAL,
    STATUS,
    ZONES,
    ZONES_ROW,
    gzipped,
    write,
    zstd,
)

REQUIRED_NAMES = list(REQUIRED)
PACKS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzipped, ".zst": zstd}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the three files that must be there, by their usual names."""
    for name, text in {"status": STATUS, "menu_hours": HOURS, "timezones": ZONES}.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


STEMS = {
    "status": ["store_status", "status", "polls"],
    "hours": ["menu_hours", "business_hours", "store_hours", "hours"],
    "timezones": [
        "timezones",
        "timezone",
        "store_timezones",
        "store_timezone",
        "bq-results-20230125-202210-1674678181880",
    ],
}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "blanks": lambda stem: stem.replace("_", " ").title(),
    "hyphens": lambda stem: stem.replace("_", "-").upper(),
}


@pytest.mark.parametrize("ending", PACKS)
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    ("table", "stem"), [(table, stem) for table, stems in STEMS.items() for stem in stems]
)
def test_a_folder_is_searched_for_the_usual_names(
    tmp_path: Path, table: str, stem: str, spelling: str, ending: str
) -> None:
    name = f"{SPELLINGS[spelling](stem)}.{'CSV' if spelling == 'blanks' else 'csv'}{ending}"
    (tmp_path / name).write_bytes(PACKS[ending](REQUIRED[table].encode()))
    (tmp_path / "notes.csv").write_text("none of the three")
    (tmp_path / "nested" / "timezones.csv").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    others = write(elsewhere)
    del others[table]
    inputs = load_csv(tmp_path, **others)
    assert [frame.rows() for frame in inputs] == REQUIRED_ROWS


def test_a_name_goes_before_the_folder(tmp_path: Path) -> None:
    for name, text in {"status.csv": STATUS, "menu_hours.csv": HOURS}.items():
        (tmp_path / name).write_text(text)
    for name in ("timezones.csv", "timezones.csv.gz"):
        (tmp_path / name).write_text("two of them, and neither is read")
    named = tmp_path / "mine.txt"
    named.write_text(ZONES)
    assert load_csv(str(tmp_path), timezones=str(named)).timezones.rows() == [ZONES_ROW]


def test_a_missing_file_is_told_with_what_was_looked_for_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "my polls.csv").write_text(STATUS)
    with pytest.raises(SchemaError) as caught:
        load_csv(tmp_path)
    assert caught.value.table == "status"
    for part in (str(tmp_path), "store_status.csv", "polls.csv", "my polls.csv", "status=..."):
        assert part in str(caught.value)
    assert "a list or a pattern" in str(caught.value)


@pytest.mark.parametrize("table", ["hours", "timezones"])
def test_a_missing_table_may_be_said_not_to_be(folder: Path, table: str) -> None:
    next(folder.glob("*hours*" if table == "hours" else "timezones*")).unlink()
    with pytest.raises(SchemaError, match=f"{table}=False that there is none") as caught:
        load_csv(folder)
    assert caught.value.option == f"{table}=False"
    absent: dict[str, Any] = {table: False}
    inputs = load_csv(folder, **absent)
    schema = load_csv(**write(folder))[REQUIRED_NAMES.index(table)].schema
    assert inputs[REQUIRED_NAMES.index(table)].schema == schema
    assert inputs[REQUIRED_NAMES.index(table)].is_empty()
    assert inputs.status.height == 1


def test_a_table_that_is_said_not_to_be_is_not_looked_for(folder: Path) -> None:
    (folder / "special_hours.csv").write_text("not read")
    (folder / "maintenance.csv").write_text("nor this")
    inputs = load_csv(folder, hours=False, special_hours=False, maintenance=False)
    assert [frame.height for frame in inputs] == [1, 0, 1]
    assert inputs.extra == {}


def test_there_must_be_polls(folder: Path) -> None:
    none: Any = False
    with pytest.raises(SchemaError, match="a bool is not a path"):
        load_csv(folder, status=none)


def test_a_long_list_of_files_is_cut(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"file{number:02}.csv").touch()
    with pytest.raises(SchemaError, match=r"file11\.csv, \.\.\. \(30 in all\)") as caught:
        load_csv(tmp_path)
    assert "file12" not in str(caught.value)


def test_an_empty_folder_holds_no_files(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="the folder holds: none"):
        load_csv(tmp_path)


def test_two_files_for_one_table_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "store_status.csv").write_text(STATUS)
    (tmp_path / "Store Status.csv.gz").write_bytes(gzipped(STATUS.encode()))
    with pytest.raises(SchemaError, match="2 files for this table") as caught:
        load_csv(tmp_path)
    assert caught.value.values == ("Store Status.csv.gz", "store_status.csv")


def test_a_table_without_file_and_folder_is_an_error(tmp_path: Path) -> None:
    paths = write(tmp_path)
    with pytest.raises(SchemaError, match=r"hours: no file given.*hours=False") as caught:
        load_csv(status=paths["status"], timezones=paths["timezones"])
    assert caught.value.option == "hours=False"
    assert "or say by --no-hours that" in caught.value.text("--no-hours")
    with pytest.raises(SchemaError, match=r"status: no file given.*status=\.\.\.") as caught:
        load_csv()
    assert caught.value.option == "status=..."


@pytest.mark.parametrize("name", ["absent", "s3:/bucket", "~", "*.csv", "a" * 300])
def test_a_path_to_nothing_is_one_clear_error(tmp_path: Path, name: str) -> None:
    paths = write(tmp_path)
    with pytest.raises(SchemaError) as caught:
        load_csv(**{**paths, "hours": tmp_path / name})
    assert str(tmp_path / name) in str(caught.value)
    assert caught.value.table == "hours"


def test_a_folder_in_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="not a file"):
        load_csv(**{**write(tmp_path), "hours": tmp_path})


@pytest.mark.parametrize("name", ["absent", "status-of-test.csv"])
def test_a_folder_that_is_none_is_one_clear_error(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    with pytest.raises(SchemaError, match="not a readable folder"):
        load_csv(tmp_path / name)


def test_without_such_files_there_is_nothing_extra(folder: Path) -> None:
    assert load_csv(folder).extra == {}
    paths = {"status": "status", "hours": "menu_hours", "timezones": "timezones"}
    named: dict[str, Any] = {table: folder / f"{stem}.csv" for table, stem in paths.items()}
    assert load_csv(**named).extra == {}


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("special_hours.csv", "special_hours"),
        ("Special Hours 2023.CSV.gz", "special_hours"),
        ("maintenance.csv", "maintenance"),
        ("special-hours.csv", "special_hours"),
        ("Maintenance-Windows.csv.gz", "maintenance"),
        ("maintenance_hours.csv", "maintenance_hours"),
        ("Maintenance-Hours.CSV", "maintenance_hours"),
        ("maintenance hours 2023.csv.gz", "maintenance_hours"),
    ],
)
def test_one_optional_file_in_the_folder_is_one_extra_table(
    folder: Path, name: str, table: str
) -> None:
    data = OPTIONAL[table].encode()
    (folder / name).write_bytes(gzipped(data) if name.endswith(".gz") else data)
    inputs = load_csv(folder)
    assert {name: frame.rows() for name, frame in inputs.extra.items()} == {
        table: OPTIONAL_ROWS[table]
    }
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
            status=folder / "status.csv",
            hours=folder / "menu_hours.csv",
            timezones=folder / "timezones.csv",
            **named,
        ),
    ):
        assert inputs.extra["special_hours"].rows() == OPTIONAL_ROWS["special_hours"]
        assert inputs.extra["maintenance"].rows() == OPTIONAL_ROWS["maintenance"]


def test_two_files_for_an_optional_table_are_an_error(folder: Path) -> None:
    (folder / "special_hours_2022.csv").write_text(SPECIAL)
    (folder / "special_hours_2023.csv").write_text(SPECIAL)
    with pytest.raises(
        SchemaError, match=r"2 files for this table.*special_hours\*\.csv"
    ) as caught:
        load_csv(folder)
    assert caught.value.table == "special_hours"
    assert caught.value.values == ("special_hours_2022.csv", "special_hours_2023.csv")


@pytest.mark.parametrize("name", ["maintenance_hours.csv", "Maintenance Hours.csv.gz"])
def test_recurring_maintenance_is_a_table_of_its_own(folder: Path, name: str) -> None:
    pack = PACKS[".gz" if name.endswith(".gz") else ""]
    (folder / name).write_bytes(pack(OPTIONAL["maintenance_hours"].encode()))
    assert list(load_csv(folder).extra) == ["maintenance_hours"]
    (folder / "maintenance.csv").write_text(MAINTENANCE)
    extra = load_csv(folder).extra
    assert list(extra) == ["maintenance", "maintenance_hours"]
    assert all(frame.rows() == OPTIONAL_ROWS[table] for table, frame in extra.items())
    assert list(load_csv(folder, maintenance_hours=False).extra) == ["maintenance"]
    assert list(load_csv(folder, maintenance=False).extra) == ["maintenance_hours"]
    (folder / "maintenance-hours-old.csv").touch()
    with pytest.raises(SchemaError, match=r"2 files for this table.*maintenance_hours\*\.csv"):
        load_csv(folder)
    assert list(load_csv(folder, maintenance_hours=folder / name).extra) == list(extra)


def test_an_optional_file_that_is_named_must_be_there(folder: Path) -> None:
    with pytest.raises(SchemaError, match=r"^maintenance: .*absent\.csv: no such file"):
        load_csv(folder, maintenance=folder / "absent.csv")
