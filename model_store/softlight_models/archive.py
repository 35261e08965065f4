"""Zip files from strangers (wheels and bundles): looked at before a byte of them is unpacked."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath, PureWindowsPath

from softlight_models.errors import ModelStoreError
from softlight_models.schema import printable

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises for archives that are wrong: BadZipFile for some, for others what happens."""
MOST_MEMBERS = 100_000
BLOCK = 1 << 20
ELSEWHERE = "get it from a source that you trust"


class BadArchive(ModelStoreError):
    """An archive is damaged, or made to do harm.

    Parameters
    ----------
    cause, remedy : str
        The two clauses of the sentence.
    """

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}; {remedy}.")
        self.cause = cause
        self.remedy = remedy


def members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """Return the files of `archive` by their path inside it.

    An archive with a single member that could land outside its folder is refused as a whole: nobody makes
    such an archive by accident.

    Raises
    ------
    BadArchive
        For absolute paths, ``..``, symbolic links, encrypted members and names that occur twice.
    """

    def refuse(member: str, what: str) -> BadArchive:
        return BadArchive(f'{name} holds {what} ("{printable(member)}")', ELSEWHERE)

    found: dict[str, zipfile.ZipInfo] = {}
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise BadArchive(f"{name} holds too many files", ELSEWHERE)
    for info in infos:
        # As it stands in the archive: zipfile has already turned backslashes into slashes on Windows.
        path = info.orig_filename
        if not _stays_inside(path):
            raise refuse(path, "a path that leads out of its folder")
        # The upper half holds the mode in archives made by Unix; 0 elsewhere.
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refuse(path, "a link or a device")
        if info.is_dir():
            continue
        if info.flag_bits & 1:
            raise refuse(path, "an encrypted file")
        if info.filename in found:
            raise refuse(path, "two files of the same name")
        found[info.filename] = info
    return found


def unpack(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, write: Callable[[bytes], object], limit: int, name: str
) -> None:
    """Pass the content of one member to `write` in blocks, and stop at `limit` bytes.

    Raises
    ------
    BadArchive
        If it is longer than `limit` or than the archive says, or damaged.
    """
    most = min(limit, info.file_size)
    sent = 0
    try:
        with archive.open(info) as file:
            while block := file.read(BLOCK):
                sent += len(block)
                if sent > most:
                    break
                write(block)
    except DAMAGED as error:
        raise BadArchive(f"{name} is damaged ({error})", "get it again") from None
    if sent > most or info.file_size > limit:
        raise BadArchive(f"{info.filename} in {name} is larger than announced", ELSEWHERE)


def _stays_inside(path: str) -> bool:
    if "\0" in path or not path.strip("/"):
        return False
    for flavour in (PurePosixPath(path), PureWindowsPath(path)):
        if flavour.anchor or ".." in flavour.parts:
            return False
    return True
