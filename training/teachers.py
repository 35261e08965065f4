"""The permissive teachers: what they are fed, and what their answers mean.

YuNet (MIT) finds a face, MediaPipe's mesh (Apache-2.0) its 478 points, PAN (MIT) skin, clothes and hair,
U2NetP (Apache-2.0) the person. Only the scripts that write labels ask them; the recipes do not.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image

FILES = {
    "detector": "yunet_s_640_640.onnx",
    "mesh": "mp_face_landmarks_detector_478.onnx",
    "pan": "skin_clothes_hair_PAN_mnv3small_452.onnx",
    "person": "u2netp.onnx",
}
"""Of each teacher the file, in the folder that the scripts call MODELS."""

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels, R, G, B, 0..1."""

Array = NDArray[np.float32]


def session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """Open a network; on one thread, as more spin in vain where the machine has other work."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def opened(models: Path, *names: str) -> dict[str, ort.InferenceSession]:
    """Open some of the teachers, by their names in `FILES`."""
    return {name: session(models / FILES[name]) for name in names}


def portrait(path: Path, sessions: dict[str, ort.InferenceSession]) -> tuple[Image.Image, Array] | None:
    """Return a picture and the 478 points of its largest face; `None` where no face is found.

    Parameters
    ----------
    path : Path
    sessions : dict
        With "detector" and "mesh".
    """
    image = Image.open(path).convert("RGB")
    points = five_points(sessions["detector"], image)
    return None if points is None else (image, landmarks(sessions["mesh"], image, points[:2]))


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
    """MediaPipe's 478 points (x, y) in pixels of `image`, from a crop levelled by the eyes."""
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
    points: Array = origin + found[:, :1] * step * u + found[:, 1:] * step * v
    return points


def parse(pan: ort.InferenceSession, image: Image.Image) -> Array:
    """PAN's skin, clothes and hair probabilities, shape (3, height, width)."""
    small = np.asarray(image.resize((512, 512), Image.Resampling.BICUBIC), np.float32) / 255
    small = (small - _MEAN) / _DEVIATION
    feed = {pan.get_inputs()[0].name: small.transpose(2, 0, 1)[None].astype(np.float32)}
    maps = pan.run(None, feed)[0][0]
    return np.stack([_enlarged(plane, image.size) for plane in maps]).clip(0, 1)


def person(u2netp: ort.InferenceSession, image: Image.Image) -> Array:
    """U2NetP's saliency, 0..1, shape (height, width): the sitter of a portrait."""
    small = np.asarray(image.resize((320, 320), Image.Resampling.BICUBIC), np.float32) / 255
    small = (small / max(float(small.max()), 1 / 255) - _MEAN) / _DEVIATION
    feed = {u2netp.get_inputs()[0].name: small.transpose(2, 0, 1)[None].astype(np.float32)}
    found = u2netp.run(None, feed)[0].reshape(320, 320)
    found = (found - found.min()) / max(float(np.ptp(found)), 1e-6)
    return _enlarged(found, image.size)


def _enlarged(plane: Array, size: tuple[int, int]) -> Array:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))
