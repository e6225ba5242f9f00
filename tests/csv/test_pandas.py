"""What pandas makes of ids on their way to a file."""

from __future__ import annotations

import pandas as pd
import pytest

from store_uptime import SchemaError
from support.csv_files import Load


def test_pandas_damages_ids_where_one_is_missing(load: Load) -> None:
    # Two ids of 19 digits and a gap: pandas makes floats of them, and writes those.
    column = pd.Series([8419537941919820732, 8139926242460185114, None])
    text = pd.DataFrame({"store_id": column, "timezone_str": "Etc/UTC"}).to_csv(index=False)
    assert "8.41953794191982" in text
    with pytest.raises(SchemaError, match="went through pandas"):
        load(timezones=text)
