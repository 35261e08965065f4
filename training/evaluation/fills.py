"""Fills against the classics: wrinkle-shaped holes in clean skin of held-out people.

    python -m training.evaluation.fills PORTRAITS LABELS [--checkpoint CHECKPOINT]

Every method fills the same holes, 3 to 12 px wide at 180 px interocular distance, on 8-bit pictures.
The network's semantic branch also takes the unerased picture, so it is measured twice: "in use", with
a wrinkle drawn into the hole (valley depth log-uniform from 3 to 40 % of the tone), and "no leak",
with the hole of its input replaced by a push-pull fill, so that nothing of the truth can reach it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from softlight.filters.dewrinkle import octave
from training import strokes
from training.evaluation import faces, measures
from training.evaluation.faces import Array, Face, Fill
from training.networks import push_pull

SIDE = 256
SEED = 20261
"""Of the strokes; the recipes' is 1."""
LEAST_SHARPNESS = 0.007
"""As in the recipe: softer portraits (upscaled, retouched) have no pores to compare with."""
WIDTHS = (3, 12)
RADIUS = 3
"""Of OpenCV's methods; 3 px is their usual value."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sample:
    """A window of clean skin, the hole in it, and the window with a wrinkle in the hole."""

    truth: Array
    hole: Mask
    wrinkled: Array


def samples(face: Face, bank: tuple[NDArray[np.float16], NDArray[np.uint8]], count: int) -> Iterator[Sample]:
    """Up to `count` windows of a face; the same ones in every run."""
    height, width = face.clean.shape
    random = np.random.default_rng([SEED, *face.name.encode()])
    spots = np.argwhere(face.clean > 0)
    if min(height, width) < SIDE or len(spots) < 2000:
        return
    found = 0
    for _ in range(6 * count):
        row, column = spots[random.integers(len(spots))]
        top = int(np.clip(row - SIDE // 2, 0, height - SIDE))
        left = int(np.clip(column - SIDE // 2, 0, width - SIDE))
        window = np.s_[top : top + SIDE, left : left + SIDE]
        i = int(random.integers(len(bank[0])))
        at = (SIDE - strokes.SIDE) // 2
        inner = np.s_[at : at + strokes.SIDE, at : at + strokes.SIDE]
        hole = np.zeros((SIDE, SIDE), bool)
        hole[inner] = bank[1][i] > 0
        hole = measures.widths_between(hole & (face.clean[window] > 0), *WIDTHS)
        depth = float(np.exp(random.uniform(np.log(0.03), np.log(0.4))))
        if hole.sum() < 150:
            continue
        relief = np.zeros((SIDE, SIDE), np.float32)
        relief[inner] = bank[0][i]
        truth = measures.unit(face.image[window])
        wrinkled = (truth * (1 + depth * relief * hole)[..., None]).clip(0, 1)
        yield Sample(truth, hole, wrinkled)
        found += 1
        if found == count:
            return


def classic(sample: Sample, method: int) -> Array:
    """OpenCV's inpainting of the 8-bit window."""
    pixels = np.rint(sample.wrinkled * 255).astype(np.uint8)
    return measures.unit(cv2.inpaint(pixels, sample.hole.astype(np.uint8), RADIUS, method))


def with_texture(filled: Array, hole: Mask) -> Array:
    """What the filter makes of a network's fill: the fine band is borrowed from the skin beside the hole."""
    # The network has been there already: what is to be filled comes back as it is.
    been = octave.Networks(lambda image, needed: image, lambda image, hole: image)
    return filled + octave.erase(filled, octave.everything(hole), 1.0, been)


Method = Callable[[Sample], Array]


def methods(fill: Fill) -> dict[str, Method]:
    """Every method by its name in the table."""

    def no_leak(sample: Sample) -> Array:
        # The network's own push-pull fill: what it learned to take as "nothing is known of this hole".
        picture = torch.from_numpy(sample.truth.transpose(2, 0, 1)[None].astype(np.float32))
        known = torch.from_numpy(1 - sample.hole.astype(np.float32))[None, None]
        return fill(push_pull(picture, known)[0].numpy().transpose(1, 2, 0), sample.hole)

    def in_use(sample: Sample) -> Array:
        return fill(sample.wrinkled, sample.hole)

    return {
        "Telea": lambda s: classic(s, cv2.INPAINT_TELEA),
        "Navier-Stokes": lambda s: classic(s, cv2.INPAINT_NS),
        "network, in use": in_use,
        "network, no leak": no_leak,
        "with texture, in use": lambda s: with_texture(in_use(s), s.hole),
        "with texture, no leak": lambda s: with_texture(no_leak(s), s.hole),
    }


@dataclass
class Tally:
    """Sums of one person and one method."""

    error: float = 0.0
    values: int = 0
    pores: float = 0.0
    true_pores: float = 0.0
    tone: list[tuple[float, float]] = field(default_factory=list)

    def add(self, result: Array, sample: Sample) -> None:
        error, values = measures.squared_error(result, sample.truth, sample.hole)
        self.error, self.values = self.error + error, self.values + values
        pixels = sample.hole.sum()
        self.pores += pixels * measures.pore_energy(result, sample.hole) ** 2
        self.true_pores += pixels * measures.pore_energy(sample.truth, sample.hole) ** 2
        self.tone.append(measures.tone_error(result, sample.truth, sample.hole))

    @property
    def psnr(self) -> float:
        return float(-10 * np.log10(self.error / self.values))

    @property
    def pore_ratio(self) -> float:
        return float(np.sqrt(self.pores / self.true_pores))


Results = dict[str, dict[str, Tally]]
"""Per method, per person."""


def measure(people: Iterator[Face], tried: dict[str, Method], windows: int) -> tuple[Results, dict[str, str]]:
    """Run every method on the same holes; returns the tallies and each person's tone group."""
    bank = strokes.bank(200, SEED)
    results: Results = {name: defaultdict(Tally) for name in tried}
    tones: dict[str, str] = {}
    for face in people:
        if face.sharpness < LEAST_SHARPNESS:
            continue
        for sample in samples(face, bank, windows):
            tones.setdefault(face.person, face.tone)
            for name, method in tried.items():
                # What is compared is what a file would hold: 8 bits.
                result = np.rint(method(sample).clip(0, 1) * 255).astype(np.float32) / 255
                results[name][face.person].add(result, sample)
    return results, tones


def main() -> None:
    parser = faces.arguments(__doc__)
    parser.add_argument("--windows", type=int, default=3, help="holes per portrait")
    options = faces.parsed(parser)
    tried = methods(faces.fill_of(faces.CheckpointRuntime(options.checkpoint)))
    results, tones = measure(faces.held_out(options), tried, options.windows)
    groups = {"all": set(tones)} | {g: {p for p, t in tones.items() if t == g} for g in measures.TONES}
    for title, unit, value in (
        ("PSNR in the holes after a low-pass of 1.5 px", "dB", lambda t: t.psnr),
        ("Pore-band energy in the holes over the truth's", "", lambda t: t.pore_ratio),
    ):
        rows = []
        for group, people in groups.items():
            if people:
                means = [np.mean([value(results[m][p]) for p in people]) for m in tried]
                rows.append([group, len(people), *(f"{m:.2f}" for m in means)])
        print(f"\n{title}{f' ({unit})' if unit else ''}; mean over n people\n")
        print(faces.table(["skin tone", "n", *tried], rows))


if __name__ == "__main__":
    main()
