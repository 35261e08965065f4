"""Label licence-clean portraits once, with permissive teachers, for the recipes.

Every portrait is brought to the canonical scale (180 px interocular distance), cropped to the head
and neck, and saved with soft maps: ``skin`` (PAN, MIT), ``features`` (eyes, brows, lips and nostrils
from MediaPipe's 478 points, Apache-2.0), ``hair`` (PAN) and the five points. The recipes read
nothing else, so that they need torch, numpy and pillow only; this step needs onnxruntime as well.

    python -m training.label_portraits PORTRAITS MODELS OUT

PORTRAITS holds MANIFEST.csv; MODELS the teachers named below; OUT gets one ``.npz`` a portrait.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from training.pseudo_labels import label_map

INTEROCULAR = 180.0
MARGIN = (1.75, 1.75, 1.75, 2.6)
"""Left, top, right, bottom of the crop around the midpoint of the eyes, in interocular distances."""

# MediaPipe face mesh indices (canonical topology).
RIGHT_EYE = [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7]
LEFT_EYE = [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249]
RIGHT_BROW = [70, 63, 105, 66, 107, 55, 65, 52, 53, 46]
LEFT_BROW = [300, 293, 334, 296, 336, 285, 295, 282, 283, 276]
LIPS = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
NOSTRILS = [[98, 97, 2, 326, 327, 278, 4, 48]]
OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
        148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]  # fmt: skip

Array = NDArray[np.float32]


def session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def five_points(detector: ort.InferenceSession, image: Image.Image) -> Array | None:
    """The five points of the largest face that YuNet finds at 640 px, in pixels of `image`."""
    scale = 640 / max(image.size)
    small = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BOX)
    canvas = np.zeros((640, 640, 3), np.float32)
    canvas[: small.height, : small.width] = np.asarray(small, np.float32)[..., ::-1]
    names = [o.name for o in detector.get_outputs()]
    feed = {detector.get_inputs()[0].name: canvas.transpose(2, 0, 1)[None]}
    out = dict(zip(names, detector.run(None, feed), strict=True))
    best, points = 0.0, None
    for stride in (8, 16, 32):
        score = np.sqrt(np.clip(out[f"cls_{stride}"] * out[f"obj_{stride}"], 0, 1)).reshape(-1)
        size = np.exp(out[f"bbox_{stride}"].reshape(-1, 4)[:, 2:]).prod(1)
        rank = np.where(score > 0.6, size * stride**2, 0)
        i = int(rank.argmax())
        if rank[i] > best:
            cells = 640 // stride
            grid = np.array([i % cells, i // cells], np.float32)
            best = float(rank[i])
            points = (out[f"kps_{stride}"].reshape(-1, 5, 2)[i] + grid) * stride / scale
    return points


def landmarks(mesh: ort.InferenceSession, image: Image.Image, eyes: Array) -> Array:
    """MediaPipe's 478 points in pixels of `image`, from a crop levelled by the eyes."""
    right, left = eyes
    centre = (right + left) / 2
    across = left - right
    distance = float(np.hypot(*across))
    side = 4.1 * distance
    u = across / distance
    v = np.array([-u[1], u[0]])
    origin = centre + v * 0.55 * distance - (u + v) * side / 2
    step = side / 256
    affine = (u[0] * step, v[0] * step, origin[0], u[1] * step, v[1] * step, origin[1])
    crop = image.transform((256, 256), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC)
    feed = {mesh.get_inputs()[0].name: np.asarray(crop, np.float32)[None] / 255}
    found = next(o for o in mesh.run(None, feed) if o.size == 478 * 3).reshape(478, 3)[:, :2]
    return origin + found[:, :1] * step * u + found[:, 1:] * step * v


def parse(pan: ort.InferenceSession, image: Image.Image) -> Array:
    """PAN's skin, clothes and hair probabilities, shape (3, height, width)."""
    small = np.asarray(image.resize((512, 512), Image.Resampling.BICUBIC), np.float32) / 255
    small = (small - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    feed = {pan.get_inputs()[0].name: small.transpose(2, 0, 1)[None].astype(np.float32)}
    maps = pan.run(None, feed)[0][0]
    return np.stack(
        [np.asarray(Image.fromarray(m).resize(image.size, Image.Resampling.BILINEAR)) for m in maps]
    ).clip(0, 1)


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
    path: Path, teachers: dict[str, ort.InferenceSession], glasses: bool
) -> dict[str, NDArray[np.generic]] | None:
    image = Image.open(path).convert("RGB")
    points = five_points(teachers["detector"], image)
    if points is None:
        return None
    mesh = landmarks(teachers["mesh"], image, points[:2])
    eyes = np.stack([mesh[RIGHT_EYE].mean(0), mesh[LEFT_EYE].mean(0)])
    native = float(np.hypot(*(eyes[1] - eyes[0])))
    scale = INTEROCULAR / native
    centre = eyes.mean(0)
    left, top, right, bottom = (m * native for m in MARGIN)
    box = (max(0, centre[0] - left), max(0, centre[1] - top),
           min(image.width, centre[0] + right), min(image.height, centre[1] + bottom))  # fmt: skip
    size = (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))
    crop = image.resize(size, Image.Resampling.LANCZOS, box=box)
    mesh = ((mesh - box[:2]) * scale).astype(np.float32)
    skin, clothes, hair = parse(teachers["pan"], crop)
    features = polygons(size, [mesh[RIGHT_EYE], mesh[LEFT_EYE]], 9) | polygons(size, [mesh[LIPS]], 4)
    features |= polygons(size, [with_tail(mesh[RIGHT_BROW]), with_tail(mesh[LEFT_BROW])], 13)
    features |= polygons(size, [mesh[n] for n in NOSTRILS], 2)
    oval = polygons(size, [mesh[OVAL]], 0)
    pixels = np.asarray(crop)
    labels, clean = label_map(pixels, skin, hair, features, oval, mesh, glasses)
    byte = lambda m: np.rint(m * 255).astype(np.uint8)  # noqa: E731
    return {
        "image": pixels,
        "skin": byte(skin),
        "clothes": byte(clothes),
        "hair": byte(hair),
        "features": features,
        "oval": oval,
        "labels": labels,
        "clean": clean,
        "mesh": mesh,
        "native": np.float32(native),
    }


def main(portraits: Path, models: Path, out: Path) -> None:
    teachers = {
        "detector": session(models / "yunet_s_640_640.onnx"),
        "mesh": session(models / "mp_face_landmarks_detector_478.onnx"),
        "pan": session(models / "skin_clothes_hair_PAN_mnv3small_452.onnx"),
    }
    with (portraits / "MANIFEST.csv").open() as manifest:
        rows = [r for r in csv.DictReader(manifest) if not r["file"].startswith("historic")]
    spectacled = set((Path(__file__).parent / "glasses.txt").read_text().split())
    for row in rows:
        target = out / row["file"].replace(".jpg", ".npz")
        if target.exists():
            continue
        found = label(portraits / row["file"], teachers, row["file"] in spectacled)
        if found is None:
            print("no face", row["file"])
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        np.savez(target, **found)
        print(row["file"], found["image"].shape, f"{found['native']:.0f} of {row['interocular']}", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
