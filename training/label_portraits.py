"""Label licence-clean portraits once, with permissive teachers, for the recipes.

Every portrait is brought to the canonical scale (180 px interocular distance), cropped to the head
and neck, and saved with soft maps: ``skin`` (PAN, MIT), ``features`` (eyes, brows, lips and nostrils
from MediaPipe's 478 points, Apache-2.0), ``hair`` (PAN) and the five points. The recipes read
nothing else, so that they need torch, numpy and pillow only; this step needs onnxruntime as well.

    python -m training.label_portraits PORTRAITS MODELS OUT

PORTRAITS holds MANIFEST.csv; MODELS what `teachers.FILES` names; OUT gets one ``.npz`` a portrait.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from training import labelling, portraits, teachers
from training.mesh_points import LEFT_BROW, LEFT_EYE, LIPS, NOSTRILS, OVAL, RIGHT_BROW, RIGHT_EYE
from training.pseudo_labels import label_map

INTEROCULAR = 180.0
MARGIN = (1.75, 1.75, 1.75, 2.6)
"""Left, top, right, bottom of the crop around the midpoint of the eyes, in interocular distances."""

Array = NDArray[np.float32]


def polygons(size: tuple[int, int], outlines: list[Array], grow: float) -> NDArray[np.uint8]:
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for outline in outlines:
        points = [tuple(p) for p in outline]
        draw.polygon(points, fill=255)
        if grow:
            draw.line([*points, points[0]], fill=255, width=round(2 * grow), joint="curve")
    return np.asarray(mask)


def with_tail(brow: Array) -> Array:
    """A brow's outline (upper edge from tail to nose, lower edge back), with its tail drawn out by a sixth.

    MediaPipe's brow ends where the hairs get thin, and thin dark hairs look like a crease.
    """
    upper, lower = brow[:5], brow[5:]
    tail = (upper[0] + lower[-1]) / 2
    out = tail + (tail - (upper[4] + lower[0]) / 2) / 6
    return np.concatenate([upper, lower, out[None]])


def label(
    path: Path, sessions: dict[str, ort.InferenceSession], glasses: bool
) -> dict[str, NDArray[np.generic]] | None:
    """Return the soft maps, labels and points of one portrait; `None` where no face is found."""
    found = teachers.portrait(path, sessions)
    if found is None:
        return None
    image, mesh = found
    box, scale = labelling.around_eyes(mesh, image.size, MARGIN, INTEROCULAR)
    size = (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))
    crop = image.resize(size, Image.Resampling.LANCZOS, box=box)
    mesh = ((mesh - box[:2]) * scale).astype(np.float32)
    skin, clothes, hair = teachers.parse(sessions["pan"], crop)
    features = polygons(size, [mesh[RIGHT_EYE], mesh[LEFT_EYE]], 9) | polygons(size, [mesh[LIPS]], 4)
    features |= polygons(size, [with_tail(mesh[RIGHT_BROW]), with_tail(mesh[LEFT_BROW])], 13)
    features |= polygons(size, [mesh[NOSTRILS]], 2)
    oval = polygons(size, [mesh[OVAL]], 0)
    pixels = np.asarray(crop)
    labels, clean = label_map(pixels, skin, hair, features, oval, mesh, glasses)
    return {
        "image": pixels,
        "skin": labelling.as_bytes(skin),
        "clothes": labelling.as_bytes(clothes),
        "hair": labelling.as_bytes(hair),
        "features": features,
        "oval": oval,
        "labels": labels,
        "clean": clean,
        "mesh": mesh,
        "native": np.float32(INTEROCULAR / scale),
    }


def main() -> None:
    options = labelling.arguments(__doc__.splitlines()[0])
    sessions = teachers.opened(options.models, "detector", "mesh", "pan")
    spectacled = portraits.spectacled()
    labelling.label_all(
        options.portraits,
        options.out,
        ("pd", "cc0", "london"),
        lambda name: label(options.portraits / name, sessions, name in spectacled),
    )


if __name__ == "__main__":
    main()
