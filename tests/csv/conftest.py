"""Files to load: one good row of each of the three tables, but for what a test gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from store_uptime import Inputs
from store_uptime._csv.load import load_csv
from support.csv_files import Load, write


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load files of these texts."""

    def load(*, strict: bool = True, **texts: str | bytes) -> Inputs:
        return load_csv(strict=strict, **write(tmp_path, **texts))

    return load


@pytest.fixture
def lenient(load: Load) -> Load:
    """Load leniently, and expect the warning that rows were left out."""

    def lenient(**texts: str | bytes) -> Inputs:
        with pytest.warns(UserWarning, match="left out"):
            return load(strict=False, **texts)

    return lenient
