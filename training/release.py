"""Export a trained checkpoint into the package and seal it, with a golden tile from a shipped sample.

python -m training.release wrinkle-map CHECKPOINT.pt
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F

from softlight.degradation.photos import degrade
from softlight.degradation.steps import level
from softlight_models.contracts import contract
from training import folds, strokes
from training.abpn import blend_layer
from training.blemishes import KINDS, Bank, spoil
from training.export import NETWORKS, export
from training.parsing_labels import CLASSES
from training.seal import seal

Array = NDArray[np.float32]
ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "model_store" / "softlight_models" / "weights"
SAMPLE = ROOT / "core" / "softlight" / "samples" / "hopper.jpg"
TILES = {
    # Grace Hopper's forehead, eyes and glasses: skin, wrinkles, hair and frames in one tile.
    "wrinkle-map": (190, 60, 318, 188),
    "skin-inpainting": (190, 60, 318, 188),
    # Her face as the contract wants it, 1.5 times its box.
    "landmarks": (115, 82, 417, 384),
    # Her head, which is shown in several sizes.
    "face-detection": (66, 40, 466, 440),
    # Her face where the template has it, as upright as she holds it.
    "parsing": (100, 50, 440, 390),
    # Her forehead and eyes at the scale that the network knows, with defects drawn onto them: of her whole
    # head, half as large, it changes too little to prove anything.
    "skin-retouch": (190, 100, 310, 220),
    "blend-refinement": (200, 200, 328, 328),
    # The cloth of her uniform, with folds.
    "garment-retouch": (140, 390, 340, 590),
    # Her face where the template has it, made worse.
    "face-restoration": (96, 36, 432, 372),
    # Stars and stripes beside her hat and face, made worse.
    "background-restoration": (0, 0, 256, 256),
}
"""Left, top, right, bottom of the square of the sample that every device has to agree on."""


def golden_inputs(role: str) -> dict[str, Array]:
    """Return the tile in the contract's usual size, with what the network is to find in it."""
    network = contract(NETWORKS[role][1]).network()
    _, _, height, width = network.usual_shape(network.inputs[0])
    tile = Image.open(SAMPLE).convert("RGB").crop(TILES[role])
    if role == "face-detection":
        tile = in_many_sizes(tile)
    tile = tile.resize((width, height), Image.Resampling.BICUBIC)
    image = np.asarray(tile, np.float32) / 255
    if role == "skin-inpainting":
        return {"image": _planes(image), "hole": _wrinkle_shaped(height, width)}
    if role in ("skin-retouch", "garment-retouch"):
        # Each component as strongly as no other one.
        weights = np.linspace(1, 0.5, *network.usual_shape(network.inputs[1]), dtype=np.float32)
        worked_on = _spoiled(image)[0] if role == "skin-retouch" else _folded(image)
        return {"image": _planes(worked_on), "weights": weights}
    if role == "blend-refinement":
        spoiled, changes = _spoiled(image)
        layer = blend_layer(torch.from_numpy(_planes(spoiled)), torch.from_numpy(_planes(changes)))
        return {"image": _planes(spoiled), "coarse": F.avg_pool2d(layer, 2).numpy()}
    if role == "face-restoration":
        bad = degrade(image, level(2), np.random.default_rng(7))
        shares = np.zeros(network.usual_shape(network.inputs[1]), np.float32)
        shares[:, CLASSES.index("skin")] = _oval(*shares.shape[2:])
        return {"image": _planes(bad), "shares": shares}
    if role == "background-restoration":
        return {"input": _planes(degrade(image, level(2), np.random.default_rng(7)))}
    return {"image": _planes(image)}


def _planes(image: Array) -> Array:
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None])


def _wrinkle_shaped(height: int, width: int) -> Array:
    hole = np.zeros((1, 1, height, width), np.float32)
    _, foot = strokes.bank(4, seed=7)
    side = strokes.SIDE
    hole[0, 0, 40 : 40 + side, 40 : 40 + side] = foot.max(axis=0)
    return hole


def _spoiled(image: Array) -> tuple[Array, Array]:
    """Draw defects of every kind; return the picture and what undoes them."""
    skin = np.ones(image.shape[:2], np.float32)
    spoiled, changes = spoil(image, skin, 0 * skin, np.random.default_rng(7), Bank(7), KINDS)
    return spoiled, changes.sum(axis=0)


def _oval(height: int, width: int) -> Array:
    """Return where a face lies in its template's square, about."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    inside = ((x / width - 0.5) / 0.27) ** 2 + ((y / height - 0.57) / 0.36) ** 2
    return np.asarray(inside < 1, np.float32)


def _folded(image: Array) -> Array:
    """Draw folds of every kind into the middle of a picture of cloth."""
    side, random = folds.SIDE, np.random.default_rng(7)
    top, left = ((length - side) // 2 for length in image.shape[:2])
    middle = np.s_[top : top + side, left : left + side]
    cloth, bank = np.ones((side, side), np.float32), folds.bank(len(folds.KINDS), seed=7)
    folded = image.copy()
    for kind in folds.KINDS:
        folded[middle], _ = folds.spoil(folded[middle], cloth, random, bank, kind)
    return folded


def in_many_sizes(head: Image.Image, side: int = 640) -> Image.Image:
    """Repeat a picture at half, quarter and eighth of a side: each grid of the detector finds its faces."""
    sheet = Image.new("RGB", (side, side))
    half, quarter, eighth = (head.resize((side // n, side // n), Image.Resampling.BOX) for n in (2, 4, 8))
    sheet.paste(half, (0, 0))
    for part, tops, lefts in (
        (quarter, range(0, side // 2, side // 4), range(side // 2, side, side // 4)),
        (eighth, range(side // 2, side, side // 8), range(0, side, side // 8)),
    ):
        for top in tops:
            for left in lefts:
                sheet.paste(part, (left, top))
    return sheet


def main(role: str, checkpoint: Path) -> None:
    folder = WEIGHTS / role
    export(role, checkpoint, folder / "model.onnx")
    if broken := seal(folder, golden_inputs(role)):
        raise SystemExit("\n".join(broken))
    print(f"{role}: {(folder / 'model.onnx').stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
