"""Columns of any Arrow type, mostly such as a table of the package has them."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from fuzz.draw import Draw

_NOON = 1_730_721_600_000_000  # 2024-11-04T12:00:00Z in microseconds
_HOUR = 3_600_000_000
_EXTREMES = (0, 1, -1, 127, -128, 2**15, 2**31 - 1, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63))
_INSTANTS = (*(_NOON - 1_800_000_000 * step for step in range(48)), _NOON + _HOUR, 0)
_TIMES = (9 * _HOUR, 17 * _HOUR, 0, 22 * _HOUR, 86_399_000_000, 24 * _HOUR, _HOUR // 60)
_ZONES = (
    "America/Chicago", "UTC", "Asia/Kolkata", "Asia/Calcutta", "Pacific/Apia", "utc", "Mars", "",
)  # fmt: skip

WORDS: Mapping[str, Sequence[Any]] = {
    "id": (1, 2, 3, 7, 2**40, -5),
    "instant": _INSTANTS,
    "status": (True, False),
    "weekday": (0, 1, 2, 3, 4, 5, 6),
    "time": _TIMES,
    "date": (20_031, 20_030, 20_029, 20_032, 0),
    "zone": _ZONES,
}
"""What usual columns hold, by their role, in the unit of their first type."""

_TEXTS: Mapping[str, Sequence[str]] = {
    "id": ("7", "1", "007", "a", "8419537941919820732", "b c"),
    "instant": (
        "2024-11-04 10:00:00 UTC", "2024-11-04T09:59:59.123456789Z", "2024-11-03 01:30:00-05:30",
        "2024-11-03T11:00:00+0000", "9999-12-31 23:59:59 -05", "0001-01-01 00:00:00 +14", "2024-02-30 00:00:00",
    ),
    "status": ("active", "inactive", " TRUE ", "f", "1", "0", "up"),
    "weekday": ("Monday", "tue", "SUN", "0", "7", "", "Montag"),
    "time": ("09:00", "17:00:00", "24:00", "23:59:59.999999", "0:00", "25:00", "9"),
    "date": ("2024-11-04", "2024-11-03", "0001-01-01", "9999-12-31", "2024-13-01", "4.11.2024"),
    "zone": _ZONES,
}  # fmt: skip

_USUAL: Mapping[str, Sequence[pa.DataType]] = {
    "id": (pa.int64(), pa.string(), pa.int32(), pa.uint64(), pa.int8()),
    "instant": (
        pa.timestamp("us", "UTC"), pa.timestamp("us"), pa.string(), pa.timestamp("ns", "America/Chicago"),
        pa.timestamp("ms", "+05:30"), pa.timestamp("s", "Asia/Kolkata"),
    ),
    "status": (pa.bool_(), pa.string(), pa.int8(), pa.dictionary(pa.int32(), pa.string()), pa.uint64()),
    "weekday": (pa.int64(), pa.string(), pa.int8(), pa.float64(), pa.uint8()),
    "time": (pa.time64("us"), pa.string(), pa.duration("us"), pa.time64("ns"), pa.time32("s"), pa.duration("s")),
    "date": (pa.date32(), pa.string(), pa.timestamp("us"), pa.date64()),
    "zone": (pa.string(), pa.dictionary(pa.int8(), pa.string()), pa.large_string(), pa.string_view()),
}  # fmt: skip

_UNITS = ("s", "ms", "us", "ns")
_PLAIN: tuple[pa.DataType, ...] = (
    pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
    pa.float16(), pa.float32(), pa.float64(), pa.bool_(), pa.null(), pa.string(), pa.large_string(),
    pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(16), pa.binary(0),
    pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"),
    *(pa.timestamp(unit, zone) for unit in _UNITS for zone in (None, "UTC", "Pacific/Apia", "-23:59", "Mars")),
    *(pa.duration(unit) for unit in _UNITS), pa.month_day_nano_interval(),
    pa.decimal32(9, 0), pa.decimal64(18, 2), pa.decimal128(38, 0), pa.decimal128(10, 3), pa.decimal128(5, -2),
    pa.decimal256(76, 0), pa.uuid(), pa.bool8(), pa.json_(),
)  # fmt: skip
_WRAPS: tuple[Callable[[pa.DataType], pa.DataType], ...] = (
    lambda inner: pa.dictionary(pa.int8(), inner),
    lambda inner: pa.dictionary(pa.uint64(), inner, ordered=True),
    pa.list_,
    pa.large_list,
    pa.list_view,
    lambda inner: pa.list_(inner, 2),
    lambda inner: pa.struct([("a", inner), ("a", pa.int8())]),
    lambda _: pa.struct([]),
    lambda inner: pa.map_(pa.string(), inner),
    lambda inner: pa.run_end_encoded(pa.int32(), inner),
    lambda inner: pa.dense_union([pa.field("a", inner), pa.field("b", pa.int8())]),
)


def drawn_column(draw: Draw, role: str, rows: int) -> pa.Array:
    """Return a column for a role: of a usual type in most cases, with values out of place."""
    dtype = draw.one_of(_USUAL[role])
    if draw.rarely(8):
        dtype = draw.one_of(_PLAIN)
    if draw.rarely(24):
        dtype = draw.one_of(_WRAPS)(dtype)
    nulls_in = 8 if draw.rarely(8) else 255
    values = [None if draw.rarely(nulls_in) else _value(draw, role, dtype) for _ in range(rows)]
    try:
        return _array(values, dtype)
    except pa.ArrowException:  # not all types may be wrapped by all others
        return pa.nulls(rows)


def _value(draw: Draw, role: str, dtype: pa.DataType) -> Any:
    """Return a word of the role, or anything; in a text of the role, or as a number."""
    if _is_text(dtype):
        return (
            draw.bytes(40).decode("utf8", "replace") if draw.rarely() else draw.one_of(_TEXTS[role])
        )
    if draw.rarely():
        return draw.one_of(_EXTREMES) if draw.below(2) else draw.integer()
    return _in_unit(draw.one_of(WORDS[role]), dtype)


def _is_text(dtype: pa.DataType) -> bool:
    inner = dtype.value_type if pa.types.is_dictionary(dtype) else dtype
    return any(
        check(inner)
        for check in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    )


def _in_unit(word: Any, dtype: pa.DataType) -> Any:
    """Return microseconds in the unit of a type of times; any other word unchanged."""
    if isinstance(word, int) and abs(word) >= _HOUR // 60:
        if pa.types.is_date32(dtype):
            return word // (24 * _HOUR)
        unit = "ms" if pa.types.is_date64(dtype) else getattr(dtype, "unit", "us")
        return word * 1000 if unit == "ns" else word // {"s": 10**6, "ms": 1000}.get(unit, 1)
    if isinstance(word, int) and (pa.types.is_timestamp(dtype) or pa.types.is_date64(dtype)):
        scale = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[getattr(dtype, "unit", "ms")]
        return word * 86_400 * scale  # a day
    return word


def _array(values: list[Any], dtype: pa.DataType) -> pa.Array:
    """Return values as an array of a type; those that have no place in it become null."""
    if pa.types.is_temporal(dtype) and not pa.types.is_interval(dtype):
        width = pa.int32() if dtype.bit_width == 32 else pa.int64()
        return _fitting(values, width).view(dtype)
    if pa.types.is_nested(dtype) or pa.types.is_run_end_encoded(dtype):
        return _wrapped(values, dtype)
    if isinstance(dtype, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(dtype, _array(values, dtype.storage_type))
    if pa.types.is_dictionary(dtype):
        return _array(values, dtype.value_type).dictionary_encode().cast(dtype)
    return _fitting(values, dtype)


def _wrapped(values: list[Any], dtype: pa.DataType) -> pa.Array:
    if pa.types.is_run_end_encoded(dtype):
        ends = pa.array(range(1, len(values) + 1), pa.int32())
        return pa.RunEndEncodedArray.from_arrays(ends, _array(values, dtype.value_type))
    if pa.types.is_union(dtype):
        kinds = pa.array([0] * len(values), pa.int8())
        places = pa.array(range(len(values)), pa.int32())
        parts = [_array(values, dtype.field(0).type), pa.array([], pa.int8())]
        return pa.UnionArray.from_dense(kinds, places, parts, ["a", "b"])
    return pa.array([None] * len(values), dtype)


def _fitting(values: list[Any], dtype: pa.DataType) -> pa.Array:
    return pa.array([_as(value, dtype) for value in values], dtype)


def _as(value: Any, dtype: pa.DataType) -> Any:
    if isinstance(value, bool) and not pa.types.is_boolean(dtype):
        value = int(value)
    if pa.types.is_decimal(dtype) and isinstance(value, int):
        value = decimal.Decimal(value % 1000)
    elif pa.types.is_boolean(dtype):
        value = bool(value)
    elif pa.types.is_floating(dtype) and isinstance(value, int):
        value = (
            float("nan") if value == -1 else float("inf") if value == 2**63 - 1 else float(value)
        )
    elif (
        pa.types.is_binary(dtype) or pa.types.is_fixed_size_binary(dtype) or "binary" in str(dtype)
    ):
        width = getattr(dtype, "byte_width", 3) if pa.types.is_fixed_size_binary(dtype) else 3
        value = bytes(width) if value is not None else None
    try:
        pa.array([value], dtype)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return None
    return value
