"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def check_target(path: Path) -> None:
    """Raise now what `write_whole` would raise after the work, as far as one can tell beforehand.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        There is no folder to write into.
    IsADirectoryError
        `path` is a folder.
    PermissionError
        The folder, or the file that is to be replaced, is not writable.
    """
    path = path.resolve()
    folder = path.parent
    if not folder.exists():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(folder))
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder, not a file", str(path))
    for place in (folder, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, "no permission to write", str(place))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole, or raise and leave what was there.

    A killed process may leave ``.<name>.<random>.tmp`` behind in the same folder. A device or a
    named pipe is written to as it is.

    Raises
    ------
    OSError
        The file cannot be written; the error names it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder, "greeting.txt")
    ...     write_whole(target, b"hello")
    ...     target.read_text()
    'hello'
    """
    try:
        with _replacing(path) as file:
            file.write(content)
    except OSError as error:
        # A write names no file, and a draft is none that the user knows.
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write, which takes the place of `path` once the block has ended well."""
    # A link stays a link: what it points at is replaced. Only files in one folder, hence in one
    # file system, can take each other's place in one step.
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
