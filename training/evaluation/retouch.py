"""Defects go, skin stays: defects drawn onto held-out people, by kind and skin tone.

    python -m training.evaluation.retouch PORTRAITS LABELS RETOUCHED [--each 10] [--programs] [--out FOLDER]

`--each` people of each skin tone, one portrait each; every kind of `training.blemishes` alone, and a mixture.
The truth is the portrait as the reference retoucher leaves it (--truth portrait: as it was taken): nobody's
skin is without blemishes, and whoever takes the real ones away too would seem wrong. *Inside* is where the
drawn defect shows in the 8-bit picture; *outside* is everything from 3 px beyond it on. Figures are means
over people of PSNR (peak 1) in dB and of SSIM. All have the filter's defaults, with the kind's component
switched on; with --alone, nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.blemishes import COMPONENTS, KINDS, Bank, spoil
from training.evaluation import faces, measures, retouchers, sheets
from training.evaluation.faces import Bytes
from training.evaluation.retouchers import STAY, Sitter, Task

SEED = 20267
"""Of the defects; the recipe's is another."""
MIXTURE = "a mixture"
KEPT = {"mole": "mole, to be kept", "freckles": "freckles, to be kept"}
"""With the defaults they must stay: the truth has them."""
APART = 3
"""Px around an edit that are neither inside nor outside: where its border lies is a matter of rounding."""
LEAST = 20
"""Px that a defect must change to be counted."""
WINDOW = 256
"""Px of the sheets' pictures."""
CAP = 99.0
"""dB of what is the same to the last bit, so that means stay finite."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Case:
    """One person with one kind of defect."""

    name: str
    task: Task
    truth: Bytes
    inside: Mask
    """Where it was drawn, (h, w)."""

    @property
    def person(self) -> str:
        """Who it is."""
        return self.task.sitter.face.person

    @property
    def tone(self) -> str:
        """The skin tone group."""
        return self.task.sitter.face.tone


@dataclass(frozen=True)
class Score:
    """Of one result; dB, and SSIM of the inside."""

    inside: float
    similarity: float
    outside: float
    skin: float
    """Skin beyond the edit; NaN where there is too little."""


def drawn(
    sitter: Sitter, truth: Bytes, bank: Bank, wanted: Sequence[str] = (), alone: bool = False
) -> Iterator[Case]:
    """Yield kinds, by default all, drawn onto one portrait; those that find no place on it are left out.

    With `alone`, the work asked for is that of the kind's component and no other.
    """
    image = measures.unit(truth)
    for number, kind in enumerate((*KINDS, None)):
        if wanted and (kind or MIXTURE) not in wanted:
            continue
        random = np.random.default_rng([SEED, number, *sitter.face.name.encode()])
        kinds = None if kind is None else (kind,)
        after, changes = spoil(image, sitter.skin, sitter.under_eye, random, bank, kinds)
        left = image
        if kind is None:  # what is drawn first stays by default
            left = image - changes[[COMPONENTS.index(name) for name in STAY]].sum(axis=0)
        spoiled, clean = (np.rint(np.clip(x, 0, 1) * 255).astype(np.uint8) for x in (after, left))
        inside = (spoiled != clean).any(axis=-1)
        if inside.sum() < LEAST:
            continue
        yield Case(kind or MIXTURE, Task(sitter, spoiled, KINDS.get(kind or ""), alone), clean, inside)
        if kind in KEPT:
            yield Case(KEPT[kind], Task(sitter, spoiled), spoiled, inside)


def truth_of(sitter: Sitter, truth: str) -> Bytes:
    """Return what defects are drawn onto."""
    return sitter.cleaned if truth == "cleaned" else sitter.face.image


def score(case: Case, result: Bytes) -> Score:
    """Judge what somebody made of a case."""
    image, truth = measures.unit(result), measures.unit(case.truth)
    inside = case.inside
    near = cv2.dilate(inside.astype(np.uint8), np.ones((2 * APART + 1,) * 2, np.uint8)) > 0
    places = (inside, ~near, ~near & (case.task.sitter.skin > 0.5))
    levels = [
        min(measures.psnr(image, truth, where, sigma=0), CAP) if where.sum() >= LEAST else np.nan
        for where in places
    ]
    alike = float(measures.structural_similarity(image, truth)[inside].mean())
    return Score(levels[0], alike, levels[1], levels[2])


Scores = Mapping[str, Sequence[tuple[Case, Score]]]
"""By who retouched."""


def mean(scores: Sequence[tuple[Case, Score]], value: Callable[[Score], float]) -> float:
    """Mean over people of the means over their cases; NaN if there are none."""
    people = defaultdict(list)
    for case, one in scores:
        if not np.isnan(value(one)):
            people[case.person].append(value(one))
    return float(np.mean([np.mean(x) for x in people.values()])) if people else float("nan")


def row(name: str, scores: Scores, chosen: Callable[[Case], bool]) -> list[str]:
    """Return a line of the table: PSNR and SSIM inside, the best of a figure in bold."""
    parts = [[pair for pair in all_of if chosen(pair[0])] for all_of in scores.values()]
    count = len({case.person for case, _ in parts[0]})
    levels = [mean(part, lambda one: one.inside) for part in parts]
    alike = [mean(part, lambda one: one.similarity) for part in parts]
    cells = [
        f"{_bold(f'{level:.1f}', level == max(levels))} / {_bold(f'{like:.3f}', like == max(alike))}"
        for level, like in zip(levels, alike, strict=True)
    ]
    return [name, str(count), *cells]


def _bold(text: str, best: bool) -> str:
    return f"**{text}**" if best else text


def outside_row(name: str, scores: Sequence[tuple[Case, Score]]) -> list[str]:
    """Return what changed where nothing was drawn: means, the least, and how many cases reach 50 dB."""
    outside = [one.outside for _, one in scores]
    enough = sum(level >= 50 for level in outside) / max(1, len(outside))
    return [
        name, f"{mean(scores, lambda one: one.outside):.1f}", f"{min(outside):.1f}", f"{enough:.0%}",
        f"{mean(scores, lambda one: one.skin):.1f}",
    ]  # fmt: skip


def report(scores: Scores) -> None:
    """Print the three tables."""
    names = [case.name for case, _ in next(iter(scores.values()))]
    header = ("n", *scores)
    print("\nInside, by defect: PSNR in dB / SSIM, means over n people\n")
    rows = [row(name, scores, lambda case, name=name: case.name == name) for name in dict.fromkeys(names)]
    print(faces.table(("defect", *header), rows))

    def gone(case: Case) -> bool:
        return case.name not in KEPT.values()

    print("\nInside, by skin tone, all defects that are to go\n")
    rows = [
        row(tone, scores, lambda case, tone=tone: gone(case) and case.tone == tone)
        for tone in measures.TONES
        if any(case.tone == tone for case, _ in next(iter(scores.values())))
    ]
    print(faces.table(("skin tone", *header), rows))
    print("\nOutside, all defects that are to go, PSNR in dB\n")
    rows = [outside_row(who, [pair for pair in some if gone(pair[0])]) for who, some in scores.items()]
    print(faces.table(("", "outside", "least", "50 dB and more", "of it skin"), rows))


def main() -> None:
    """Print the tables; write a sheet of each defect, and what everybody made of it."""
    parser = retouchers.arguments(__doc__)
    parser.add_argument("--truth", choices=("cleaned", "portrait"), default="cleaned")
    parser.add_argument("--kinds", nargs="+", default=(), choices=(*KINDS, MIXTURE), help="default: all")
    parser.add_argument(
        "--alone",
        action="store_true",
        help="ask for the kind's component and nothing else, not for the defaults too",
    )
    options = faces.parsed(parser)
    cv2.setNumThreads(options.threads)
    bank = Bank(SEED)
    cases = [
        case
        for sitter in retouchers.sitters(options)
        for case in drawn(sitter, truth_of(sitter, options.truth), bank, options.kinds, options.alone)
    ]
    scores, spent, shown = {}, [], [[case.truth] for case in cases]
    for name, retouch in retouchers.chosen(options).items():
        done = retouch([case.task for case in cases])
        scores[name] = [(case, score(case, image)) for case, image in zip(cases, done.images, strict=True)]
        spent.append(f"{name} {done.seconds / len(cases):.2f}")
        for tiles, image in zip(shown, done.images, strict=True):
            tiles.append(image)
    report(scores)
    print(f"\nSeconds a picture: {', '.join(spent)}")
    if options.out:
        write(cases, shown, options.out)


def write(cases: Sequence[Case], shown: Sequence[Sequence[Bytes]], folder: Path) -> None:
    """Write a sheet of each defect: six people, the truth, the defect, and what everybody made of it."""
    for name in dict.fromkeys(case.name for case in cases):
        rows = [(case, tiles) for case, tiles in zip(cases, shown, strict=True) if case.name == name]
        rows = [rows[i] for i in np.linspace(0, len(rows) - 1, min(6, len(rows))).round().astype(int)]
        tiles = [tile[window_of(case)] for case, pictures in rows for tile in pictures]
        sheets.write(sheets.grid(tiles, len(shown[0])), folder / f"defects-{name.replace(' ', '-')}.png")


def window_of(case: Case) -> tuple[slice, slice]:
    """Return the window of a picture in which most of the defect lies."""
    share = cv2.blur(case.inside.astype(np.float32), (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(share.argmax(), share.shape)
    top, left = (
        int(np.clip(at - WINDOW // 2, 0, side - WINDOW))
        for at, side in zip((row, column), share.shape, strict=True)
    )
    return np.s_[top : top + WINDOW, left : left + WINDOW]


if __name__ == "__main__":
    main()
