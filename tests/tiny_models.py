"""Networks of one convolution that fulfil the real contracts, sealed like real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from softlight_models.contracts import CONTRACTS, Contract, Tensor
from softlight_models.released import ENTRY_FILE, MODEL_FILE
from training.seal import seal


def random_tile(tensor: Tensor, size: int = 256, seed: int = 1) -> NDArray[np.float32]:
    """A tile of 256 levels for an input."""
    random = np.random.default_rng(seed)
    levels = random.integers(0, 256, (1, tensor.channels, size, size))
    return levels.astype(np.float32) / np.float32(255)


def random_tiles(contract: Contract, size: int = 256, seed: int = 1) -> dict[str, NDArray[np.float32]]:
    """A tile for each input of a contract."""
    return {tensor.name: random_tile(tensor, size, seed) for tensor in contract.inputs}


def tiny_model(contract: Contract, opset: int = 17, ir_version: int = 8, gain: float = 1.0) -> bytes:
    """An ONNX file with one convolution and a sigmoid per output; `gain` scales its weights."""
    random = np.random.default_rng(7)
    channels = sum(tensor.channels for tensor in contract.inputs)
    nodes = [helper.make_node("Concat", [tensor.name for tensor in contract.inputs], ["joined"], axis=1)]
    weights = []
    for tensor in contract.outputs:
        kernel = gain * random.normal(size=(tensor.channels, channels, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"{tensor.name}.weight"))
        raw = f"{tensor.name}.raw"
        nodes.append(helper.make_node("Conv", ["joined", f"{tensor.name}.weight"], [raw], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Sigmoid", [raw], [tensor.name]))
    graph = helper.make_graph(
        nodes,
        contract.name,
        [_value(tensor) for tensor in contract.inputs],
        [_value(tensor) for tensor in contract.outputs],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version)
    return bytes(model.SerializeToString())


def _value(tensor: Tensor) -> onnx.ValueInfoProto:
    shape: list[str | int | None] = ["batch", tensor.channels, "height", "width"]
    return helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, shape)


def write_model(folder: Path, contract: Contract, content: bytes | None = None) -> Path:
    """Write a model and the unsealed part of its entry to ``folder/<role>`` and return that folder."""
    target = folder / contract.name
    target.mkdir(parents=True)
    (target / MODEL_FILE).write_bytes(tiny_model(contract) if content is None else content)
    (target / ENTRY_FILE).write_text(
        f'role = "{contract.name}"\ncontract = "{contract.name}"\ntitle = "Tiny {contract.name}"\n'
        'use_when = "Tests run."\nlicence = "CC0-1.0"\nversion = "1"\n',
        encoding="utf-8",
    )
    return target


def release_all(folder: Path) -> Path:
    """Write and seal one tiny model for every contract; return `folder`."""
    for contract in CONTRACTS:
        broken = seal(write_model(folder, contract), random_tiles(contract))
        assert broken == []
    return folder
