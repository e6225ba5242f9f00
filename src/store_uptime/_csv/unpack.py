"""The bytes of a file, unpacked, in pieces: a small file may hold more than memory does."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from store_uptime._csv.lines import split_lines

_PIECE_BYTES = 1 << 20
# Polls come to about a tenth of their size by packing. Below this size no harm is done.
_MOST_RATIO, _HARMLESS_BYTES = 250, 100_000_000
# A frame of zstd that begins so, but for its last digit, holds no data.
_SKIPPED = 0x184D2A5
_GZIP, _ZSTD, _MOST_BLOCK_BYTES = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", 128 << 10


def unpacked(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a file holds, plain or packed by gzip or zstd.

    Raises
    ------
    OSError, EOFError, zlib.error, PolarsError
        The file cannot be read, is damaged, or absurdly larger unpacked.
    """
    start = file.read(len(_ZSTD))
    file.seek(0)
    if start == _ZSTD:
        yield _unpacked_zstd(file.read())
        return
    is_packed = start.startswith(_GZIP)
    size, source = 0, gzip.GzipFile(fileobj=file) if is_packed else file
    while piece := source.read(_PIECE_BYTES):
        yield piece
        size += len(piece)
        if is_packed:
            _refuse_bomb(size, file.tell())


def _unpacked_zstd(data: bytes) -> bytes:
    # Polars is the one dependency that reads zstd, whole; Python does so from 3.14 on.
    _refuse_bomb(zstd_size_at_most(data), len(data))
    try:
        return "\n".join(split_lines(data)).encode()
    except pl.exceptions.PolarsError:
        lines = split_lines(data, encoding="utf8-lossy")
        # Bytes that are not UTF-8 again, so that they are found and told as in any other file.
        return "\n".join(lines).encode().replace("\ufffd".encode(), b"\xff")


def _refuse_bomb(size: int, packed: int) -> None:
    if size > max(_HARMLESS_BYTES, _MOST_RATIO * packed):
        raise OSError(f"unpacked, it is more than {_MOST_RATIO} times as large")


def zstd_size_at_most(data: bytes) -> int:
    """Return how large the frames are at most, unpacked, from the heads of their blocks."""
    size, place = 0, 0

    def number(length: int) -> int:
        return int.from_bytes(data[place : place + length], "little")

    while place < len(data):
        if number(4) >> 4 == _SKIPPED:
            place += 4
            place += 4 + number(4)
            continue
        place += len(_ZSTD)
        about = number(1)
        is_single = about >> 5 & 1
        place += 2 - is_single + (0, 1, 2, 4)[about & 3] + (is_single, 2, 4, 8)[about >> 6]
        is_last = False
        while not is_last and place < len(data):
            head = number(3)
            is_last, kind, length = bool(head & 1), head >> 1 & 3, head >> 3
            size += _MOST_BLOCK_BYTES if kind > 1 else length
            place += 3 + (1 if kind == 1 else length)
        place += 4 * (about >> 2 & 1)
    return size
