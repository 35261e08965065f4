"""Bring portraits to one shape, once, for the recipe of the prototypes (`prototypes.py`).

    python -m training.label_prototypes PORTRAITS LABELS

PORTRAITS holds MANIFEST.csv. LABELS gets one ``.npz`` a portrait: ``mesh``, 468 points in distances between
the eyes, turned upright and to the mean mesh's size; ``depth``, their third coordinate; ``texture``, the face
warped onto the mean mesh; ``face``, how much of each of its pixels is skin or a feature, and neither hair nor
glasses; ``age`` (years, 0 where not known) and ``male`` (1, 0; -1 where not known). Faces
are found as the filters find them.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np

from softlight.alignment import Box, applied, similarity
from softlight.faces import analysis
from softlight.faces.mesh import mean_mesh, mesh_of
from softlight.faces.prototypes import SIDE, STABLE, onto_face
from softlight.files import read_picture
from softlight.roles.parsing import parse_face
from softlight.runtime import Runtime
from training import labelling

SETS = ("pd", "cc0", "london")
FACE = ("skin", "brows", "eyes", "nose", "inner mouth", "lips")
KEPT = 110.0
"""Px between the eyes that are kept of a portrait: a little more than the texture's 100."""


def label(path: Path, runtime: Runtime, age: int, male: int) -> labelling.Labels | None:
    """Label one portrait; `None` where no face is found."""
    picture = read_picture(path)
    faces = analysis.find(picture, runtime)
    if not faces:
        return None
    face = max(faces, key=lambda one: one.interocular)
    part = analysis.around(picture, face.points, KEPT)
    face = analysis.face_moved(face, part.matrix)
    mesh, mean = mesh_of(face.landmarks), mean_mesh()
    upright = similarity(mesh[list(STABLE)], mean[list(STABLE)])
    where = onto_face(mesh, SIDE)
    found = parse_face(runtime.model("parsing"), part.pixels, face.points)
    rows, columns = part.pixels.shape[:2]
    shares = found.mask(Box(0, 0, columns, rows), *FACE)
    x, y = where[..., 0], where[..., 1]
    texture = cv2.remap(part.pixels, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.remap(shares, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    depth = face.landmarks.points[:468, 2] / max(face.interocular, 1e-6)
    return {
        "mesh": applied(upright, mesh).astype(np.float32),
        "depth": depth.astype(np.float32),
        "texture": labelling.as_bytes(np.clip(texture, 0, 1)),
        "face": labelling.as_bytes(inside),
        "age": np.array(age),
        "male": np.array(male),
    }


def known(portraits: Path) -> dict[str, tuple[int, int]]:
    """Return age and sex of each portrait, as the manifest has them."""
    with (portraits / "MANIFEST.csv").open() as rows:
        return {
            row["file"]: (
                int(row["age"]) if row["age"].isdigit() else 0,
                {"male": 1, "female": 0}.get(row["gender"], -1),
            )
            for row in csv.DictReader(rows)
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder that holds MANIFEST.csv and the portraits")
    parser.add_argument("out", type=Path, help="folder for the labels; what is there is not made again")
    options = parser.parse_args()
    people, runtime = known(options.portraits), Runtime("cpu")
    labelling.label_all(
        options.portraits,
        options.out,
        SETS,
        lambda name: label(options.portraits / name, runtime, *people[name]),
    )


if __name__ == "__main__":
    main()
