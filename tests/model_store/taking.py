"""Models in hand and what takes them into a library, as files or in a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError
from softlight_models.importing import import_files
from softlight_models.library import Imported, Library
from tests.model_store.models_in_hand import entry, files, network

LAMA = network("lama-512")
MIGAN = network("migan-pipeline")
GFPGAN = network("face-restoration-512")
CATALOGUE = (
    entry("lama", {"lama_fp32.onnx": LAMA}),
    entry("migan", {"migan.onnx": MIGAN}, contract_name="migan-pipeline"),
    entry("gfpgan", {"gfpgan.onnx": GFPGAN}, contract_name="face-restoration-512", pinned=False),
)


class Stop(Exception):
    """What a cancelled import or export raises."""


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def take(
    shelf: Library, *paths: Path, entries: Sequence[CatalogueEntry] = CATALOGUE, **more: Any
) -> tuple[Imported, ...]:
    more.setdefault("why_not", lambda entry: "")
    more.setdefault("accept", lambda entries: None)
    return import_files(shelf, entries, list(paths), **more)


def refused(shelf: Library, *paths: Path, **more: Any) -> str:
    before = everything(shelf)
    with pytest.raises(ModelStoreError) as caught:
        take(shelf, *paths, **more)
    assert everything(shelf) == before
    sentence = str(caught.value)
    assert sentence.endswith(".") and "; " in sentence and "\n" not in sentence
    return sentence


def everything(shelf: Library) -> dict[str, bytes]:
    folder = shelf.folder("x").parent
    return files(folder) if folder.exists() else {}


def installed(shelf: Library, number: int = 0) -> bytes:
    model = shelf.get(CATALOGUE[number])
    assert model is not None
    model.require_verified()
    return model.paths["model"].read_bytes()
