"""Label licence-clean portraits for the parsing recipe: which part of a person each pixel shows.

Each portrait becomes a square of 480 px with 80 px between the eyes, and a map of class numbers in the order
of `softlight.roles.parsing.CLASSES`. The teachers are PAN (skin, hair, cloth), U2NetP (the person) and
MediaPipe's 478 points (features and oval); ears and neck are skin beside and below the oval. Where they
contradict each other a pixel is `UNKNOWN`.

    python -m training.label_parsing PORTRAITS MODELS OUT
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from training import labelling, mesh_points, teachers
from training.label_portraits import polygons
from training.mesh_points import (
    INNER_LIPS,
    JAW,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    NOSE,
    OVAL,
    RIGHT_BROW,
    RIGHT_EYE,
)
from training.parsing_labels import CLASSES, EYES, INTEROCULAR, SIDE, UNKNOWN

BODY = ("skin", "brows", "eyes", "ears", "nose", "inner mouth", "lips", "neck")

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]


def square(plane: Bytes, mesh: Array, resample: Image.Resampling) -> Bytes:
    """The part of a picture that the recipe sees: eyes level, in the middle, beyond the border as on it."""
    right, left = mesh_points.eyes(mesh)
    u = (left - right) / INTEROCULAR
    step = float(np.hypot(*u))
    picture, shrunk = Image.fromarray(plane), 1.0
    if step > 1.2:  # PIL's affine does not average
        small = (round(picture.width / step), round(picture.height / step))
        shrunk = small[0] / picture.width
        picture = picture.resize(small, Image.Resampling.BOX)
    v = np.array([-u[1], u[0]])
    origin = (right + left) / 2 - u * SIDE / 2 - v * EYES
    u, v, origin = u * shrunk, v * shrunk, origin * shrunk
    margin = SIDE // 2
    width = [(margin, margin), (margin, margin), (0, 0)][: plane.ndim]
    padded = Image.fromarray(np.pad(np.asarray(picture), width, mode="edge"))
    affine = (u[0], v[0], origin[0] + margin, u[1], v[1], origin[1] + margin)
    return np.asarray(padded.transform((SIDE, SIDE), Image.Transform.AFFINE, affine, resample))


def class_map(maps: dict[str, Array], mesh: Array) -> NDArray[np.uint8]:
    """Decide on one class for each pixel of the square; planes 0..1, mesh in its px."""
    size = (SIDE, SIDE)
    skin, cloth, hair, person = (maps[k] for k in ("skin", "cloth", "hair", "person"))
    inside = lambda outline, grow=0.0: polygons(size, [mesh[outline]], grow) > 0  # noqa: E731
    oval = inside(OVAL)
    rows = np.arange(SIDE)[:, None] * np.ones((1, SIDE))
    columns = np.arange(SIDE)[None] * np.ones((SIDE, 1))
    chin, mouth, brow = mesh[152, 1], mesh[13, 1], min(mesh[105, 1], mesh[334, 1])
    centre = (mesh[234, 0] + mesh[454, 0]) / 2
    # Below the jaw line: under the polygon that the jaw closes with the top corners of the square.
    above_jaw = polygons(size, [np.concatenate([mesh[JAW], [(SIDE * 3, mesh[356, 1]), (SIDE * 3, -SIDE),
                                                            (-SIDE * 3, -SIDE), (-SIDE * 3, mesh[127, 1])]])
                                .astype(np.float32)], 0) > 0  # fmt: skip
    near = np.abs(columns - centre) < 1.1 * (mesh[454, 0] - mesh[234, 0])

    found = np.full(size, UNKNOWN, np.uint8)
    put = lambda mask, name: found.__setitem__(mask, CLASSES.index(name))  # noqa: E731
    put(person < 0.15, "background")
    put((person > 0.6) & (cloth > 0.5) & (rows > mouth), "cloth")
    put((person > 0.6) & (rows > chin) & (skin < 0.3) & (hair < 0.3), "cloth")
    put((person > 0.4) & (hair > 0.6), "hair")
    # PAN's hair has gaps: what is person around the head, and neither skin nor cloth, is hair.
    put((person > 0.7) & (rows < mouth) & near & ~oval & (skin < 0.3) & (cloth < 0.5), "hair")
    is_skin = (skin > 0.6) & (hair < 0.6)
    put(is_skin & (rows < chin), "skin")
    put(is_skin & ~above_jaw & ~(inside(OVAL, 3) & (rows < mouth)), "neck")
    put(is_skin & (rows > chin + 2.2 * INTEROCULAR), "neck")
    beside = ~inside(OVAL, 3) & (rows > brow - 5) & (rows < mouth)
    wide = np.abs(columns - centre) > 0.42 * (mesh[454, 0] - mesh[234, 0])
    put(is_skin & beside & wide, "ears")
    put(oval & (hair < 0.5) & (rows > brow), "skin")
    put(inside(NOSE), "nose")
    for outline in (RIGHT_BROW, LEFT_BROW):
        put(inside(outline, 1.5), "brows")
    for outline in (RIGHT_EYE, LEFT_EYE):
        put(inside(outline, 0.5), "eyes")
    put(inside(LIPS), "lips")
    if mesh[14, 1] - mesh[13, 1] > 2:
        put(inside(INNER_LIPS), "inner mouth")
    return attached(found, mesh[4])


def attached(classes: NDArray[np.uint8], nose: Array) -> NDArray[np.uint8]:
    """Forget skin, ears and neck that hang together with no face: a flag's stripe, another person's hand."""
    body = np.isin(classes, [CLASSES.index(name) for name in BODY])
    spread = Image.fromarray(body.astype(np.uint8)).copy()  # Pillow fills no borrowed memory
    ImageDraw.floodfill(spread, (int(nose[0]), int(nose[1])), 2)
    return np.where(body & (np.asarray(spread) != 2), UNKNOWN, classes).astype(np.uint8)


def label(path: Path, sessions: dict[str, ort.InferenceSession]) -> dict[str, NDArray[np.generic]] | None:
    """Image, classes and mesh of one portrait in the square; `None` where no face is found."""
    found = teachers.portrait(path, sessions)
    if found is None:
        return None
    image, mesh = found
    skin, cloth, hair = teachers.parse(sessions["pan"], image)
    person = teachers.person(sessions["person"], image)

    def cut(plane: Array) -> Array:
        byte = np.rint(plane * 255).astype(np.uint8)  # PIL blurs no float pictures
        return square(byte, mesh, Image.Resampling.BILINEAR).astype(np.float32) / 255

    right, left = mesh_points.eyes(mesh)
    u = (left - right) / INTEROCULAR
    turn = np.array([[u[0], -u[1]], [u[1], u[0]]])
    inner = (mesh - (right + left) / 2) @ np.linalg.inv(turn).T + [SIDE / 2, EYES]
    pixels = square(np.asarray(image), mesh, Image.Resampling.BICUBIC)
    # A second look at the face alone: PAN's input is 512 px, and a portrait's face fills a third of it.
    close = teachers.parse(sessions["pan"], Image.fromarray(pixels))
    maps = {"skin": (cut(skin) + close[0]) / 2, "cloth": (cut(cloth) + close[1]) / 2,
            "hair": (cut(hair) + close[2]) / 2, "person": cut(person)}  # fmt: skip
    inner = inner.astype(np.float32)
    return {"image": pixels, "classes": class_map(maps, inner), "mesh": inner}


def main() -> None:
    options = labelling.arguments(__doc__.splitlines()[0])
    sessions = teachers.opened(options.models, "detector", "mesh", "pan", "person")
    labelling.label_all(
        options.portraits,
        options.out,
        ("pd", "cc0", "london"),
        lambda name: label(options.portraits / name, sessions),
    )


if __name__ == "__main__":
    main()
