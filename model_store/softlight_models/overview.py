"""The state of every model, for people."""

from __future__ import annotations

from dataclasses import dataclass

STATES = ("embedded", "installed", "damaged", "forbidden", "partial", "available", "import-only")
"""What a model can be: ``partial`` is a download that can be gone on with, ``import-only`` one whose checksum
nobody knows, ``forbidden`` one that settings or policy keep from being used, installed or not."""


@dataclass(frozen=True)
class Terms:
    """What is shown and accepted before the first byte of a model."""

    model: str
    title: str
    size: int | None
    """Bytes; None where it is not known."""
    licence: str
    """SPDX identifier."""
    limit: str
    """One of `entry.LIMITS`."""
    terms: str
    url: str | None
    accepted: bool
    """Whether the user accepted these very terms before."""


@dataclass(frozen=True)
class ModelState:
    """One model, embedded or of the catalogue, as it stands on this machine."""

    id: str
    role: str
    contract: str
    title: str
    use_when: str
    vendor: str
    year: int | None
    licence: str
    """SPDX identifier."""
    limit: str
    """One of `entry.LIMITS`."""
    terms: str
    url: str | None
    size: int | None
    """Bytes to download; None where it is not known."""
    preference: int
    embedded: bool
    installed: bool
    size_on_disk: int
    """Bytes in the model's folder; 0 for linked, embedded and missing ones."""
    chosen: bool
    """Whether the user chose it for its role."""
    active: bool
    """Whether its role uses it now."""
    state: str
    """One of `STATES`."""
    why: str
    """One sentence on what stands in the way of its use; empty if nothing does."""
