"""Recipe of the prototypes by which Edit attributes changes faces: of shape, tone and texture.

    python -m training.label_prototypes PORTRAITS LABELS
    python -m training.prototypes LABELS core/softlight/faces/prototypes.npz

Over all trained portraits, each also mirrored, every point of the mesh and every pixel of the face is put as
a linear function of what is asked for (how far the corners of the mouth are up and apart; age; sex) and of
how the head is held. Its slope is the prototype. Nobody is paired with himself: what differs among people for
other reasons averages out. Brows and lids are moved by rule: how high people's brows are tells more of how
they were photographed (from above, from below) than of what they do.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import portraits
from training.mesh_points import INNER_LIPS, LEFT_BROW, LEFT_EYE, LIPS, RIGHT_BROW, RIGHT_EYE

Array = NDArray[np.float32]

CORNER, EXTENT, SIDE = (-1.8, -1.4), 3.6, 360
"""Of the square around the mean mesh, as in `softlight.faces.prototypes`; a test holds them together."""
KEPT = 144
"""Px of the square that is kept: 40 from eye to eye."""
BLACK = 0.03
"""Added to light before its logarithm: below it lies the noise of shadows."""
TONE = 2.5
"""Px of 360: standard deviation within which tone is averaged; what is finer is texture."""
BANDS = (0.8, 1.6, 3.2, 6.4)
"""Px of 360: standard deviations between which the bands of texture lie."""
NEIGHBOURHOOD, STILL = 6.0, 0.002
"""Px within which contrast is averaged, and contrast that is none."""
INSIDE, FAR_INSIDE = 4.0, 12.0
"""Px of 360: standard deviation of the edge of what is taken for face, for its tone and for its texture: hair
and shadows lie beside it."""
ENOUGH, END = 20.0, 0.2
"""Faces that must show a place before its prototype counts, and the standard deviation of where it ends."""
TOP = (-0.9, -0.45)
"""Distances between the eyes above them: where on the forehead prototypes begin to count, and count fully."""
YAW = 0.5
"""How far a head may be turned: difference in depth of the two sides, in distances between the eyes."""
MEAN = Path(__file__).parents[1] / "core" / "softlight" / "faces" / "mean_mesh.npy"
CORNERS = (61, 291)
SMILE = 2.0
"""Standard deviations among portraits that the end of the slider stands for."""
RAISED, OPENED = 0.07, 0.35
"""Distances between the eyes by which brows rise, and share by which an eye opens, at the end of a slider."""
WIDE = 0.25
"""Distances between the eyes: standard deviation of what of a smile's tone is light, and no fold."""
LIGHT, COLOUR = 0.25, 0.06
"""Of the logarithm of light: what tone changes at most, all channels alike, and one against the others."""
PALE = 0.35
"""Of the colour by which men's and women's skin differs: with all of it shaved chins that were made feminine
got yellow, and no judge saw more of a woman (8 men)."""
YEARS, EMPHASIS = 20.0, 1.8
"""What the end of the slider stands for, and how much more than the prototype's slope it takes: folds that
lie elsewhere in each face are lost in the mean."""


@dataclass(frozen=True, eq=False)
class People:
    """Portraits on the mean mesh, each followed by its mirror image."""

    mesh: Array
    """(n, 468, 2)."""
    turned: Array
    """(n, 2): yaw and pitch."""
    texture: Array
    """(n, SIDE, SIDE, 3), 0..1."""
    face: Array
    """(n, KEPT, KEPT, 2): how much of each px is the face's own, for tone and for texture, 0..1."""
    age: Array
    """(n,); 0 where not known."""
    male: Array
    """(n,): 1, 0; -1 where not known."""


