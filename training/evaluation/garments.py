"""Creases go, seams and weave stay: folds drawn onto the clothes of held-out people, and their own.

    python -m training.evaluation.garments LABELS [--model model.onnx] [--each 12] [--programs] [--out FOLDER]

LABELS is what `label_cloth.py` wrote. One portrait of each held-out person, and of it the smoothest square of
cloth; every kind of `training.folds` alone, and a mixture, in 8 bits. *Inside* is where the folds show,
*outside* everything from 3 px beyond them on. Figures are means over people of PSNR (peak 1) in dB and of
SSIM, by kind and by the tone of the cloth. Today's programs smooth within the labels' cloth: nobody has that.

The second table is of the portraits as they were taken, where nobody knows the truth: how much curvature of
tone is left of the cloth's own soft folds (less is better), of all and of those that lie well inside of cloth
without edges, how much of its seams, lapels and patterns and of its weave (1 is all of it), and what changed
where no cloth is. Most soft folds of officials' portraits are the rolls of lapels and the shading of collars.
The reference presser stands beside. Then how well the clothes were found.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from softlight.filters.pyramid.place import POSSIBLE, SURE
from softlight.roles.local_retouching import retouched
from softlight_models.bundled import WEIGHTS
from training import folds, label_cloth, portraits, reference_presser
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Array, Bytes
from training.evaluation.measures import Mask
from training.label_portraits import INTEROCULAR

SEED = 20268
"""Of the folds; the recipe's is another."""
SETS = ("pd", "cc0", "london")
SIDE = folds.SIDE
MIXTURE = "a mixture"
TONES = {"light": 0.55, "medium": 0.25, "dark": 0.0}
"""Groups of cloth, and the smallest median luma of each."""
SEEN = 2
"""Levels of 255 from which a fold counts as seen."""
APART = 3
"""Px around a fold that are neither inside nor outside."""
LEAST = 50
"""Px that a fold must change to be counted."""
INSIDE, FEWEST = 0.7, 2000
"""How far inside folds lie well inside, as the presser counts it, and how many px a person must have."""
CAP = 99.0
"""dB of what is the same to the last bit."""


