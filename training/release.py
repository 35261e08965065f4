"""Export a trained checkpoint into the package and seal it, with a golden tile from a shipped sample.

python -m training.release wrinkle-map CHECKPOINT.pt
python -m training.release skin-inpainting CHECKPOINT.pt
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training import strokes
from training.export import export
from training.seal import seal

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "model_store" / "softlight_models" / "weights"
SAMPLE = ROOT / "core" / "softlight" / "samples" / "hopper.jpg"
CROP = (190, 60, 318, 188)
"""Grace Hopper's forehead, eyes and glasses: skin, wrinkles, hair and frames in one tile."""


def golden_inputs(role: str) -> dict[str, NDArray[np.float32]]:
    """The tile that every device has to agree on: twice enlarged, with wrinkle-shaped holes to fill."""
    tile = Image.open(SAMPLE).convert("RGB").crop(CROP).resize((256, 256), Image.Resampling.BICUBIC)
    image = np.asarray(tile, np.float32).transpose(2, 0, 1)[None] / 255
    if role == "wrinkle-map":
        return {"image": image}
    hole = np.zeros((1, 1, 256, 256), np.float32)
    _, foot = strokes.bank(4, seed=7)
    side = strokes.SIDE
    hole[0, 0, 40 : 40 + side, 40 : 40 + side] = foot.max(axis=0)
    return {"image": image, "hole": hole}


def main(role: str, checkpoint: Path) -> None:
    folder = WEIGHTS / role
    export(role, checkpoint, folder / "model.onnx")
    if broken := seal(folder, golden_inputs(role)):
        raise SystemExit("\n".join(broken))
    print(f"{role}: {(folder / 'model.onnx').stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
