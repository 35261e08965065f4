"""Bad pictures become clear anywhere, and clean ones stay: levels of degradation on held-out people's photos.

    python -m training.evaluation.backgrounds LABELS [--checkpoint CHECKPOINT]

LABELS is what `label_background.py` wrote. One square of each held-out portrait, from anywhere in it, in 8
bits, after each of `softlight.degradation`'s levels: means of the PSNR (peak 1) in dB. Level 0 is the clean
picture: below 40 dB a change would be seen, and the script fails.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from softlight.degradation.photos import degrade
from softlight.degradation.steps import LEVELS, level
from training import background_restoration
from training.background_restorer import BackgroundRestoration
from training.evaluation import faces, measures
from training.evaluation.faces import Bytes

SIDE, AROUND, CUT = 256, 272, np.s_[5:261, 3:259]
"""Px of a square and of what is degraded; blocks of JPEG then begin nowhere in particular."""
SEED = 20271
LEAST_CLEAN, CAP = 40.0, 99.0
"""dB of clean pictures at least, and what counts for one that is the same to the last bit."""

Restorer = Callable[[Bytes], Bytes]


def squares(labels: Path) -> list[Bytes]:
    """Return a square with its surroundings of each held-out portrait that is large enough."""
    random, found = np.random.default_rng(SEED), []
    for image in background_restoration.load(labels, held_out=True, sets=("pd", "cc0", "london")):
        if min(image.shape[:2]) >= AROUND:
            top, left = (random.integers(length - AROUND + 1) for length in image.shape[:2])
            found.append(image[top : top + AROUND, left : left + AROUND])
    return found


def ours(checkpoint: Path) -> Restorer:
    """Return the network of a checkpoint."""
    network = BackgroundRestoration().eval()
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["average"])

    def restore(image: Bytes) -> Bytes:
        with torch.inference_mode():
            planes = torch.from_numpy(measures.unit(image).transpose(2, 0, 1)[None].copy())
            return np.rint(255 * network(planes)[0].clamp(0, 1).permute(1, 2, 0).numpy()).astype(np.uint8)

    return restore


def non_local_means(image: Bytes) -> Bytes:
    return np.asarray(cv2.fastNlMeansDenoisingColored(image, None, 6, 6, 7, 21), np.uint8)


def main() -> None:
    """Print a row for each restorer, a column for each level."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("labels", type=Path, help="folder that label_background.py wrote")
    parser.add_argument("--checkpoint", type=Path, help="of the recipe")
    options = parser.parse_args()
    restorers: dict[str, Restorer] = {"doing nothing": lambda image: image}
    if options.checkpoint:
        restorers["Face restore"] = ours(options.checkpoint)
    restorers["non-local means"] = non_local_means
    clean, whole = squares(options.labels), np.ones((SIDE, SIDE), bool)
    scores: dict[str, list[float]] = {name: [] for name in restorers}
    for number in LEVELS:
        found: dict[str, list[float]] = {name: [] for name in restorers}
        for seed, image in enumerate(clean):
            truth = measures.unit(image)
            bad = degrade(truth, level(number), np.random.default_rng((SEED, number, seed)))[CUT]
            for name, restore in restorers.items():
                result = measures.unit(restore(np.rint(255 * bad).astype(np.uint8)))
                found[name].append(min(measures.psnr(result, truth[CUT], whole, sigma=0), CAP))
        for name, values in found.items():
            scores[name].append(float(np.mean(values)))
    print(f"{len(clean)} squares\n")
    rows = [[name, *(f"{value:.2f}" for value in values)] for name, values in scores.items()]
    print(faces.table(("PSNR", *(f"level {number}" for number in LEVELS)), rows))
    if options.checkpoint and scores["Face restore"][0] < LEAST_CLEAN:
        raise SystemExit(f"Clean pictures come back with less than {LEAST_CLEAN:.0f} dB.")


if __name__ == "__main__":
    main()
