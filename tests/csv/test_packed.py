"""Packed files: read to their end, and never larger in memory than a table can be."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from pathlib import Path

import pytest

from store_uptime import SchemaError, load_csv
from store_uptime._csv import unpack
from store_uptime._csv.unpack import zstd_size_at_most
from support.csv_files import STATUS, Load, gzipped, ids, poll, polls, write, zstd

MEBI = 1 << 20


def bomb(piece: bytes, times: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(piece) for _ in range(times)) + packer.flush()


@pytest.mark.parametrize("start", [b"", STATUS.encode()], ids=["alone", "behind a good table"])
def test_a_bomb_of_zeros_is_refused_in_bounded_memory(tmp_path: Path, start: bytes) -> None:
    # 64 MB of zeros, in 64 kB.
    data = gzipped(start) + bomb(bytes(MEBI), 64)
    paths = write(tmp_path, status=data)
    tracemalloc.start()
    try:
        with pytest.raises(SchemaError, match=r"line \d: a NUL byte"):
            load_csv(**paths)
        assert tracemalloc.get_traced_memory()[1] < 16 * MEBI
    finally:
        tracemalloc.stop()


def test_a_file_of_zeros_is_refused_at_the_first(tmp_path: Path) -> None:
    path = write(tmp_path)
    with path["status"].open("r+b") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    with pytest.raises(SchemaError, match=r"line 3: a NUL byte, which is no text of a table"):
        load_csv(**path)


@pytest.mark.parametrize("pack", [bytes, gzipped])
def test_a_line_without_end_is_refused(load: Load, pack: type[bytes]) -> None:
    with pytest.raises(SchemaError, match=r"line 3: a line of more than 10,000,000 bytes"):
        load(status=pack(STATUS.encode() + b"x" * 20 * MEBI + b"\n"))


def test_a_bomb_of_lines_is_refused(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(STATUS.encode() + b"\n" * MEBI, 9)
    assert load(status=data).status.height == 1  # blank lines, not many of them
    monkeypatch.setattr(unpack, "_HARMLESS_BYTES", MEBI // 2)
    with pytest.raises(SchemaError, match="unpacked, it is more than 250 times as large"):
        load(status=data)
    honest = polls(*(poll(number) for number in range(20_000)))
    assert len(honest) > MEBI // 2
    assert load(status=gzipped(honest.encode())).status.height == 20_000


def rle(size: int) -> bytes:
    """Return a zstd frame of blocks that say: this byte, so many times."""
    blocks, most = [], 128 << 10
    for done in range(0, size, most):
        is_last = done + most >= size
        head = min(most, size - done) << 3 | 1 << 1 | is_last
        blocks.append(head.to_bytes(3, "little") + b"\0")
    return b"\x28\xb5\x2f\xfd\xa0" + size.to_bytes(4, "little") + b"".join(blocks)


def test_a_bomb_of_zstd_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    skipped = (0x184D2A53).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"hello"
    for data in (rle(1 << 30), zstd(STATUS.encode()) + skipped + rle(1 << 30)):
        assert len(data) < MEBI
        paths = write(tmp_path, status=data)
        with pytest.raises(SchemaError, match="unpacked, it is more than 250 times as large"):
            load_csv(**paths)


def test_the_size_of_zstd_is_read_from_its_blocks() -> None:
    assert zstd_size_at_most(zstd(b"x" * 1000)) == 1000
    assert zstd_size_at_most(zstd(b"x" * 1000) + rle(300_000)) == 301_000
    # Without the size, with a window (one byte more) and a checksum at the end; a compressed
    # block may hold 128 KiB.
    block = (10 << 3 | 2 << 1 | 1).to_bytes(3, "little") + bytes(10)
    frame = b"\x28\xb5\x2f\xfd\x04\x58" + block + bytes(4)
    assert zstd_size_at_most(frame + zstd(b"x" * 7)) == (128 << 10) + 7
    assert zstd_size_at_most(rle(1 << 20)[:30]) <= 1 << 20  # it ends too early, and so does this


def test_a_small_bomb_of_zstd_is_refused_for_its_zeros(load: Load) -> None:
    with pytest.raises(SchemaError, match="a NUL byte"):
        load(status=rle(MEBI))


def test_a_file_may_be_packed_in_several_parts(load: Load) -> None:
    parts = [f"{part}\n".encode() for part in polls(poll(1), poll(2), poll(3)).splitlines()]
    assert ids(load(status=b"".join(map(gzipped, parts))).status) == [1, 2, 3]
    # Padding with zeros is a part of the format.
    assert ids(load(status=b"".join(map(gzipped, parts)) + bytes(512)).status) == [1, 2, 3]


@pytest.mark.parametrize("cut", [3, 9, 12, 30, -9, -8, -1])
def test_a_file_that_ends_too_early_is_refused(load: Load, cut: int) -> None:
    with pytest.raises(SchemaError, match=r"status-of-test\.csv: "):
        load(status=gzipped(STATUS.encode())[:cut])


def test_text_behind_the_end_is_refused(load: Load) -> None:
    with pytest.raises(SchemaError, match="cannot be read: Not a gzipped file"):
        load(status=gzipped(STATUS.encode()) + poll(2).encode())


def test_a_wrong_checksum_is_refused(load: Load) -> None:
    data = bytearray(gzipped(STATUS.encode()))
    data[-8] ^= 1
    with pytest.raises(SchemaError, match="cannot be read: CRC check failed"):
        load(status=bytes(data))
