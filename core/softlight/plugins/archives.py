"""The plug-ins as zip files, for the hosts' own importers and for unpacking by hand.

They hold no path of this machine: such a plug-in finds its engine by the user's settings, where
`softlight plugins install` notes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import softlight
from softlight.errors import PluginError
from softlight.plugins import change
from softlight.plugins.change import Item
from softlight.plugins.contents import ELSEWHERE, RECORD, contents
from softlight.plugins.explaining import explained
from softlight.plugins.hosts import Host, Kind
from softlight.plugins.how_to_install import TEXT, TEXTS
from softlight.plugins.installing import recorded

NAMES: Mapping[Kind, str] = {"krita": "krita", "gimp": "gimp-3", "gimp210": "gimp-2.10"}
"""What a zip is called after its version."""

NOWHERE = Path()
"""A host there has all its folders relative."""

FOLDERS: Mapping[Kind, str] = {
    # Krita's importer takes what it knows from wherever it lies, and leaves the rest. As in its folder of
    # resources, all is in its place too when the zip is unpacked there.
    "krita": Host("krita", "", (), NOWHERE).target.as_posix(),
    "gimp": Host("gimp", "", (), NOWHERE).target.name,
    "gimp210": Host("gimp210", "", (), NOWHERE).target.name,
}
"""Where the plug-in's own folder lies in its zip."""

FIRST_DATE, DATES = datetime(2000, 1, 1), 20 * 365 * 86400
"""Of the files in a zip, and seconds after it within which they lie."""


@dataclass(frozen=True)
class Archive:
    """A plug-in as a zip.

    Parameters
    ----------
    kind : {"gimp", "gimp210", "krita"}
    content : bytes
    """

    kind: Kind
    content: bytes

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"softlight-{softlight.__version__}-{NAMES[self.kind]}.zip"


def archive(kind: Kind) -> Archive:
    """Return the plug-in for a kind of host: the same bytes on every machine.

    Raises
    ------
    PluginError
        When this installation of Softlight lacks its plug-ins.
    """
    found = contents(Host(kind, "", (), NOWHERE))
    text = TEXTS[kind].encode("ascii")
    beside = {path.as_posix(): content for path, content in found.outside.items()}
    if kind == "krita":
        beside[TEXT] = text
    else:
        found = replace(found, files={**found.files, TEXT: text})
    whole = found.recorded(ELSEWHERE)
    inside = {f"{FOLDERS[kind]}/{name}": content for name, content in whole.files.items()}
    executable = {f"{FOLDERS[kind]}/{name}" for name in whole.executable}
    return Archive(kind, _zipped({**inside, **beside}, executable))


def pack(kinds: Iterable[Kind], folder: Path) -> tuple[str, ...]:
    """Write the zips for these kinds into a folder, and return what was done, in sentences.

    Zips of ours that lie there already are replaced.

    Raises
    ------
    PluginError
        When that is not possible, or something else has the name of one; nothing has changed then.
    """
    packed = {folder / one.name: one for one in map(archive, kinds)}
    made = not folder.exists()
    with explained(next(iter(packed))):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            change.recover(packed)
            for path, one in packed.items():
                if os.path.lexists(path) and not _ours(path, one.kind):
                    raise PluginError(
                        f"'{path}' exists and is no plug-in of Softlight; move it away, or choose another "
                        "folder."
                    )
            change.replace_all(Item(path, one.content) for path, one in packed.items())
        except BaseException:
            if made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
            raise
    return tuple(f"Wrote '{path}'." for path in packed)


def _ours(path: Path, kind: Kind) -> bool:
    try:
        with zipfile.ZipFile(path) as opened:
            said = json.loads(opened.read(f"{FOLDERS[kind]}/{RECORD}"))
        return recorded(said) is not None
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, IsADirectoryError):
        return False


def _zipped(files: Mapping[str, bytes], executable: set[str]) -> bytes:
    """Return a zip with an entry for every folder too, without which Krita's importer finds no plug-in."""
    entries = dict.fromkeys(f"{folder}/" for name in files for folder in PurePosixPath(name).parents)
    entries.pop("./")
    date = _date(files)
    made = io.BytesIO()
    # Only stored, 0.3 MB in place of 0.1: what deflate makes of the same bytes depends on a machine's zlib.
    with zipfile.ZipFile(made, "w") as opened:
        for name in sorted([*entries, *files]):
            entry = zipfile.ZipInfo(name, date)
            entry.create_system = 3  # Unix, whose permissions `unzip` keeps; on Windows it would be another
            mode = 0o40755 if name in entries else 0o100755 if name in executable else 0o100644
            entry.external_attr = mode << 16 | (0x10 if name in entries else 0)
            opened.writestr(entry, files.get(name, b""))
    return made.getvalue()


def _date(files: Mapping[str, bytes]) -> tuple[int, int, int, int, int, int]:
    """Return a date that is the same on every machine and another one for every other content.

    GIMP asks a plug-in again only when its file's time has changed, and Python compiles a module again only
    when its time or its length has: with one date for all versions an update would be half seen.
    """
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    date = FIRST_DATE + timedelta(seconds=int.from_bytes(digest.digest()[:8], "big") % DATES)
    return (date.year, date.month, date.day, date.hour, date.minute, date.second)
