"""Third-party networks that judge results; they never teach and never ship."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training import teachers

CLASSES = {"brows": (2, 3), "glasses": (6,), "lips": (11, 12, 13), "cloth": (16,), "hair": (17,)}
"""BiSeNet's classes of CelebAMask-HQ in the order of zllrunning's face-parsing."""


class Parsing:
    """BiSeNet's parsing of a face: where hair, brows, glasses, lips and cloth are.

    Parameters
    ----------
    models : Path
        Folder that holds bisenetv2_448_as_bisenet19_512.onnx.
    """

    def __init__(self, models: Path) -> None:
        self._session = teachers.session(models / "bisenetv2_448_as_bisenet19_512.onnx")

    def __call__(self, image: NDArray[np.uint8]) -> dict[str, NDArray[np.bool_]]:
        """One mask a class of a portrait at the canonical scale (RGB, uint8)."""
        height, width = image.shape[:2]
        side = max(height, width)
        square = cv2.copyMakeBorder(image, 0, side - height, 0, side - width, cv2.BORDER_REPLICATE)
        small = cv2.resize(square, (512, 512), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        small = (small - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
        feed = {self._session.get_inputs()[0].name: small.transpose(2, 0, 1)[None]}
        found = self._session.run(None, feed)[0][0].argmax(0).astype(np.uint8)
        found = cv2.resize(found, (side, side), interpolation=cv2.INTER_NEAREST)[:height, :width]
        return {name: np.isin(found, classes) for name, classes in CLASSES.items()}


class Descriptor:
    """dlib's 128-d face descriptor (weights CC0): 0.4 between pictures of a person, 0.8 between people."""

    def __init__(self) -> None:
        import dlib

        spec = find_spec("face_recognition_models")
        if spec is None or spec.origin is None:
            raise ImportError(
                "face_recognition_models is missing: pip install face_recognition_models dlib-bin"
            )
        folder = Path(spec.origin).parent / "models"
        self._dlib = dlib
        points, model = "shape_predictor_68_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat"
        self._points = dlib.shape_predictor(str(folder / points))
        self._model = dlib.face_recognition_model_v1(str(folder / model))

    def __call__(self, image: NDArray[np.uint8], mesh: NDArray[np.float32]) -> NDArray[np.float64]:
        """The descriptor of the face with MediaPipe's `mesh`; landmarks are found anew in `image`."""
        (left, brow), (right, chin) = mesh[[127, 105]].min(0), mesh[[356, 152]].max(0)
        return self.in_box(image, (int(left), int(brow) - 20, int(right), int(chin)))

    def distance_in_place(
        self, a: NDArray[np.uint8], b: NDArray[np.uint8], mesh: NDArray[np.float32]
    ) -> float:
        """The same of two pictures in which the face lies in one place: landmarks are those found in `a`.

        dlib's own landmarks differ by noise: on some portraits noise of two levels alone gives .2 and more.
        """
        (left, brow), (right, chin) = mesh[[127, 105]].min(0), mesh[[356, 152]].max(0)
        box = self._dlib.rectangle(int(left), int(brow) - 20, int(right), int(chin))
        points = self._points(a, box)
        one, other = (
            np.array(self._model.compute_face_descriptor(np.ascontiguousarray(image), points))
            for image in (a, b)
        )
        return float(np.linalg.norm(one - other))

    def in_box(self, image: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.float64]:
        """The descriptor of the face in a box: left, top, right, bottom."""
        points = self._points(image, self._dlib.rectangle(*box))
        return np.array(self._model.compute_face_descriptor(np.ascontiguousarray(image), points))

    def distance(self, a: NDArray[np.uint8], b: NDArray[np.uint8], mesh: NDArray[np.float32]) -> float:
        return float(np.linalg.norm(self(a, mesh) - self(b, mesh)))
