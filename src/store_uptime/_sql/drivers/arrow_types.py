"""The columns of an Arrow stream, as polars cannot tell them: it panics at types that it lacks."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any

# As Arrow's C data interface writes them: the three intervals, unions, runs, views of lists.
_LACKING = {
    b"tiM": "interval",
    b"tiD": "interval",
    b"tin": "interval",
    b"+u": "union",
    b"+r": "run-end encoded",
    b"+v": "list view",
}


# Polars 2.1 takes them, and makes other numbers of them.
_NARROW_DECIMAL = re.compile(rb"d:[0-9]+,-?[0-9]+,(?:32|64)$")


class _ArrowSchema(ctypes.Structure):
    """As much of the struct of that name as has to be known."""


_ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_ArrowSchema))),
]


def arrow_columns(stream: Any) -> list[tuple[str, str | None]]:
    """Return for each column of a stream its name, and its type if polars cannot take that.

    The stream, which has `__arrow_c_schema__`, is not read.
    """
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    capsule = stream.__arrow_c_schema__()  # as long as it lives, so does the struct
    schema = _ArrowSchema.from_address(pointer(capsule, b"arrow_schema"))
    return [
        (column.name.decode(), next(filter(None, _foreign_types(column)), None))
        for column in _children(schema)
    ]


def _children(schema: Any) -> Iterator[Any]:
    return (schema.children[i].contents for i in range(schema.n_children))


def _foreign_types(schema: Any) -> Iterator[str | None]:
    """Return what is foreign of a column and of what is inside of it."""
    yield _LACKING.get(schema.format) or _LACKING.get(schema.format[:2])
    yield "narrow decimal" if _NARROW_DECIMAL.match(schema.format) else None
    for child in _children(schema):
        yield from _foreign_types(child)
