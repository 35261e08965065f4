"""What Skin retouch does to skin that is not like most: held-out people, changed or chosen, and any pictures.

    python -m training.evaluation.odd_skin PORTRAITS LABELS RETOUCHED [--pictures FOLDER] [--out FOLDER]

Of each kind, some portraits: in grey, under a hard flash, with tattoos and make-up drawn on, with the grain
of pushed film, as if painted; and the most bearded, the lightest and the darkest as they are. For all of
them the table says how much of the skin changes, and what becomes of the pore band and of what was drawn.
Pictures of a folder (children, paintings, engravings) are only shown. Sheets go to --out: before, after,
the change four times as strong on grey, and the skin that the filter sees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from softlight.errors import SoftlightError
from softlight.runtime import Runtime
from softlight_models.bundled import BundledModels
from training import skin_ground
from training.evaluation import faces, measures, retouchers, sheets
from training.evaluation.faces import Array, Bytes
from training.evaluation.retouchers import OurFilter, Sitter
from training.mesh_points import INNER_LIPS, LEFT_EYE, LIPS, RIGHT_EYE

LARGEST = 900
"""Px of the longer side at which other pictures are shown; faces in them are then 100 to 300 px wide."""
STEP = 4
"""Levels of a drawing that count as drawn."""
INK = np.array([40, 55, 70], np.float32)

Change = Callable[[Sitter, np.random.Generator], Bytes]


@dataclass(frozen=True)
class Kind:
    """One kind of picture: how it is made, and of whom."""

    change: Change
    rank: Callable[[Sitter], float] | None = None
    """The portraits with the largest values are taken; evenly spread ones where there is none."""
    drawn: bool = False
    """Whether something was drawn that is to stay."""


def as_taken(sitter: Sitter, random: np.random.Generator) -> Bytes:
    """Return the portrait."""
    return sitter.face.image


def grey(sitter: Sitter, random: np.random.Generator) -> Bytes:
    """Return its luma, in all three channels."""
    luma = measures.luminance(sitter.face.image.astype(np.float32))
    return np.repeat(np.rint(luma).astype(np.uint8)[..., None], 3, axis=2)


def flash(sitter: Sitter, random: np.random.Generator) -> Bytes:
    """Light it from the camera: over-exposed in the middle, falling off to the sides, clipped."""
    image = measures.unit(sitter.face.image)
    height, width = image.shape[:2]
    x, y = sitter.face.mesh[4]  # the tip of the nose
    far = np.hypot(np.arange(height)[:, None] - y, np.arange(width) - x) / width
    light = (2.6 / (1 + 5 * far**2))[..., None]
    return np.rint(255 * np.clip(image**2.2 * light, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def tattoo(sitter: Sitter, random: np.random.Generator) -> Bytes:
    """Draw ink under the skin: a star on a cheek, barbs over a brow, words on the neck."""
    mask = np.zeros(sitter.skin.shape, np.uint8)
    mesh = sitter.face.mesh
    turn = np.arange(6) * 0.8 * np.pi
    star = mesh[50] + 22 * np.stack([np.sin(turn), -np.cos(turn)], axis=1)
    cv2.polylines(mask, [np.rint(star).astype(np.int32)], False, 255, 2, cv2.LINE_AA)
    barbs = mesh[[336, 296, 334, 293, 300]] - [0, 34]
    cv2.polylines(mask, [np.rint(barbs).astype(np.int32)], False, 255, 2, cv2.LINE_AA)
    for x, y in barbs:
        cv2.line(mask, (round(x) - 5, round(y) - 6), (round(x) + 5, round(y) + 6), 255, 2, cv2.LINE_AA)
    at = np.rint(mesh[152] + [-60, 70]).astype(int).tolist()
    cv2.putText(mask, "mother", at, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.1, 255, 2, cv2.LINE_AA)
    return tinted(sitter.face.image, INK, 0.75 * measures.low_pass(measures.unit(mask), 0.8) * sitter.skin)


def make_up(sitter: Sitter, random: np.random.Generator) -> Bytes:
    """Draw lips, lids and cheeks in strong colours, and a beauty spot."""
    mesh, shape = sitter.face.mesh, sitter.skin.shape
    lips = np.maximum(0, soft(mesh[LIPS], shape, 1) - soft(mesh[INNER_LIPS], shape, 1))
    image = tinted(sitter.face.image, (150, 10, 30), 0.7 * lips)
    for eye in (RIGHT_EYE, LEFT_EYE):
        lid = soft(mesh[eye] - [0, 14], shape, 4) * sitter.skin
        image = tinted(image, (60, 60, 130), 0.7 * lid)
    for cheek in (50, 280):
        rouge = np.zeros(shape, np.float32)
        cv2.circle(rouge, np.rint(mesh[cheek]).astype(int).tolist(), 26, 1, -1)
        image = tinted(image, (210, 60, 80), 0.4 * measures.low_pass(rouge, 10) * sitter.skin)
    spot = np.zeros(shape, np.float32)
    cv2.circle(spot, np.rint(mesh[61] + [-14, -22]).astype(int).tolist(), 4, 1, -1)
    return tinted(image, (50, 30, 25), 0.9 * measures.low_pass(spot, 0.8))


def film(sitter: Sitter, random: np.random.Generator) -> Bytes:
    """Return it in grey with the grain of film pushed by three stops: 18 levels, clumps of 1.5 px."""
    grain = measures.low_pass(random.normal(0, 1, sitter.skin.shape).astype(np.float32), 0.9)
    noisy = grey(sitter, random) + (18 * grain / grain.std())[..., None]
    return np.rint(noisy.clip(0, 255)).astype(np.uint8)


def painted(sitter: Sitter, random: np.random.Generator) -> Bytes:
    """Return it in strokes of a brush on canvas."""
    strokes = cv2.stylization(sitter.face.image, sigma_s=40, sigma_r=0.4)
    rows, columns = (np.sin(np.arange(n) * 2 * np.pi / 5) for n in sitter.skin.shape)
    weave = 5 * (rows[:, None] * columns)[..., None]
    return np.rint((strokes + weave).clip(0, 255)).astype(np.uint8)


def soft(outline: Array, shape: tuple[int, ...], sigma: float) -> Array:
    """Return a filled hull with soft edges, (h, w), 0..1."""
    mask = np.zeros(shape, np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(outline).astype(np.int32)), 1)
    return measures.low_pass(mask, sigma)


def tinted(image: Bytes, colour: Sequence[float] | Array, share: Array) -> Bytes:
    """Return a picture with so much of a colour on it; `share` (h, w), 0..1."""
    after = image + share[..., None] * (np.asarray(colour, np.float32) - image)
    return np.rint(after).astype(np.uint8)


def beardedness(sitter: Sitter) -> float:
    """Return the share of the portrait that is beard."""
    luma = measures.luminance(measures.unit(sitter.face.image))
    return float(skin_ground.beard(luma, sitter.skin, sitter.face.mesh).mean())


def lightness(sitter: Sitter) -> float:
    """Return the individual typology angle of the skin."""
    return measures.typology_angle(measures.unit(sitter.face.image), sitter.face.clean > 0)


KINDS = {
    "grey": Kind(grey),
    "hard flash": Kind(flash),
    "tattoos": Kind(tattoo, drawn=True),
    "make-up": Kind(make_up, drawn=True),
    "film grain": Kind(film),
    "painted": Kind(painted),
    "beards": Kind(as_taken, beardedness),
    "very light skin": Kind(as_taken, lightness),
    "very dark skin": Kind(as_taken, lambda sitter: -lightness(sitter)),
}


def of_kind(kind: Kind, everybody: Sequence[Sitter], count: int) -> list[Sitter]:
    """Return whom to show."""
    if kind.rank:
        return sorted(everybody, key=kind.rank, reverse=True)[:count]
    return [everybody[i] for i in np.linspace(0, len(everybody) - 1, count).round().astype(int)]


def left_of(drawing: Array, plain: Bytes, after: Bytes) -> float:
    """Return the share of a drawing that is left: how far the result still goes its way from the portrait."""
    where = np.abs(drawing).max(axis=-1) >= STEP
    wanted = drawing[where]
    return float((wanted * (after[where].astype(np.float32) - plain[where])).sum() / (wanted**2).sum())


def row(name: str, kind: Kind, people: Sequence[Sitter], pairs: Sequence[tuple[Bytes, Bytes]]) -> list[str]:
    """Return a line of the table."""
    levels, pores, left, colour = [], [], [], []
    for sitter, (before, after) in zip(people, pairs, strict=True):
        change = np.abs(after.astype(np.int16) - before)
        levels.append(change[sitter.skin > 0.5].mean())
        calm = sitter.face.clean > 0
        if calm.any():
            energy = [measures.pore_energy(measures.unit(x), calm) for x in (before, after)]
            pores.append(energy[1] / energy[0])
        if kind.drawn:
            plain = sitter.face.image
            left.append(left_of(before.astype(np.float32) - plain, plain, after))
        colour.append(int((after.max(axis=-1).astype(int) - after.min(axis=-1)).max()))
    return [
        name, str(len(pairs)), f"{np.mean(levels):.2f}", f"{np.mean(pores):.2f}",
        f"{np.mean(left):.0%}" if left else "–", str(max(colour)) if kind.change in (grey, film) else "–",
    ]  # fmt: skip


def shown(ours: OurFilter, before: Bytes, after: Bytes) -> Bytes:
    """Return a line of a sheet."""
    change = (128 + 4 * (after.astype(np.int16) - before)).clip(0, 255).astype(np.uint8)
    return sheets.grid([before, after, change, ours.seen(before)], 4)


def other_pictures(folder: Path, ours: OurFilter, out: Path | None) -> None:
    """Retouch the pictures of a folder, and say of each what came of it."""
    for file in sorted(folder.iterdir()):
        with Image.open(file) as picture:
            picture.thumbnail((LARGEST, LARGEST))
            before = np.asarray(picture.convert("RGB"))
        try:
            stack = ours.stack(before)
        except SoftlightError as error:
            print(f"{file.name}: {error}")
            continue
        after = retouchers.flat(before, stack)
        print(f"{file.name}: changes {np.abs(after.astype(np.int16) - before).mean():.2f} levels")
        if out:
            sheets.write(shown(ours, before, after), out / f"odd-{file.stem}.png")


def main() -> None:
    """Print the table; write the sheets."""
    parser = retouchers.arguments(__doc__)
    parser.set_defaults(people=0, each=0)
    parser.add_argument("--portraits-of-a-kind", type=int, default=4)
    parser.add_argument("--pictures", type=Path, help="other pictures to be shown")
    options = faces.parsed(parser)
    cv2.setNumThreads(options.threads)
    ours = OurFilter(Runtime("cpu", models=BundledModels(options.weights)))
    everybody = list(retouchers.sitters(options))
    rows = []
    for name, kind in KINDS.items():
        random = np.random.default_rng(11)
        people = of_kind(kind, everybody, options.portraits_of_a_kind)
        before = [kind.change(sitter, random) for sitter in people]
        pairs = [(image, retouchers.flat(image, ours.stack(image))) for image in before]
        rows.append(row(name, kind, people, pairs))
        if options.out:
            lines = [shown(ours, *pair) for pair in pairs]
            sheets.write(sheets.grid(lines, 1), options.out / f"odd-{name.replace(' ', '-')}.png")
    header = ("", "n", "change of skin, levels", "pore band", "drawn and left", "colour of grey, levels")
    print(faces.table(header, rows))
    if options.pictures:
        other_pictures(options.pictures, ours, options.out)


if __name__ == "__main__":
    main()
