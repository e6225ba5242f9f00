"""What goes wrong while the caller's own rows are read, as an error of this package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from store_uptime.errors import MissingDependencyError, SchemaError, StoreUptimeError


@contextmanager
def reading_rows(table: str, problem: str = "the rows cannot be read") -> Iterator[None]:
    """Raise what goes wrong inside as a `SchemaError` of the table, which carries the cause.

    Lazy frames, Arrow streams and files may fail only while they are read, by errors of polars, of
    whoever makes the rows, or of the caller's own functions. So every read of them is in here.
    """
    try:
        yield
    except (StoreUptimeError, MemoryError):
        raise
    except ImportError as error:
        raise MissingDependencyError(
            f"the table needs another package to be read: {error}",
            table=table,
            remedy="Install it: pip install pyarrow.",
            code="missing_package",
        ) from error
    except BaseException as error:
        if not (isinstance(error, Exception) or is_panic(error)):
            raise  # such as KeyboardInterrupt
        raise SchemaError(
            f"{problem}: {_first_words(error)}", table=table, code="unreadable_table"
        ) from error


def is_panic(error: BaseException) -> bool:
    """Return whether polars has panicked; other packages in Rust have classes of this name too."""
    return type(error).__name__ == "PanicException"


def _first_words(error: BaseException) -> str:
    # Behind its first line polars shows the query, and Arrow where in Python it failed.
    first = str(error).strip().partition("\n")[0].partition(" Detail: Python exception")[0]
    return first.rstrip(".") or type(error).__name__
