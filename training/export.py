"""Export a checkpoint to the ONNX file of a default model.

python -m training.export wrinkle-map CHECKPOINT.pt OUT/model.onnx
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
import torch
from torch import nn

from training.networks import SkinInpainting, WrinkleMap

OPSET = 18
"""DirectML of onnxruntime 1.24 takes up to 20; 18 is the oldest that torch's exporter writes natively."""
NETWORKS: dict[str, tuple[type[nn.Module], dict[str, int], str]] = {
    "wrinkle-map": (WrinkleMap, {"image": 3}, "map"),
    "skin-inpainting": (SkinInpainting, {"image": 3, "hole": 1}, "fill"),
}


def export(role: str, checkpoint: Path, target: Path) -> None:
    """Write the averaged weights of a checkpoint, with named dimensions and no source paths."""
    kind, inputs, output = NETWORKS[role]
    network = kind().eval()
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["average"])
    example = tuple(torch.rand(2, channels, 256, 256) for channels in inputs.values())
    axes = {name: {0: "batch", 2: "height", 3: "width"} for name in (*inputs, output)}
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(network, example, str(target), input_names=list(inputs), output_names=[output],
                      dynamic_axes=axes, opset_version=OPSET, dynamo=False)  # fmt: skip
    model = onnx.load(target)
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, target)


if __name__ == "__main__":
    export(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