@dataclass(frozen=True, eq=False)
class Wearer:
    """A held-out portrait from the mouth down at 180 px between the eyes; see `label_cloth.py`."""

    name: str
    image: Bytes
    cloth: Array
    folded: Array

    def square(self) -> tuple[slice, slice]:
        """Return the window that shows most cloth without folds of its own."""
        calm = self.cloth * (1 - self.folded)
        share = cv2.boxFilter(calm, -1, (SIDE, SIDE), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
        share = share[: calm.shape[0] - SIDE + 1, : calm.shape[1] - SIDE + 1]
        top, left = np.unravel_index(share.argmax(), share.shape)
        return np.s_[int(top) : int(top) + SIDE, int(left) : int(left) + SIDE]


@dataclass(frozen=True, eq=False)
class Case:
    """One person's cloth with one kind of folds."""

    person: str
    kind: str
    tone: str
    image: Bytes
    truth: Bytes
    cloth: Array
    inside: Mask


@dataclass(frozen=True)
class Score:
    """Of one result: dB, and SSIM of the inside."""

    inside: float
    similarity: float
    outside: float


Remover = Callable[[Bytes, Array], Bytes]
"""(picture, cloth) -> picture with fewer folds."""


def wearers(options: argparse.Namespace) -> Iterator[Wearer]:
    """Yield a portrait of each held-out person that shows a square of cloth, `--each` of each set at most."""
    for name in SETS:
        people: dict[str, Path] = {}
        for path in sorted((options.labels / name).glob("*.npz")):
            if portraits.is_held_out(path.relative_to(options.labels).as_posix()):
                people.setdefault(portraits.person(path.name).split("_")[0], path)
        found = []
        for path in people.values():
            with np.load(path, allow_pickle=False) as data:
                maps = (measures.unit(data[key]) for key in ("cloth", "folded"))
                wearer = Wearer(path.relative_to(options.labels).as_posix(), data["image"], *maps)
            if min(wearer.cloth.shape) >= SIDE and wearer.cloth[wearer.square()].mean() > 0.5:
                found.append(wearer)
        if options.each and options.each < len(found):
            found = [found[i] for i in np.linspace(0, len(found) - 1, options.each).round().astype(int)]
        yield from found


def drawn(wearer: Wearer, bank: folds.Bank) -> Iterator[Case]:
    """Yield all kinds of folds on one person's cloth; those that fall beside it are left out."""
    window = wearer.square()
    truth, cloth = wearer.image[window], wearer.cloth[window]
    luma = float(np.median(measures.luminance(measures.unit(truth))[cloth > 0.8]))
    tone = next(name for name, least in TONES.items() if luma >= least)
    for number, kind in enumerate((*folds.KINDS, None)):
        random = np.random.default_rng([SEED, number, *wearer.name.encode()])
        after, _ = folds.spoil(measures.unit(truth), cloth, random, bank, kind)
        image = np.rint(after * 255).astype(np.uint8)
        inside = np.abs(image.astype(np.int16) - truth).max(-1) >= SEEN
        if inside.sum() >= LEAST:
            yield Case(wearer.name, kind or MIXTURE, tone, image, truth, cloth, inside)


def score(case: Case, result: Bytes) -> Score:
    """Judge what somebody made of a case."""
    image, truth = measures.unit(result), measures.unit(case.truth)
    near = cv2.dilate(case.inside.astype(np.uint8), np.ones((2 * APART + 1,) * 2, np.uint8)) > 0
    levels = [
        min(measures.psnr(image, truth, where, sigma=0), CAP) if where.any() else CAP
        for where in (case.inside, ~near)
    ]
    alike = float(measures.structural_similarity(image, truth)[case.inside].mean())
    return Score(levels[0], alike, levels[1])


def kept(wearer: Wearer, result: Bytes) -> tuple[float, ...]:
    """Return what is left of soft folds, of those well inside, of edges and of weave, and dB elsewhere."""
    before, after = (label_cloth.log_tone(image) for image in (wearer.image, result))
    cloth = wearer.cloth > 0.8
    soft = cloth & (wearer.folded > 0.5)
    _, reached = reference_presser.pressed(wearer.image, wearer.cloth, wearer.folded)
    inside = soft & (reached > INSIDE)
    curved = [
        np.max([label_cloth.curvature(tone, sigma) for sigma in label_cloth.FOLD_SIGMAS], axis=0)
        for tone in (before, after)
    ]
    bent = [plane[soft].sum() for plane in curved]
    deep = [plane[inside].sum() if inside.sum() >= FEWEST else 0 for plane in curved]
    edges = cloth & (label_cloth.steps(before) > label_cloth.EDGE_CONTRAST)
    sharp = [label_cloth.steps(tone)[edges].sum() for tone in (before, after)]
    weave = [measures.pore_energy(measures.unit(image), cloth) for image in (wearer.image, result)]
    elsewhere = measures.psnr(*map(measures.unit, (result, wearer.image)), wearer.cloth < 0.02, sigma=0)
    shares = (after / before if before else np.nan for before, after in (bent, deep, sharp, weave))
    return (*shares, min(elsewhere, CAP))


def seen(session: faces.FileSession, image: Bytes) -> tuple[Array, Array]:
    """Return what a network would change, (h, w, 3), and how strongly the filter means each pixel, (h, w)."""
    found = retouched(session, "cloth", measures.unit(image).transpose(2, 0, 1), [1.0])
    return found.change.transpose(1, 2, 0), np.clip((found.area - POSSIBLE) / (SURE - POSSIBLE), 0, 1)


def network(session: faces.FileSession) -> Remover:
    """Return a network as the filter applies it, at the scale that it knows and without a face's reach."""

    def remove(image: Bytes, _cloth: Array) -> Bytes:
        change, meant = seen(session, image)
        return np.rint((measures.unit(image) + change * meant[..., None]).clip(0, 1) * 255).astype(np.uint8)

    return remove


def shared(wearer: Wearer, meant: Array) -> float:
    """Return how much of the union of a network's clothes and the teachers' both have."""
    ours, theirs = meant > 0.5, wearer.cloth > 0.5
    return float((ours & theirs).sum() / (ours | theirs).sum())


def program(name: str) -> Remover:
    """Return a program of today that smooths within the cloth."""
    from bench.skin_smoothing import PEERS, Photo

    def remove(image: Bytes, cloth: Array) -> Bytes:
        selected = np.rint(cloth * 255).astype(np.uint8)
        (smoothed,) = PEERS[name]([Photo(image, INTEROCULAR, selected)])
        change = smoothed.pixels.astype(np.float32) - image
        return np.rint(image + cloth[..., None] * change).astype(np.uint8)

    return remove


def _row(name: str, scores: dict[str, list[tuple[Case, Score]]], chosen: Callable[[Case], bool]) -> list[str]:
    parts = [[one for case, one in pairs if chosen(case)] for pairs in scores.values()]
    people = {case.person for case, _ in next(iter(scores.values())) if chosen(case)}
    cells = [
        " / ".join(
            f"{np.mean([getattr(one, value) for one in part]):.{digits}f}"
            for value, digits in (("inside", 1), ("similarity", 3), ("outside", 1))
        )
        for part in parts
    ]
    return [name, str(len(people)), *cells]


def report(scores: dict[str, list[tuple[Case, Score]]]) -> None:
    """Print the tables of what was drawn."""
    for title, value, names in (
        ("kind", "kind", (*folds.KINDS, MIXTURE)),
        ("cloth", "tone", tuple(TONES)),
    ):
        print(f"\nBy {title}: PSNR in dB / SSIM inside / PSNR outside, means over n people\n")
        present = {getattr(case, value) for case, _ in next(iter(scores.values()))}
        rows = [
            _row(name, scores, lambda case, name=name, value=value: getattr(case, value) == name)
            for name in names
            if name in present
        ]
        print(faces.table((title, "n", *scores), rows))


def main() -> None:
    """Print the tables; write sheets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("labels", type=Path, help="folder that label_cloth.py wrote")
    parser.add_argument("--model", type=Path, default=WEIGHTS / "garment-retouch" / "model.onnx")
    parser.add_argument("--each", type=int, default=12, help="people of each set; 0 for everybody")
    parser.add_argument("--programs", nargs="*", default=[], help="today's programs too, by name")
    parser.add_argument("--out", type=Path, help="folder for sheets; without it none are made")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    bank, people = folds.bank(60, SEED), list(wearers(options))
    cases = [case for wearer in people for case in drawn(wearer, bank)]
    removers: dict[str, Remover] = {"doing nothing": lambda image, _cloth: image}
    session = faces.FileSession(options.model, "softlight-garment")
    removers["Garment creases"] = network(session)
    removers |= {name: program(name) for name in options.programs}
    scores, shown = {}, [[case.truth, case.image] for case in cases]
    for name, remove in removers.items():
        results = [remove(case.image, case.cloth) for case in cases]
        scores[name] = [(case, score(case, result)) for case, result in zip(cases, results, strict=True)]
        if name != "doing nothing":
            for tiles, result in zip(shown, results, strict=True):
                tiles.append(result)
    report(scores)
    rows, pairs = [], []
    worn: dict[str, Callable[[Wearer], Bytes]] = {
        name: lambda wearer, remove=remove: remove(wearer.image, wearer.cloth)
        for name, remove in list(removers.items())[1:]
    }
    worn["the reference presser"] = lambda w: reference_presser.pressed(w.image, w.cloth, w.folded)[0]
    for name, press in worn.items():
        results = [press(wearer) for wearer in people]
        found = [kept(wearer, result) for wearer, result in zip(people, results, strict=True)]
        rows.append([name, *(f"{np.nanmean(part):.{d}f}" for part, d in zip(zip(*found), (2, 2, 3, 3, 1)))])
        pairs.append(results)
    print(f"\nAs they were taken, {len(people)} people: what is left, and dB elsewhere\n")
    print(
        faces.table(
            (
                "",
                "own soft folds",
                "well inside",
                "seams and patterns",
                "weave",
                "no cloth, dB",
            ),
            rows,
        )
    )
    overlaps = [shared(wearer, seen(session, wearer.image)[1]) for wearer in people]
    print(f"\nClothes: {np.mean(overlaps):.3f} of the union is shared with the teachers, median "
          f"{np.median(overlaps):.3f}, least {min(overlaps):.3f}")  # fmt: skip
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        write(cases, shown, people, pairs[0], options.out)


def write(
    cases: Sequence[Case],
    shown: Sequence[Sequence[Bytes]],
    people: Sequence[Wearer],
    results: Sequence[Bytes],
    folder: Path,
) -> None:
    """Write a sheet of each kind (truth, folds, results) and sheets of all people as they were taken."""
    for kind in dict.fromkeys(case.kind for case in cases):
        rows = [tiles for case, tiles in zip(cases, shown, strict=True) if case.kind == kind]
        rows = [rows[i] for i in np.linspace(0, len(rows) - 1, min(6, len(rows))).round().astype(int)]
        tiles = [tile for row in rows for tile in row]
        sheets.write(sheets.grid(tiles, 2 * len(rows[0])), folder / f"folds-{kind.replace(' ', '-')}.png")
    images = [wearer.image for wearer in people]
    sheets.write_pairs(list(zip(images, results, strict=True)), folder, "worn", people=4)


if __name__ == "__main__":
    main()
