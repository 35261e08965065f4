"""The models that ship inside the package, and the promise that they are the files that were released."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from softlight_models.errors import ModelStoreError
from softlight_models.released import (
    ENTRY_FILE,
    GOLDEN_FILE,
    MODEL_FILE,
    ModelEntry,
    ReleasedFile,
    read_entry,
)

SHIPPED_ROLES = (
    "background-restoration",
    "blend-refinement",
    "face-detection",
    "face-restoration",
    "garment-retouch",
    "landmarks",
    "parsing",
    "skin-inpainting",
    "skin-retouch",
    "wrinkle-map",
)
"""The roles that have a model in every installation."""

WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class BundledModels:
    """The models in one folder: ``<role>/model.toml``, ``model.onnx``, ``golden.npz``, ``MODEL_CARD.md``."""

    folder: Path = WEIGHTS

    def roles(self) -> tuple[str, ...]:
        """Return the roles that have a model, in alphabetical order."""
        return tuple(sorted(entry.parent.name for entry in self.folder.glob(f"*/{ENTRY_FILE}")))

    def path(self, role: str) -> Path:
        """Return where the model file of `role` lies, or would lie."""
        return self.folder / role / MODEL_FILE

    def entry(self, role: str) -> ModelEntry:
        """Return the catalogue entry of `role`; `ModelStoreError` if there is none or it is unreadable."""
        if role not in self.roles():
            raise ModelStoreError(
                f"Softlight's model for {role} is missing from {self.folder}; reinstall Softlight."
            )
        entry = read_entry(self.folder / role / ENTRY_FILE)
        if entry.role != role:
            raise ModelStoreError(
                f"The folder {self.folder / role} holds a model for {entry.role}; reinstall Softlight."
            )
        return entry

    def model_bytes(self, role: str) -> bytes:
        """Return the ONNX file of `role`, verified; `ModelStoreError` if it is not the released one."""
        return _verified(self.path(role), self.entry(role).model)

    def golden_bytes(self, role: str) -> bytes:
        """Return the golden tile (npz) of `role`, verified like the model."""
        return _verified(self.folder / role / GOLDEN_FILE, self.entry(role).golden)


def _verified(path: Path, released: ReleasedFile) -> bytes:
    """Read `path` once and return its content if it is what was released.

    The session is made from the returned bytes: nobody can change the file between check and use.
    """
    try:
        with path.open("rb") as file:
            # One byte more than expected is enough to know; a huge file is never read into memory.
            content = file.read(released.size + 1)
    except OSError as error:
        raise ModelStoreError(
            f"The model file {path} cannot be read ({error.strerror or type(error).__name__}); "
            "reinstall Softlight."
        ) from None
    if len(content) < released.size:
        raise ModelStoreError(
            f"The model file {path} is cut short ({len(content)} of {released.size} bytes); "
            "reinstall Softlight."
        )
    if hashlib.sha256(content).hexdigest() != released.sha256:
        raise ModelStoreError(
            f"The model file {path} is not the one that was released (its SHA-256 differs); "
            "reinstall Softlight."
        )
    return content
