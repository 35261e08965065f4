"""Export a checkpoint to the ONNX file of a default model.

python -m training.export wrinkle-map CHECKPOINT.pt OUT/model.onnx
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from softlight_models.contracts import contract
from training.abpn import BlendRefinement, LocalRetouching, SkinRetouching
from training.background_restorer import BackgroundRestoration
from training.face_detection import FaceDetector
from training.face_restorer import DetailedRestoration
from training.landmarks import Landmarks
from training.networks import SkinInpainting, WrinkleMap
from training.parsing import Parsing
from training.parsing_labels import CLASSES

OPSET = 18
"""DirectML of onnxruntime 1.24 takes up to 20; 18 is the oldest that torch's exporter writes natively."""
NETWORKS: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "wrinkle-map": (WrinkleMap, "wrinkle-map"),
    "skin-inpainting": (SkinInpainting, "skin-inpainting"),
    "landmarks": (Landmarks, "face-mesh-478"),
    "face-detection": (FaceDetector, "softlight-faces"),
    "parsing": (Parsing, "softlight-parsing"),
    "skin-retouch": (SkinRetouching, "softlight-retouch"),
    "garment-retouch": (partial(LocalRetouching, components=1), "softlight-garment"),
    "blend-refinement": (BlendRefinement, "blend-refinement"),
    "background-restoration": (BackgroundRestoration, "deblur"),
    "face-restoration": (partial(DetailedRestoration, len(CLASSES)), "softlight-face-restoration"),
}
"""Of each role the network, which gives its outputs in the order of a contract, and that one's name."""
MOST_BYTES = 4_000_000
"""Of a default model's file; weights of a larger one are stored in half precision."""
HALVED = ("background-restoration",)
"""Smaller ones of which they are, too."""


def export(role: str, checkpoint: Path, target: Path) -> None:
    """Write the averaged weights of a checkpoint, with the contract's names and sizes and no source paths."""
    kind, name = NETWORKS[role]
    promise = contract(name).network()
    network = kind().eval()
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["average"])
    # Two at a time, where a contract takes any number: a size of one could be taken for a constant.
    example = tuple(torch.rand(promise.shape(tensor, {"batch": 2})) for tensor in promise.inputs)
    axes = {
        tensor.name: {axis: size for axis, size in enumerate(tensor.shape) if isinstance(size, str)}
        for tensor in (*promise.inputs, *promise.outputs)
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(network, example, str(target), input_names=[t.name for t in promise.inputs],
                      output_names=[t.name for t in promise.outputs], dynamic_axes=axes,
                      opset_version=OPSET, dynamo=False)  # fmt: skip
    model = onnx.load(target)
    for node in model.graph.node:
        node.doc_string = ""
    for output, tensor in zip(model.graph.output, promise.outputs, strict=True):
        for dim, size in zip(output.type.tensor_type.shape.dim, tensor.shape, strict=True):
            if isinstance(size, int):  # the exporter loses sight of them behind a Reshape
                dim.dim_value = size
    if model.ByteSize() > MOST_BYTES or role in HALVED:
        halve(model.graph)
    onnx.save(model, target)


def halve(graph: onnx.GraphProto) -> None:
    """Store the kernels of convolutions in half precision; a cast, which runtimes fold, gives them back."""
    kernels = {node.input[1] for node in graph.node if node.op_type == "Conv"}
    for weights in graph.initializer:
        if weights.name in kernels:
            name, values = weights.name, numpy_helper.to_array(weights)
            weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
            graph.node.insert(0, helper.make_node("Cast", [weights.name], [name], to=TensorProto.FLOAT))


if __name__ == "__main__":
    export(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
