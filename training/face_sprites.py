"""Cut people out of licence-clean portraits once, for the scenes on which the detector is trained.

    python -m training.face_sprites PORTRAITS MODELS OUT

PORTRAITS holds MANIFEST.csv; MODELS the permissive teachers; OUT gets one ``.npz`` a portrait:

* ``person``: RGB and the person's opacity (u2netp, Apache-2.0), 80 px between the eyes, head and shoulders,
* ``mesh``: MediaPipe's 478 points (Apache-2.0) in px of ``person``,
* ``whole``: the portrait with its background, at most 512 px long,
* ``whole_mesh``: the same points in px of ``whole``.

`scenes.py` reads nothing else, so that the recipe needs torch, numpy and pillow only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image

from training import labelling, teachers

INTEROCULAR = 80.0
"""Px between the eyes of a cut-out: a face of 180 x 220 px."""
MARGIN = (3.6, 2.7, 3.6, 4.5)
"""Left, top, right, bottom of a cut-out around the midpoint of the eyes, in interocular distances."""
WHOLE = 512


def cut_out(path: Path, sessions: dict[str, ort.InferenceSession]) -> dict[str, NDArray[np.generic]] | None:
    """What OUT gets for one portrait, or `None` where YuNet finds no face."""
    found = teachers.portrait(path, sessions)
    if found is None:
        return None
    image, mesh = found
    box, scale = labelling.around_eyes(mesh, image.size, MARGIN, INTEROCULAR)
    size = (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))
    opacity = np.rint(255 * teachers.person(sessions["person"], image)).astype(np.uint8)
    person = image.copy()
    person.putalpha(Image.fromarray(opacity))
    person = person.resize(size, Image.Resampling.LANCZOS, box=box)
    whole = image.copy()
    whole.thumbnail((WHOLE, WHOLE), Image.Resampling.LANCZOS)
    return {
        "person": np.asarray(person),
        "mesh": ((mesh - box[:2]) * scale).astype(np.float32),
        "whole": np.asarray(whole),
        "whole_mesh": (mesh * (whole.width / image.width)).astype(np.float32),
    }


def main() -> None:
    """Cut out every portrait that may train or tell about held-out people."""
    options = labelling.arguments(__doc__.splitlines()[0])
    sessions = teachers.opened(options.models, "detector", "mesh", "person")
    labelling.label_all(
        options.portraits,
        options.out,
        ("pd", "cc0"),
        lambda name: cut_out(options.portraits / name, sessions),
    )


if __name__ == "__main__":
    main()
