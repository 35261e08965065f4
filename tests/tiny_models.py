"""Networks of one convolution that fulfil the real contracts, sealed like real ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from softlight_models.bundled import SHIPPED_ROLES, WEIGHTS
from softlight_models.contracts import Contract, Tensor
from softlight_models.contracts.pixels import SKIN_INPAINTING, WRINKLE_MAP
from softlight_models.released import ENTRY_FILE, MODEL_FILE
from training.seal import seal

ROLES_OF_PIXELS = ("skin-inpainting", "wrinkle-map")


def random_tile(tensor: Tensor, size: int = 256, seed: int = 1) -> NDArray[np.float32]:
    """A tile of 256 levels for an input."""
    random = np.random.default_rng(seed)
    levels = random.integers(0, 256, (1, _channels(tensor), size, size))
    return levels.astype(np.float32) / np.float32(255)


def random_tiles(contract: Contract, size: int = 256, seed: int = 1) -> dict[str, NDArray[np.float32]]:
    """A tile for each input of a contract."""
    return {tensor.name: random_tile(tensor, size, seed) for tensor in contract.network().inputs}


def tiny_model(contract: Contract, opset: int = 17, ir_version: int = 8, gain: float = 1.0) -> bytes:
    """An ONNX file with one convolution and a sigmoid per output; `gain` scales its weights."""
    random = np.random.default_rng(7)
    network = contract.network()
    channels = sum(_channels(tensor) for tensor in network.inputs)
    nodes = [helper.make_node("Concat", [tensor.name for tensor in network.inputs], ["joined"], axis=1)]
    weights = []
    for tensor in network.outputs:
        kernel = gain * random.normal(size=(_channels(tensor), channels, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"{tensor.name}.weight"))
        raw = f"{tensor.name}.raw"
        nodes.append(helper.make_node("Conv", ["joined", f"{tensor.name}.weight"], [raw], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Sigmoid", [raw], [tensor.name]))
    graph = helper.make_graph(
        nodes,
        contract.name,
        [_value(tensor) for tensor in network.inputs],
        [_value(tensor) for tensor in network.outputs],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version)
    return bytes(model.SerializeToString())


def _value(tensor: Tensor) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, list(tensor.shape))


def _channels(tensor: Tensor) -> int:
    return int(tensor.shape[1])


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
    """Write and seal a tiny model for the roles of pixels, and put those of faces beside; return `folder`."""
    for contract in (WRINKLE_MAP, SKIN_INPAINTING):
        broken = seal(write_model(folder, contract), random_tiles(contract))
        assert broken == []
    for role in set(SHIPPED_ROLES).difference(ROLES_OF_PIXELS):  # they are small, and no convolution
        shutil.copytree(WEIGHTS / role, folder / role)
    return folder