def load(labels: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> People:
    """Load portraits seen from the front; see `portraits.is_held_out`."""
    names = sorted(str(path.relative_to(labels).as_posix()) for path in labels.rglob("*.npz"))
    # Older people wear more glasses, and frames are neither tone nor skin.
    wearing = {name.removesuffix(".jpg") for name in portraits.spectacled()}
    names = [
        n
        for n in names
        if n.split("/")[0] in sets
        and portraits.is_held_out(n) == held_out
        and n.removesuffix(".npz") not in wearing
    ]
    if not names:
        raise SystemExit(f"{labels} holds no such labels; make them with training.label_prototypes.")
    rows = []
    for name in names:
        with np.load(labels / name) as found:
            depth, mesh = found["depth"], found["mesh"]
            face = found["face"].astype(np.float32) / 255
            yaw = depth[263] - depth[33] + depth[454] - depth[234]
            row = (
                mesh,
                (yaw, depth[10] - depth[152]),
                found["texture"],
                whole(face),
                int(found["age"]),
                int(found["male"]),
            )
        if abs(yaw) < YAW:
            rows.append(row)
    mesh, turned, texture, face, age, male = (
        np.stack([np.asarray(row[i]) for row in rows]) for i in range(6)
    )
    mirror = mirrored(np.load(MEAN).astype(np.float64))
    both = np.concatenate
    return People(
        both([mesh, mesh[:, mirror] * (-1, 1)]).astype(np.float32),
        both([turned, turned * (-1, 1)]).astype(np.float32),
        both([texture, texture[:, :, ::-1]]).astype(np.float32) / 255,
        both([face, face[:, :, ::-1]]),
        both([age, age]).astype(np.float32),
        both([male, male]).astype(np.float32),
    )


def mirrored(mean: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return for each point of the symmetrical mesh the one that its mirror image falls on."""
    away = ((mean[:, None] * (-1, 1) - mean[None]) ** 2).sum(axis=-1)
    return np.asarray(away.argmin(axis=1))


def measures(mesh: Array) -> dict[str, Array]:
    """Return what is measured on meshes (n, 468, 2), each in distances between the eyes, by name."""
    right, left = mesh[:, CORNERS[0]], mesh[:, CORNERS[1]]
    middle = (mesh[:, 13] + mesh[:, 14]) / 2
    return {
        "width": np.linalg.norm(left - right, axis=1),
        "raise": middle[:, 1] - (right[:, 1] + left[:, 1]) / 2,
        "open": mesh[:, 14, 1] - mesh[:, 13, 1],
    }


def standard(values: Array) -> Array:
    return np.asarray((values - values.mean()) / values.std())


def whole(face: Array) -> Array:
    """Return how much of each px is nothing but face, near and far: (KEPT, KEPT, 2), from (SIDE, SIDE)."""
    near, far = (smaller(blurred(face[..., None], edge))[..., 0] for edge in (INSIDE, FAR_INSIDE))
    return np.asarray(np.clip(np.stack([2 * near - 1, 4 * far - 3], axis=-1), 0, 1), np.float32)


def slope(values: Array, wanted: Array, controls: list[Array], weights: Array) -> Array:
    """Return how values (n, rows, columns, channels) change with what is wanted, controls held.

    By least squares, with a weight for each value (n, rows, columns).
    """
    told = np.stack([np.ones_like(wanted), wanted, *controls], axis=1).astype(np.float64)
    spread = told[:, 1:].std(axis=0)
    told[:, 1:] = (told[:, 1:] - told[:, 1:].mean(axis=0)) / spread
    counted = weights.reshape(len(weights), -1)
    # A ridge of one face: it decides nothing where there are many.
    system = np.einsum("np,nj,nk->pjk", counted, told, told) + np.eye(told.shape[1])
    flat = values.reshape(len(values), counted.shape[1], -1)
    goal = np.einsum("np,nj,npc->pjc", counted, told, flat)
    found = np.linalg.solve(system, goal)[:, 1] / spread[0]
    return np.asarray(found.reshape(values.shape[1:]), np.float32)


def fading(known: Array) -> Array:
    """Return how much a prototype counts where so many faces show a place (KEPT, KEPT, channels), 0..1.

    It ends softly, and at the top of the mesh: hairlines differ, and a tone that stops shows as a line.
    """
    enough = (known > ENOUGH).astype(np.float32)
    down = CORNER[1] + (np.arange(KEPT) + 0.5) * EXTENT / KEPT
    top = np.clip((down - TOP[0]) / (TOP[1] - TOP[0]), 0, 1)[:, None, None]
    top = top * top * (3 - 2 * top)
    return np.asarray(np.clip(2 * blurred(enough, END * KEPT / EXTENT) - 1, 0, 1) * top, np.float32)


def blurred(planes: Array, deviation: float) -> Array:
    """Return planes (..., height, width, channels) after a Gaussian blur; the border goes on."""
    reach = math.ceil(3 * deviation)
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * deviation**2))
    weights /= weights.sum()
    for axis in (-3, -2):
        margin = [(0, 0)] * planes.ndim
        margin[axis] = (reach, reach)
        wide, length = np.pad(planes, margin, mode="edge"), planes.shape[axis]
        planes = np.zeros_like(planes)
        for step, weight in enumerate(weights):
            planes += np.float32(weight) * np.take(wide, range(step, step + length), axis=axis)
    return planes


def smaller(planes: Array) -> Array:
    """Return planes (..., SIDE, SIDE, channels) at `KEPT` px, after the blur that this takes."""
    soft = blurred(planes, 0.5 * SIDE / KEPT)
    at = (np.arange(KEPT) + 0.5) * SIDE / KEPT - 0.5
    low = np.floor(at).astype(int)
    high, share = np.minimum(low + 1, SIDE - 1), (at - low).astype(np.float32)
    soft = soft[..., low, :, :] * (1 - share)[:, None, None] + soft[..., high, :, :] * share[:, None, None]
    return np.asarray(
        soft[..., low, :] * (1 - share)[:, None] + soft[..., high, :] * share[:, None], np.float32
    )


def seen(texture: Array) -> tuple[Array, Array]:
    """Return tone (KEPT, KEPT, 3) and texture (KEPT, KEPT, bands) of one face (SIDE, SIDE, 3), logarithms."""
    light = np.log(texture + BLACK)
    grey = light.mean(axis=-1, keepdims=True)
    levels = [blurred(grey, deviation) for deviation in BANDS]
    bands = [fine - coarse for fine, coarse in zip(levels, levels[1:], strict=False)]
    contrast = np.concatenate(
        [np.log(np.sqrt(blurred(np.square(band), NEIGHBOURHOOD)) + STILL) for band in bands], axis=-1
    )
    return smaller(blurred(light, TONE)), smaller(contrast)


def closed(shape: Array, mean: Array) -> Array:
    """Return a change of the mesh (468, 2) that opens no lips, though others do: its opening taken away.

    What the upper and the lower inner lip do is made alike, with what lies above and below in proportion.
    """
    upper, lower = INNER_LIPS[1:10], INNER_LIPS[:10:-1]
    order = np.argsort(mean[upper, 0])
    across = mean[upper, 0][order]
    gap = (shape[lower, 1] - shape[upper, 1])[order]
    line = ((mean[lower, 1] + mean[upper, 1]) / 2)[order]
    here = np.interp(mean[:, 0], across, gap, left=0, right=0)
    away = mean[:, 1] - np.interp(mean[:, 0], across, line)
    upper_lip, lower_lip = (np.isin(np.arange(len(mean)), part) for part in (upper, lower))
    side = np.where(upper_lip, 1.0, np.where(lower_lip, -1.0, -np.sign(away)))
    result = shape.copy()
    # The lips are .1 thick, and what lies beyond follows them less and less.
    beyond = np.clip(np.abs(away) - 0.12, 0, None)
    result[:, 1] += side * here / 2 * np.exp(-np.square(beyond / 0.1) / 2)
    # Nor does the jaw drop.
    lip, chin = mean[17, 1], mean[152, 1]
    result[:, 1] -= np.clip((mean[:, 1] - lip) / (chin - lip), 0, 1) * shape[152, 1]
    return result


def shading(tone: Array, mean: Array) -> Array:
    """Return what folds and cheeks do to tone (KEPT, KEPT, 3): no colour, no teeth, nothing wide."""
    grey = tone.mean(axis=-1, keepdims=True)
    wide = blurred(grey, WIDE * KEPT / EXTENT)
    down = CORNER[1] + (np.arange(KEPT)[:, None] + 0.5) * EXTENT / KEPT
    counted = np.clip((away_from_lips(mean, 0.06) - 1) / 0.3, 0, 1) * np.clip((down - 0.1) / 0.3, 0, 1)
    return np.asarray(np.repeat((grey - wide) * counted[..., None], 3, axis=-1), np.float32)


def away_from_lips(mean: Array, margin: float) -> Array:
    """Return how far each px (KEPT, KEPT) is from the middle of the lips: 1 on an ellipse around them."""
    along = (np.arange(KEPT) + 0.5) * EXTENT / KEPT
    lips = mean[LIPS]
    (x, y), half = lips.mean(axis=0), np.ptp(lips, axis=0) / 2 + margin
    across, down = CORNER[0] + along, (CORNER[1] + along)[:, None]
    return np.asarray(np.hypot((across - x) / half[0], (down - y) / half[1]), np.float32)


def paler(tone: Array, mean: Array) -> Array:
    """Return tone (KEPT, KEPT, 3) of which skin takes `PALE` of the colour, and lips all of it."""
    grey = tone.mean(axis=-1, keepdims=True)
    lips = np.clip((1.15 - away_from_lips(mean, 0.0)) / 0.3, 0, 1)[..., None]
    return np.asarray(grey + (lips + PALE * (1 - lips)) * (tone - grey), np.float32)


def brows_up(mean: Array) -> Array:
    """Return raised brows as a change of the mean mesh (468, 2): what is above follows, the lids stay."""
    shape = np.zeros_like(mean)
    for brow, eye in ((RIGHT_BROW, RIGHT_EYE), (LEFT_BROW, LEFT_EYE)):
        outline, lid = mean[brow], mean[eye][:, 1].min()
        left, right = outline[:, 0].min(), outline[:, 0].max()
        low, high = outline[:, 1].max(), outline[:, 1].min()
        beside = np.clip(np.maximum(left - mean[:, 0], mean[:, 0] - right), 0, None)
        below = np.interp(mean[:, 1], (low, lid), (1, 0))
        above = np.interp(mean[:, 1], (high - 0.6, high), (0, 1))
        shape[:, 1] = np.minimum(shape[:, 1], -RAISED * below * above * np.exp(-np.square(beside / 0.12) / 2))
    return shape


def eyes_wide(mean: Array) -> Array:
    """Return wide eyes as a change of the mean mesh (468, 2): lids part, the upper one more, corners stay."""
    shape = np.zeros_like(mean)
    for eye in (RIGHT_EYE, LEFT_EYE):
        outline = mean[eye]
        ends = outline[[outline[:, 0].argmin(), outline[:, 0].argmax()]]
        line = np.interp(mean[:, 0], ends[:, 0], ends[:, 1])
        top, bottom = (outline[:, 1].min() - line.mean(), outline[:, 1].max() - line.mean())
        away = mean[:, 1] - line
        middle, half = ends[:, 0].mean(), np.ptp(ends[:, 0]) / 2
        across = np.exp(-np.square((mean[:, 0] - middle) / (0.75 * half)) / 2)
        # As far as the lid itself what lies between follows in proportion; beyond, less and less.
        up = np.where(away < top, np.exp(-np.square((away - top) / 0.09) / 2), np.clip(away / top, 0, 1))
        down = np.where(
            away > bottom, np.exp(-np.square((away - bottom) / 0.09) / 2), np.clip(away / bottom, 0, 1)
        )
        shape[:, 1] += OPENED * across * (top * up + bottom / 2 * down)
    return shape


def modest(tone: Array) -> Array:
    """Return tone whose light and colour keep within `LIGHT` and `COLOUR`, softly: lips get no lipstick."""
    grey = tone.mean(axis=-1, keepdims=True)
    return np.asarray(LIGHT * np.tanh(grey / LIGHT) + COLOUR * np.tanh((tone - grey) / COLOUR), np.float32)


def prototypes(people: People) -> Mapping[str, tuple[Array, Array, Array]]:
    """Return shape, tone and texture of each prototype by name."""
    told, head = measures(people.mesh), [*people.turned.T, *np.square(people.turned.T)]
    looks = [seen(texture) for texture in people.texture]
    tone, texture = (np.stack([look[i] for look in looks]) for i in range(2))
    # What light and film do to a whole face is not its own.
    face = people.face[..., :1]
    tone = tone - (tone * face).sum(axis=(1, 2), keepdims=True) / face.sum(axis=(1, 2), keepdims=True)
    everywhere = np.ones(people.mesh.shape[:2], np.float32)[..., None]
    smile = standard(standard(told["width"]) + standard(told["raise"]))
    opened = standard(told["open"])
    everybody = np.ones(len(smile), bool)
    aged, sexed = people.age > 0, people.male >= 0
    asked = {
        "smile": (smile, [], everybody, SMILE),
        "age": (people.age, [smile, opened, people.male], aged & sexed, EMPHASIS * YEARS),
        "masculine": (people.male, [smile, opened, people.age], aged & sexed, 1.0),
    }
    mean = people.mesh.mean(axis=0)
    found = {}
    for name, (wanted, controls, who, full) in asked.items():
        held = [control[who] for control in (*controls, *head)]
        fade = fading(people.face[who].sum(axis=0))
        shape = slope(people.mesh[who][:, :, None], wanted[who], held, everywhere[who])[:, 0]
        light, contrast = (
            slope(values[who], wanted[who], held, people.face[who][..., i])
            for i, values in enumerate((tone, texture))
        )
        if name == "smile":
            light = shading(light, mean)
        light, contrast = light * fade[..., :1], contrast * fade[..., 1:]
        light = modest(full * light)
        if name == "masculine":
            light = paler(light, mean)
        found[name] = full * shape, light, full * contrast
    shape, light, contrast = found["smile"]
    found["smile-closed"] = closed(shape, mean), light, contrast
    nothing = np.zeros_like(light), np.zeros_like(contrast)
    found["brows"], found["eyes"] = (brows_up(mean), *nothing), (eyes_wide(mean), *nothing)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("labels", type=Path, help="folder that label_prototypes.py wrote")
    parser.add_argument("out", type=Path, help="the .npz to write")
    options = parser.parse_args()
    people = load(options.labels, held_out=False)
    print(f"{len(people.mesh) // 2} faces, {int((people.age > 0).sum()) // 2} of known age", flush=True)
    found = prototypes(people)
    shape, tone, texture = (
        np.stack([parts[i] for parts in found.values()]).astype(np.float16) for i in range(3)
    )
    np.savez_compressed(options.out, names=list(found), shape=shape, tone=tone, texture=texture)


if __name__ == "__main__":
    main()
