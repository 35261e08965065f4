"""Seal a model for release: check it, make its golden tile, write sizes and hashes into its `model.toml`.

    python -m training.seal model_store/softlight_models/weights/wrinkle-map --input image=tile.png

The folder holds `model.onnx` and the upper part of `model.toml`, which a person writes (role, contract,
title, use_when, licence, version). Without ``--input`` the inputs of the golden tile that is there are used
again.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from softlight_models.contracts import Contract, contract
from softlight_models.released import ENTRY_FILE, GOLDEN_FILE, MODEL_FILE, ReleasedFile, read_entry
from training.model_rules import violations

SEAL = "# The seal, written by training/seal.py: do not edit below this line.\n"
_MIN_CONTRAST = 0.02
"""Standard deviation below which a golden output proves little, of the range where that is less than 1: a
device that returns zeros nearly agrees."""


def seal(folder: Path, inputs: Mapping[str, NDArray[np.float32]] | None = None) -> list[str]:
    """Make the golden tile of a model and write the seal into its `model.toml`.

    Parameters
    ----------
    folder : Path
        Holds `model.onnx` and the upper part of `model.toml`.
    inputs : mapping of str to ndarray float32, shape (1, channels, 256, 256), 0..1, optional
        A tile on which the network has something to show, for every input of the contract. It is stored in
        256 steps, and the output is computed from what is stored. Default: what the golden tile has now.

    Returns
    -------
    list of str
        The rules that the model breaks. Unless it is empty nothing was written.
    """
    entry_path = folder / ENTRY_FILE
    written = entry_path.read_text(encoding="utf-8").split(SEAL)[0]
    promise = contract(tomllib.loads(written)["contract"])
    model = (folder / MODEL_FILE).read_bytes()
    found = violations(model, promise)
    if found:
        return found

    stored = _stored_inputs(promise, inputs if inputs is not None else _present_inputs(folder))
    outputs = _run_on_cpu(
        model, {name: value.astype(np.float32) / np.float32(255) for name, value in stored.items()}
    )
    spans = {tensor.name: min(1.0, tensor.high - tensor.low) for tensor in promise.network().outputs}
    for name, value in outputs.items():
        if not np.isfinite(value).all():
            found.append(f"The output {name} on the golden tile is not finite.")
        elif value.size > 1 and float(value.std()) < _MIN_CONTRAST * spans[name]:
            found.append(f"The output {name} on the golden tile is nearly constant; choose another tile.")
    if found:
        return found

    golden = _npz(
        {f"input.{name}": value for name, value in stored.items()}
        | {f"output.{name}": _rounded(value) for name, value in outputs.items()}
    )
    (folder / GOLDEN_FILE).write_bytes(golden)
    parsed = onnx.load_model_from_string(model)
    opset = max(imported.version for imported in parsed.opset_import if imported.domain in ("", "ai.onnx"))
    text = (
        written.rstrip() + "\n\n" + SEAL
        + "\n[model]\n" + _released(model) + f"ir_version = {parsed.ir_version}\nopset = {opset}\n"
        + "\n[golden]\n" + _released(golden)
    )  # fmt: skip
    entry_path.write_text(text, encoding="utf-8", newline="\n")
    read_entry(entry_path)
    return []


def _stored_inputs(
    promise: Contract, inputs: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.uint8]]:
    stored = {}
    for tensor in promise.network().inputs:
        value = np.asarray(inputs[tensor.name])
        due = promise.network().usual_shape(tensor)
        if value.shape != due:
            raise ValueError(f"The input {tensor.name} has the shape {value.shape}; {due} is due.")
        stored[tensor.name] = np.rint(np.clip(value, 0, 1) * 255).astype(np.uint8)
    return stored


def _decoded(value: NDArray[np.uint8]) -> NDArray[np.float32]:
    return value.astype(np.float32) / np.float32(255)


def _present_inputs(folder: Path) -> dict[str, NDArray[np.float32]]:
    with np.load(folder / GOLDEN_FILE, allow_pickle=False) as golden:
        return {
            key.removeprefix("input."): _decoded(golden[key])
            for key in golden.files
            if key.startswith("input.")
        }


def _run_on_cpu(model: bytes, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def _rounded(value: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return values in half precision, small ones in steps of 1/4096.

    Below 1 both are off by at most 2.5e-4: 80 dB, far above the 50 dB that devices must reach. Steps make the
    many shares of nearly 0 of a parsing equal, and its golden tile a third as large.
    """
    return (np.rint(value * 4096) / 4096).astype(np.float16)


def _npz(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _released(content: bytes) -> str:
    file = ReleasedFile(len(content), hashlib.sha256(content).hexdigest())
    return f'size = {file.size}\nsha256 = "{file.sha256}"\n'


def _read_tile(path: Path) -> NDArray[np.float32]:
    """Read a picture or .npy file as (1, channels, height, width), 0..1."""
    if path.suffix == ".npy":
        array: NDArray[np.float32] = np.load(path, allow_pickle=False).astype(np.float32)
        return array
    from PIL import Image

    with Image.open(path) as picture:
        pixels = np.atleast_3d(np.asarray(picture, dtype=np.float32)) / 255
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[np.newaxis])


def main() -> int:
    """Seal the model in a folder; the exit code is 1 if it breaks a rule."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--input", action="append", default=[], metavar="NAME=FILE", help="8-bit picture or .npy"
    )
    arguments = parser.parse_args()
    pairs = [text.partition("=") for text in arguments.input]
    inputs = {name: _read_tile(Path(file)) for name, _, file in pairs}
    found = seal(arguments.folder, inputs or None)
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
