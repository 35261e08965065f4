"""Label licence-clean portraits for the face restoration recipe: aligned squares, and what each pixel shows.

Each portrait's largest face lies in the middle of a square as in `alignment`'s template ffhq_512, with a
margin to be moved in. Beside it come the shares of the parts of the face, as the default parsing sees them.

    python -m training.label_restoration PORTRAITS MODELS OUT
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from softlight.alignment import similarity, template, warped
from softlight.roles.face_restoration import cells_of
from softlight.roles.parsing import parse_face
from softlight.runtime import Runtime
from training import labelling, mesh_points, teachers
from training.face_restoration import MARGIN, SIDE

LEAST_NATIVE = 110.0
"""Px between the eyes: the template has 127, and a portrait that had to be enlarged teaches its blur."""
WHOLE = SIDE + 2 * MARGIN
TIP, CORNERS = 4, (61, 291)
"""Of the nose and of the mouth, among the 478 points."""


def five_points(mesh: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return eyes, tip of the nose and corners of the mouth of the 478 points, (5, 2)."""
    return np.concatenate([mesh_points.eyes(mesh), mesh[[TIP], :2], mesh[list(CORNERS), :2]])


def label(path: Path, sessions: dict[str, ort.InferenceSession], runtime: Runtime) -> labelling.Labels | None:
    """Return square and parts of one portrait; `None` where no face or too small a face is found."""
    found = teachers.portrait(path, sessions)
    if found is None:
        return None
    image, mesh = found
    points = five_points(mesh)
    native = float(np.linalg.norm(points[1] - points[0]))
    if native < LEAST_NATIVE:
        return None
    photo = np.asarray(image, np.float32) / np.float32(255)
    matrix = similarity(points, template("ffhq_512", SIDE) + MARGIN)
    square = warped(photo, matrix, WHOLE, WHOLE).clip(0, 1)
    parsing = parse_face(runtime.model("parsing"), photo, points)
    shares = cells_of(parsing, matrix, WHOLE)
    return {
        "image": np.rint(255 * square).astype(np.uint8),
        "shares": labelling.as_bytes(shares),
        "native": np.float32(native),
    }


def main() -> None:
    options = labelling.arguments(__doc__.splitlines()[0])
    sessions = teachers.opened(options.models, "detector", "mesh")
    runtime = Runtime("cpu")
    labelling.label_all(
        options.portraits,
        options.out,
        ("pd", "cc0", "london"),
        lambda name: label(options.portraits / name, sessions, runtime),
    )


if __name__ == "__main__":
    main()
