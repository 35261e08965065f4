"""The one model that these tests install, and what is left of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from softlight_models.library import InstalledFile
from softlight_models.store import Store

ROLE = "face-restoration"
CONTENT = bytes(range(256)) * 4096
"""One megabyte."""


def file_of(content: bytes, link: Path | None = None) -> InstalledFile:
    return InstalledFile("model.onnx", len(content), hashlib.sha256(content).hexdigest(), link)


def left(shelf: Store) -> list[str]:
    root = shelf.places.models
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))
