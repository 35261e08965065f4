"""What is known of an embedded model before its file is opened: one `model.toml` beside its weights."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softlight_models.contracts import Contract, contract
from softlight_models.errors import ModelStoreError

ENTRY_FILE = "model.toml"
MODEL_FILE = "model.onnx"
GOLDEN_FILE = "golden.npz"
CARD_FILE = "MODEL_CARD.md"


@dataclass(frozen=True)
class ReleasedFile:
    """A file as it was released."""

    size: int
    """Length in bytes."""
    sha256: str
    """SHA-256 of the content, 64 lower-case hexadecimal digits."""


@dataclass(frozen=True)
class ModelEntry:
    """One embedded model."""

    role: str
    """What the core asks for, for instance ``wrinkle-map``."""
    contract: Contract
    title: str
    use_when: str
    """One sentence that helps to choose between models of the same role."""
    licence: str
    """SPDX identifier of the weights' licence."""
    version: str
    """Version of the weights, not of the program."""
    model: ReleasedFile
    golden: ReleasedFile
    """The golden tile: inputs and the outputs that the CPU gave for them when the model was released."""
    ir_version: int
    """Version of the ONNX file format."""
    opset: int
    """Version of the ONNX operator set."""


def read_entry(path: Path) -> ModelEntry:
    """Read one `model.toml`.

    The author of a model writes its top part; the tables ``[model]`` and ``[golden]`` are the seal,
    written by ``training/seal.py``.

    Raises
    ------
    ModelStoreError
        If the file is missing or is not a complete entry.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return _entry(table)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except KeyError as error:
        reason = f"{error.args[0]} is missing"
    except (ValueError, TypeError) as error:  # tomllib's errors and UnicodeDecodeError are ValueErrors
        reason = str(error)
    raise ModelStoreError(
        f"The catalogue entry {path} cannot be used ({reason}); reinstall Softlight."
    ) from None


def _entry(table: dict[str, Any]) -> ModelEntry:
    texts = {key: _text(table, key) for key in ("role", "title", "use_when", "licence", "version")}
    return ModelEntry(
        **texts,
        contract=contract(_text(table, "contract")),
        model=_released(table, "model"),
        golden=_released(table, "golden"),
        ir_version=_number(table["model"], "ir_version"),
        opset=_number(table["model"], "opset"),
    )


def _released(table: dict[str, Any], key: str) -> ReleasedFile:
    sealed = table[key]
    return ReleasedFile(size=_number(sealed, "size"), sha256=_text(sealed, "sha256"))


def _text(table: dict[str, Any], key: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{key} is not a text")
    return value


def _number(table: dict[str, Any], key: str) -> int:
    value = table[key]
    if not isinstance(value, int):
        raise TypeError(f"{key} is not a whole number")
    return value
