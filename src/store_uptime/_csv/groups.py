"""Read from a CSV file which store belongs to which groups."""

from __future__ import annotations

import polars as pl

from store_uptime._csv.content import read_content
from store_uptime._csv.header import read_header
from store_uptime._csv.rows import read_table
from store_uptime._csv.tables import GROUP
from store_uptime._files.paths import FilePath, as_path
from store_uptime._tables.contract import ID, Column, Table
from store_uptime.errors import SchemaError

_BY = "by"


def read_groups(path: FilePath, *, strict: bool = True) -> tuple[pl.DataFrame, pl.DataFrame]:
    r"""Read a table of stores and their groups, as `summarize` takes it.

    The file is one that `load_csv` would read. All columns beside `store_id` are groups; one
    without a name is ignored.

    Parameters
    ----------
    path
        The file.
    strict
        As for `load_csv`.

    Returns
    -------
    tuple
        The table: `store_id` (String, never null) and the groups (String, null where the field is
        empty), in the order of the file. And the rows that were left out, as `Inputs.rejected`.

    Raises
    ------
    SchemaError
        The file cannot be read, has no header, two columns of one name, or ids that went through
        a spreadsheet; if `strict`, a row with a wrong number of fields or without an id.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "regions.csv")
    ...     _ = file.write_text("store_id,region\n7,north\n007,\n")
    ...     read_groups(file)[0].rows()
    [('7', 'north'), ('007', None)]
    """
    file, ids = as_path(path, _BY), Table(_BY, (Column("store_id", ID),), SchemaError)
    header = read_header(ids, file, read_content(file, _BY))
    id_place = header.positions["store_id"]
    names = [name for place, name in enumerate(header.names) if name and place != id_place]
    # The names are a stranger's, and could be those of the reader's own columns. No name in a
    # header begins with a blank.
    aliases = {f" group {number}": name for number, name in enumerate(names)}
    columns = (Column(alias, GROUP, (name,), nullable=True) for alias, name in aliases.items())
    table = Table(_BY, (*ids.columns, *columns), SchemaError)
    load = read_table(table, file, strict=strict)
    return load.frame(table, pl.String()).rename(aliases), load.rejected(_BY)
