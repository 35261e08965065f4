"""Installed models: a folder each, with a record of what was installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from softlight_models.entry import CatalogueEntry
from softlight_models.places import Places


@dataclass(frozen=True)
class InstalledFile:
    """One file of an installed model, as it was when it was installed."""

    name: str
    """Its name in the catalogue entry."""
    size: int
    sha256: str
    link: Path | None = None
    """Where a linked file lies; None if it lies in the model's folder under its name."""


@dataclass(frozen=True)
class InstalledModel:
    """A model whose files are all there."""

    entry: CatalogueEntry
    paths: dict[str, Path]
    """The ONNX file of each network of the contract."""
    key: str
    """Identifies the content: the SHA-256 of each file, in the entry's order."""
    folder: Path
    """Where the files lie that a network may refer to (external data)."""

    def open_verified(self, network: str) -> Path:
        """Return the path of a network's file, which holds what was installed.

        It is hashed only when its size, times or inode changed since it was last verified.

        Raises
        ------
        ModelStoreError
            If it is missing or holds something else.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Verdict:
    """What a look at an installed model found."""

    model: str
    good: bool
    sentence: str


@dataclass(frozen=True)
class Imported:
    """What became of one file that was imported."""

    path: Path
    model: str
    installed: bool
    """Whether the model is complete now; else other files of it are still missing."""
    sentence: str


class Library:
    """The installed models in ``places.models``: ``<id>/installed.json`` and the files beside it."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def folder(self, model: str) -> Path:
        """Return the folder of `model`, whether it is there or not."""
        return self.places.models / model

    def add(self, entry: CatalogueEntry, files: Sequence[InstalledFile]) -> bool:
        """Record `files` of `entry`, which lie at their places and were hashed; return whether it is complete.

        Files recorded before stay. This is the last step of each download and import: what is not recorded is
        not installed.
        """
        raise NotImplementedError

    def get(self, entry: CatalogueEntry) -> InstalledModel | None:
        """Return the installed model of `entry`; None if it is not complete or was superseded."""
        raise NotImplementedError
