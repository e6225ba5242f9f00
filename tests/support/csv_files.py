"""Files in which the same rows are written in many ways."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st


def zstd(data: bytes) -> bytes:
    """Wrap `data` as a Zstandard frame of one raw block: the standard library writes none yet."""
    block = (len(data) << 3 | 1).to_bytes(3, "little")
    return b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little") + block + data


ZONE_NAMES = ["Asia/Kathmandu", "America/Argentina/Buenos_Aires", "Etc/UTC", None]
# A number that ends in a zero may look as if a spreadsheet had cut it.
integers = st.integers(-(2**63), 2**63 - 1).filter(lambda number: number % 10)
strings = st.text(alphabet='ab-ß😀", ', min_size=1).map(lambda text: f"{text}x")
instants = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
seconds = st.integers(0, 86_399).map(lambda number: timedelta(seconds=number))
notes = st.text(alphabet='n,"\n ', max_size=6)


def clock(time: timedelta) -> str:
    return f"{time.seconds // 3600:02}:{time.seconds // 60 % 60:02}:{time.seconds % 60:02}"


def cells(row: tuple[Any, ...]) -> list[str]:
    """Spell a row as the real files do."""
    spelled = []
    for value in row:
        match value:
            case None:
                spelled.append("")
            case bool():
                spelled.append("active" if value else "inactive")
            case datetime():
                spelled.append(f"{value.replace(tzinfo=None)} UTC")
            case timedelta():
                spelled.append(clock(value))
            case _:
                spelled.append(str(value))
    return spelled


@st.composite
def files(draw: st.DrawFn, header: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Write rows, and a further column, in one of the many ways."""
    table = [[*header, "note"], *([*cells(row), draw(notes)] for row in rows)]
    order = draw(st.permutations(range(len(header) + 1)))
    end = draw(st.sampled_from(["\n", "\r\n"]))

    def framed(cell: str) -> str:
        needed = any(sign in cell for sign in ',"\n')
        return '"{}"'.format(cell.replace('"', '""')) if needed or draw(st.booleans()) else cell

    lines = []
    for record in table:
        lines += [" "] * draw(st.integers(0, 1))
        lines.append(",".join(framed(record[place]) for place in order).replace("\n", end))
    text = draw(st.sampled_from(["", "\ufeff"])) + end.join([*lines, ""])
    packs: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, zstd]
    pack = draw(st.sampled_from(packs))
    return pack(text.encode())
