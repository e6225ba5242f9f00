"""The folders on which most tests of the command line run."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import TWO_POLLS, TWO_WORKDAYS, write_tables


@pytest.fixture
def two_polls(tmp_path: Path) -> Path:
    """Return a folder with three tables: one store is polled twice, one never."""
    return write_tables(tmp_path / "tables", TWO_POLLS)


@pytest.fixture
def two_workdays(tmp_path: Path) -> Path:
    """Return a folder with three tables about Monday and Tuesday, and one of regions."""
    regions = {"regions.csv": "store_id,region\n8,north\n7,south\n9,west\n"}
    return write_tables(tmp_path / "tables", TWO_WORKDAYS | regions)
