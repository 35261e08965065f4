"""Face restore where there is no plain portrait: hidden, drawn, carved, turned, young, or hopelessly blurred.

    python -m training.evaluation.odd_restorations SPRITES [--people 8] [--level 2] [--out FOLDER]

SPRITES is what `face_sprites.py` wrote. Held-out people are dressed, drawn and turned to stone as
`odd_pictures.py` does it; those most turned away are taken as they are. Each picture is made worse and
restored. The table says in how many a face was restored, in how many it was said that nothing can be done,
and how many dB the faces' masks won: a drawing that became a photo, or a mask that got a mouth, would lose.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from softlight.compositor import composite
from softlight.degradation.photos import degrade
from softlight.degradation.steps import Blur, Kernel, Step, level
from softlight.errors import MaskError
from softlight.filters.restore.filter import restore
from softlight.filters.restore.settings import Grain, RestoreSettings
from softlight.picture import Picture
from softlight.runtime import Runtime
from training import mesh_points
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Bytes
from training.evaluation.odd_pictures import CHANGES, Change, Person, people
from training.evaluation.restored_photos import whole_mask

KINDS = ("in sunglasses", "in masks", "in hats", "asleep", "as line drawings", "as reliefs in stone")
EVERYBODY = 1000
"""More people than there are."""
HOPELESS = (Blur(Kernel.DEFOCUS, 30.0),)
"""At 120 px between the eyes."""


def as_it_is(person: Person, random: np.random.Generator) -> Bytes:
    return person.pixels


def turned(person: Person) -> float:
    """Return how far a nose is from the middle of the eyes, in interocular distances."""
    right, left = mesh_points.eyes(person.mesh)
    nose = person.mesh[[1, 4]].mean(axis=0)
    return float(abs(nose[0] - (right + left)[0] / 2) / np.linalg.norm(left - right))


def eyes_apart(person: Person) -> float:
    right, left = mesh_points.eyes(person.mesh)
    return float(np.linalg.norm(left - right))


def won(before: Bytes, after: Bytes, clean: Bytes, weight: np.ndarray) -> float:
    """Return by how many dB a part of a picture came nearer to the clean one."""
    errors = [
        float((weight[..., None] * np.square(measures.unit(one) - measures.unit(clean))).sum())
        for one in (before, after)
    ]
    return 10 * float(np.log10(errors[0] / errors[1]))


def tried(
    who: list[Person], change: Change, steps: Callable[[float], tuple[Step, ...]], runtime: Runtime
) -> tuple[list[str], list[Bytes]]:
    """Return a line of the table, and bad, restored and clean pictures."""
    random, tiles, gains, left, none = np.random.default_rng(7), [], [], 0, 0
    settings = RestoreSettings(background=False, grain=Grain.NONE)
    for person in who:
        clean = change(person, random)
        noisy = degrade(measures.unit(clean), steps(eyes_apart(person)), random)
        picture = Picture(np.rint(255 * noisy).astype(np.uint8))
        try:
            stack = restore(picture, None, settings, runtime)
        except MaskError:
            none += 1
            continue
        after = composite(picture, stack).pixels
        tiles += [picture.pixels, after, clean]
        if not stack.layers:
            left += 1
            continue
        weight = np.max([whole_mask(one, picture.height, picture.width) for one in stack.layers], axis=0)
        gains.append(won(picture.pixels, after, clean, weight))
    numbers = [f"{np.median(gains):.1f}", f"{min(gains):.1f}"] if gains else ["-", "-"]
    return [str(len(gains)), str(left), str(none), *numbers], tiles


def main() -> None:
    """Print the table; write sheets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sprites", type=Path, help="folder that face_sprites.py wrote")
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--level", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder for sheets")
    options = parser.parse_args()
    runtime, some = Runtime("cpu"), list(people(options.sprites, options.people))
    aside = sorted(people(options.sprites, EVERYBODY), key=turned)[-options.people :]

    def at_level(apart: float) -> tuple[Step, ...]:
        return level(options.level, apart)

    def hopeless(apart: float) -> tuple[Step, ...]:
        return tuple(Blur(one.kernel, one.size * apart / 120) for one in HOPELESS)

    rows = {"as they are": tried(some, as_it_is, at_level, runtime)}
    rows |= {kind: tried(some, CHANGES[kind], at_level, runtime) for kind in KINDS}
    rows["turned away most"] = tried(aside, as_it_is, at_level, runtime)
    rows["hopelessly blurred"] = tried(some, as_it_is, hopeless, runtime)
    head = ("held-out people", "restored", "left alone", "no face found", "dB won (median)", "least")
    print(faces.table(head, [[name, *line] for name, (line, _) in rows.items()]))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for name, (_, tiles) in rows.items():
            if tiles:
                sheets.write(sheets.grid(tiles, 6), options.out / f"{name.replace(' ', '-')}.png")


if __name__ == "__main__":
    main()
