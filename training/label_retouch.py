"""Retouch the labelled portraits once with the reference retoucher, for the recipe of the skin retouch.

    python -m training.label_retouch LABELS OUT

LABELS is what `label_portraits` wrote; OUT gets one ``.npz`` a portrait, at 180 px between the eyes:
``image``, ``skin`` (soft, what may be retouched), ``clothes`` and ``under_eye`` as bytes, ``changes``
int8 (6, height, width, 3) in levels of 255 in the order of `reference_retoucher.COMPONENTS`, ``mesh``
(478, 2) and ``native`` (px between the eyes of the photo it came from).
"""

from __future__ import annotations

import argparse
import multiprocessing
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training import labelling, portraits, pseudo_labels, reference_retoucher, skin_ground

SETS = ("pd", "cc0", "london")
FRAME = 0.56
"""Share of the lower face's brightness below which something between brows and mid-nose is a frame."""
LENSES = (
    [70, 105, 107, 168, 6, 197, 121, 119, 117, 116],
    [300, 334, 336, 168, 6, 197, 350, 348, 346, 345],
)
"""Around the subject's right and left eye, what lies behind most lenses."""


def without_glasses(image: NDArray[np.uint8], skin: NDArray[np.float32], mesh: NDArray[np.float32]
) -> NDArray[np.float32]:  # fmt: skip
    """Take frames, and what lies behind the lenses, out of the skin of somebody who wears glasses."""
    luma = pseudo_labels.luminance(image)
    rows = np.arange(len(luma))[:, None]
    band = (rows > mesh[[70, 300], 1].min() - 30) & (rows < mesh[[50, 280], 1].max() + 25)
    usual = float(np.median(luma[(skin > 0.9) & (rows > mesh[4, 1])])) if (skin > 0.9).any() else 0.5
    valley = np.max([pseudo_labels.valley_response(luma, s) for s in (1.2, 1.8, 2.7, 4.0)], axis=0)
    frame = band & ((valley > pseudo_labels.FRAME) | (luma < FRAME * usual))
    frame = cv2.dilate(frame.astype(np.uint8), np.ones((9, 9), np.uint8))
    lenses = np.zeros(luma.shape, np.uint8)
    for side in LENSES:
        lenses |= skin_ground.filled(luma.shape, cv2.convexHull(mesh[side])[:, 0])
    return skin * cv2.GaussianBlur(1 - np.maximum(frame, lenses).astype(np.float32), (0, 0), 2)


def retouched(path: Path, glasses: bool) -> dict[str, NDArray[np.generic]]:
    """Return what the recipe reads of one labelled portrait."""
    with np.load(path, allow_pickle=False) as data:
        image, mesh, native, clothes = (data[k] for k in ("image", "mesh", "native", "clothes"))
        skin, features, hair = (data[k].astype(np.float32) / 255 for k in ("skin", "features", "hair"))
    unit = image.astype(np.float32) / 255
    skin = skin * (1 - clothes.astype(np.float32) / 255)
    if glasses:
        skin = without_glasses(image, skin, mesh)
    changes = reference_retoucher.changes(unit, skin, features, mesh, hair)
    return {
        "image": image,
        "skin": labelling.as_bytes(skin_ground.skin_weight(unit, skin, features, mesh, hair)),
        "clothes": clothes,
        "under_eye": labelling.as_bytes(skin_ground.under_eye_map(image.shape, mesh)),
        "changes": np.clip(np.rint(changes * 255), -127, 127).astype(np.int8),
        "mesh": mesh,
        "native": native,
    }


def write(name: str, labels: Path, out: Path, spectacled: frozenset[str]) -> None:
    """Write the file of one portrait, whole or not at all; one that is there stays."""
    target = out / name
    if target.exists():
        return
    found = retouched(labels / name, name.replace(".npz", ".jpg") in spectacled)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        np.savez_compressed(file, **found)
    part.replace(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path, help="folder that label_portraits wrote")
    parser.add_argument(
        "out", type=Path, help="folder for the retouched labels; what is there is not made again"
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="each n-th portrait only")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    names = [
        path.relative_to(options.labels).as_posix()
        for folder in SETS
        for path in sorted((options.labels / folder).glob("*.npz"))
    ][:: options.every]
    job = partial(write, labels=options.labels, out=options.out, spectacled=portraits.spectacled())
    with multiprocessing.Pool(options.processes) as pool:
        for number, _ in enumerate(pool.imap(job, names), 1):
            print(f"{number} of {len(names)}", flush=True)


if __name__ == "__main__":
    main()
