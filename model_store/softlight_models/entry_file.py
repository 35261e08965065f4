"""Reads a catalogue entry from its TOML file and holds it to the schema.

An entry decides what is fetched from where and under which name it is written, and users may add their own:
so nothing is taken from it that was not looked at, and what is not in the schema is an error.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from softlight_models.contracts import contract
from softlight_models.entry import (
    LIMITS,
    CatalogueEntry,
    HttpsSource,
    Licence,
    ModelFile,
    Source,
    WheelSource,
)
from softlight_models.errors import ModelStoreError
from softlight_models.schema import SchemaError, Table, reason
from softlight_models.small_files import read_table
from softlight_models.urls import is_safe_url

ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
"""Not longer, since a download writes beside it what has a longer name."""
SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")
SHA256 = re.compile(r"[0-9a-f]{64}")
CRC32 = re.compile(r"[0-9a-f]{8}")
WHEEL = re.compile(r"[A-Za-z0-9._]+-[A-Za-z0-9._!+]+(?:-[0-9][A-Za-z0-9._]*)?(?:-[A-Za-z0-9._]+){3}\.whl")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, in every folder and with any extension."""
OUR_OWN = (".json", ".part", ".lock", ".copy", ".whl", ".new", ".tmp")
"""Endings of what the store itself writes into a model's folder, and deletes there."""


def read_entry(path: Path) -> CatalogueEntry:
    """Read one entry and check it against the schema; its id is the file's stem.

    Raises
    ------
    ModelStoreError
        If the file cannot be read or breaks the schema; names the file and the key.
    """
    try:
        entry = _entry(path.stem, read_table(path, tomllib.loads))
    except (OSError, ValueError) as error:  # tomllib's errors, SchemaError and UnicodeError are ValueErrors
        raise ModelStoreError(
            f"The catalogue entry {path} cannot be used ({reason(error)}); correct or delete it."
        ) from None
    return entry


def _entry(model: str, table: Table) -> CatalogueEntry:
    if not ID.fullmatch(model) or len(model) > 100 or RESERVED.fullmatch(model):
        raise SchemaError(
            f'the file\'s name "{model}" is not made of lower-case letters, digits, dots and hyphens'
        )
    entry = CatalogueEntry(
        id=model,
        role=table.text("role"),
        contract=table.text("contract"),
        title=table.text("title"),
        use_when=table.text("use_when"),
        vendor=table.text("vendor"),
        year=table.number("year", least=1990) if "year" in table else None,
        preference=table.number("preference", least=1),
        origin=table.text("origin"),
        licence=_licence(table.table("licence")),
        files=tuple(_file(file) for file in table.tables("files")),
    )
    table.finish()
    _fits_contract(entry)
    return entry


def _licence(table: Table) -> Licence:
    licence = Licence(
        spdx=table.text("spdx", like=SPDX),
        limit=table.text("limit"),
        terms=table.text("terms"),
        url=table.optional("url"),
    )
    if licence.limit not in LIMITS:
        raise SchemaError(f"{table.key('limit')} is none of {', '.join(LIMITS)}")
    if licence.url is not None:
        _check_url(licence.url, table.key("url"))
    table.finish()
    return licence


def _file(table: Table) -> ModelFile:
    file = ModelFile(
        name=_safe_name(table.text("name", like=FILE_NAME), table.key("name")),
        network=table.optional("network"),
        size=table.number("size", least=1) if "size" in table else None,
        sha256=table.optional("sha256", like=SHA256),
        crc32=table.optional("crc32", like=CRC32),
        sources=tuple(_source(source) for source in table.tables("sources", least=0)),
    )
    table.finish()
    return file


def _source(table: Table) -> Source:
    source: Source
    if "url" in table:
        source = HttpsSource(table.text("url"))
        _check_url(source.url, table.key("url"))
    else:
        source = WheelSource(
            wheel=table.text("wheel", like=WHEEL),
            sha256=table.text("sha256", like=SHA256),
            size=table.number("size", least=1),
            member=_safe_member(table.text("member"), table.key("member")),
        )
    table.finish()
    return source


def _check_url(url: str, key: str) -> None:
    if not is_safe_url(url):
        raise SchemaError(f"{key} is not an https address")


def _safe_name(name: str, key: str) -> str:
    """Return `name` if every system takes it as a file's name, and it is none of ours."""
    if RESERVED.fullmatch(name) or name.lower().endswith((".", *OUR_OWN)):
        raise SchemaError(f"{key} is a name that is kept for other things")
    return name


def _safe_member(member: str, key: str) -> str:
    """Return `member` if it is a plain relative path."""
    parts = PurePosixPath(member).parts
    if member.startswith("/") or ".." in parts or "\\" in member or ":" in member or not parts:
        raise SchemaError(f"{key} leads out of the wheel")
    return member


def _fits_contract(entry: CatalogueEntry) -> None:
    try:
        promise = contract(entry.contract)
    except ModelStoreError:
        raise SchemaError(f'contract "{entry.contract}" is unknown to this version of Softlight') from None
    if promise.role != entry.role:
        raise SchemaError(f"role is not {promise.role}, the one of the contract {promise.name}")
    names = [file.name.lower() for file in entry.files]  # Windows and macOS take A and a for one file
    _once(names, "files.name")
    networks = [file.network for file in entry.files if file.network is not None]
    _once(networks, "files.network")
    due = {network.name for network in promise.networks}
    if set(networks) != due:
        raise SchemaError(f"files.network is not each of {', '.join(sorted(due))}")


def _once(names: Iterable[str], key: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SchemaError(f'{key} has "{name}" twice')
        seen.add(name)
