"""The rates of outages in a file, as `--rates` takes it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from store_uptime._csv.content import read_content
from store_uptime._csv.header import read_header
from store_uptime._csv.tables import GROUP
from store_uptime._files.find import PARQUET_ENDINGS
from store_uptime._files.paths import shown_path
from store_uptime._parquet.load import read_small
from store_uptime._tables.contract import Column, Table
from store_uptime._tables.rates import RATE_COLUMNS, read_rates
from store_uptime._tables.reading import reading_rows
from store_uptime.errors import SchemaError

# Read as texts: what is no number becomes null, which rates must not be.
_TEXTS = tuple(Column(name, GROUP, nullable=True) for name in RATE_COLUMNS)
_RATES = Table("rates", _TEXTS, SchemaError)


def load_rates(path: Path) -> pl.DataFrame:
    r"""Return the rates in a file of CSV or Parquet, checked.

    Raises
    ------
    SchemaError
        The file cannot be read, or does not hold what `fit_outage_rates` returned.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "rates.csv")
    ...     _ = file.write_text("rate,share_down,weight\n2,0.01,0.75\n0.5,0.2,0.25\n")
    ...     load_rates(file).rows()
    [(0.5, 0.2, 0.25), (2.0, 0.01, 0.75)]
    """
    if path.suffix.lower() in PARQUET_ENDINGS:
        return read_rates(read_small(_RATES, path))
    content = read_content(path, _RATES.name)
    header = read_header(_RATES, path, content)
    with reading_rows(_RATES.name, f"{shown_path(path)}: cannot be read"):
        texts = pl.read_csv(content, separator=header.separator, infer_schema=False)
    columns = {name: texts.to_series(place) for name, place in header.positions.items()}
    numbers = (text.str.strip_chars().cast(pl.Float64, strict=False) for text in columns.values())
    return read_rates(pl.DataFrame(dict(zip(columns, numbers, strict=True))))
