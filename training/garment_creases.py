"""Recipe of the default `garment-retouch` model.

    python -m training.label_cloth PORTRAITS MODELS LABELS
    python -m training.garment_creases LABELS OUT --minutes 60

Folds and creases are drawn onto the cloth of portraits (`training.folds`); the network takes them away, and
what `training.reference_presser` takes of the folds that the cloth has already. Seams, lapels, buttons and
patterns are everywhere on that cloth and stay in the truth, so they are learned as what stays. Worn folds
near them are neither: there nothing is taught.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from training import folds, labelling, portraits, recipe, reference_presser
from training.abpn import LocalRetouching, retouching_error

SIDE = 256
"""Px of a patch: a shoulder with its lapel. With 128, white shirts and white walls looked alike."""
SMALLEST, LARGEST = 0.7, 1.4
"""Scales of the patches: a photo's lowest level has 127 to 254 px between the eyes, the labels 180."""
ON_CLOTH = 0.6
"""Share of the patches whose middle is cloth; the others show faces, hair and rooms, which stay. With 0.85 of
them, and 128 px of each, every wall was cloth by a tenth and more."""
ON_FOLDS = 0.35
"""Share of the patches on cloth whose middle is a worn fold: a quarter of the portraits has most of them."""
DRAWN = 0.75
"""Share of the patches that get folds; smooth cloth must stay as it is."""
TONED = 0.7
"""Share of the patches whose cloth is given any tone: two thirds of it is navy or black as it was worn."""
DYED = 0.3
"""Share of the patches whose cloth is given any colour: nobody wears orange here, and an astronaut's suit was
taken for a wall (cloth at .29 of it as it is, at .99 turned blue)."""
PATTERNED = 0.35
"""Share of the patches that get stripes or checks, sharp or out of focus, for the few that are worn: taught
sharp ones alone, a network flattened the stripes of a blurred sleeve."""
TURNED = 0.4
"""Share of the patches that are turned by quarters."""
FOLDED_TOO = 0.01
"""What a pixel counts that has folds of its own which nobody took: more, and worn folds are told from drawn
ones, and left."""
EMPHASIS = 3.0
"""What a folded pixel counts more than one that stays. With 8, what skin needs, 42 dB were left outside of
the folds: half of the cloth is folded here, so nobody learns to do nothing."""
WHERE = 4.0
"""What the cloth's mask counts beside the changes. With 1, it shared .55 of its union with the labels."""

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Labelled:
    """One portrait from the mouth down at 180 px between the eyes; maps are uint8, (h, w), 0..255."""

    name: str
    image: NDArray[np.uint8]
    """(h, w, 3)."""
    cloth: NDArray[np.uint8]
    folded: NDArray[np.uint8]
    pressed: NDArray[np.uint8]
    """(h, w, 3): the picture with fewer folds; see `training.reference_presser`."""
    reached: NDArray[np.uint8]
    """Where it was decided which folds go."""

    @classmethod
    def of(
        cls, name: str, image: NDArray[np.uint8], cloth: NDArray[np.uint8], folded: NDArray[np.uint8]
    ) -> Labelled:
        """Press what `training.label_cloth` wrote; 30 ms each."""
        maps = [plane.astype(np.float32) / 255 for plane in (cloth, folded)]
        pressed, reached = reference_presser.pressed(image, *maps)
        return cls(name, image, cloth, folded, pressed, labelling.as_bytes(reached))


def load(folder: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> list[Labelled]:
    """Read all portraits of one side of the split that show cloth, in the order of their names."""
    found = []
    for name, path in portraits.files_of(folder, held_out, sets):
        with np.load(path, allow_pickle=False) as data:
            person = Labelled.of(name, data["image"], data["cloth"], data["folded"])
        if (person.cloth > 200).mean() > 0.02:
            found.append(person)
    return found


def toned(image: Array, cloth: Array, random: np.random.Generator) -> Array:
    """Return a patch, (..., h, w, 3) 0..1, lit so that its cloth has a tone between black and white."""
    worn = image[..., cloth > 0.8, :]
    if not worn.size:
        return image
    power = np.log(random.uniform(0.1, 0.85)) / np.log(np.clip(np.median(worn), 0.02, 0.97))
    # Beyond these the noise of a black suit, or the edges of a white shirt, would be all that is seen.
    gains = random.uniform(0.8, 1.15, 3).astype(np.float32)
    return np.asarray((gains * image ** np.float32(np.clip(power, 0.4, 2.2))).clip(0, 1))


def dyed(image: Array, cloth: Array, random: np.random.Generator) -> Array:
    """Return a patch, (..., h, w, 3) 0..1, whose cloth has any colour, about as light as it was."""
    colour = 3 * random.dirichlet((1, 1, 1)).astype(np.float32)
    grey = image.mean(axis=-1, keepdims=True)
    share = np.float32(random.uniform(0.3, 1)) * cloth[..., None]
    return np.asarray((image + share * (colour * grey - image)).clip(0, 1))


def patterned(image: Array, cloth: Array, random: np.random.Generator) -> Array:
    """Return a patch, (..., h, w, 3) 0..1, with stripes or checks woven into its cloth."""
    y, x = np.mgrid[: cloth.shape[0], : cloth.shape[1]].astype(np.float32)
    angle, period = random.uniform(0, np.pi), float(np.exp(random.uniform(np.log(4), np.log(40))))
    share = random.uniform(0.1, 0.6)
    edge = float(np.exp(random.uniform(np.log(0.5), np.log(max(1.0, period / 3)))))
    pattern = np.zeros(cloth.shape, np.float32)
    for turn in (0, np.pi / 2)[: 1 + (random.random() < 0.4)]:
        place = (x * np.cos(angle + turn) + y * np.sin(angle + turn)) / period % 1
        pattern += np.clip((share / 2 - np.abs(place - 0.5)) * period / edge + 0.5, 0, 1)
    contrast = random.choice([-0.35, 0.5]) * random.uniform(0.15, 1) * random.uniform(0.3, 1, 3)
    woven = 1 + contrast.astype(np.float32) * (pattern * cloth)[..., None]
    return np.asarray((image * woven).clip(0, 1))


class Patches:
    """Draws batches: pictures (n, 3, h, w) 0..1, cloth and sureness (n, 1, h, w), changes (n, 1, 3, h, w)."""

    def __init__(self, people: list[Labelled], seed: int, side: int = SIDE, entries: int = 600) -> None:
        self.people, self.side = people, side
        self.random = np.random.default_rng(seed)
        self.bank = folds.bank(entries, seed)
        self.places = [portraits.grid_points(p.cloth > 200, 12) for p in people]
        taken = [portraits.grid_points((p.folded > 128) & (p.reached > 128), 6) for p in people]
        self.folded = [(number, points) for number, points in enumerate(taken) if len(points) > 8]

    def batch(self, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        parts = zip(*(self._patch() for _ in range(count)), strict=True)
        image, cloth, sure, changes = (torch.from_numpy(np.stack(part)) for part in parts)
        image, changes = (part.permute(0, 3, 1, 2).contiguous() for part in (image, changes))
        return image, cloth[:, None], sure[:, None], changes[:, None]

    def _patch(self) -> tuple[Array, Array, Array, Array]:
        pair, cloth, sure = self._cut()
        if self.random.random() < TONED:
            pair = toned(pair, cloth, self.random)
        if self.random.random() < DYED:
            pair = dyed(pair, cloth, self.random)
        if self.random.random() < PATTERNED:
            pair = patterned(pair, cloth, self.random)
        image, truth = pair
        if self.random.random() < DRAWN:
            # Where a teacher is not sure of cloth, half a fold is drawn.
            image, _ = folds.spoil(image, np.where(cloth < 0.2, 0, cloth), self.random, self.bank)
        changes = (truth - image).clip(-folds.MOST, folds.MOST)
        if self.random.random() < 0.4:  # grain is neither a fold nor to be smoothed
            noise = self.random.standard_normal(image.shape).astype(np.float32)
            image = (image + noise * np.float32(self.random.uniform(0, 0.03))).clip(0, 1)
        return image, cloth, sure, changes

    def _cut(self) -> tuple[Array, Array, Array]:
        """Return a patch as it is and pressed, (2, side, side, 3), its cloth, and how sure all of it is."""
        number = int(self.random.integers(len(self.people)))
        on_cloth = self.random.random() < ON_CLOTH
        places = self.places[number]
        if on_cloth and self.folded and self.random.random() < ON_FOLDS:
            number, places = self.folded[self.random.integers(len(self.folded))]
        person = self.people[number]
        height, width = person.cloth.shape
        scale = float(np.exp(self.random.uniform(np.log(SMALLEST), np.log(LARGEST))))
        span = min(round(self.side / scale), height, width)
        if on_cloth:
            centre = places[self.random.integers(len(places))] + self.random.integers(-40, 41, 2)
        else:
            centre = self.random.integers((0, 0), (height, width))
        top = int(np.clip(centre[0] - span // 2, 0, height - span))
        left = int(np.clip(centre[1] - span // 2, 0, width - span))
        window = np.s_[top : top + span, left : left + span]
        # People stand upright more often than not: what is below a chin is cloth.
        turn = int(self.random.integers(4)) if self.random.random() < TURNED else 0
        mirrored = -1 if self.random.random() < 0.5 else 1

        def sized(plane: NDArray[np.uint8]) -> Array:
            turned = Image.fromarray(np.ascontiguousarray(np.rot90(plane[window][:, ::mirrored], turn)))
            small = turned.resize((self.side, self.side), Image.Resampling.BICUBIC)
            return np.asarray(small, np.float32) / 255

        cloth, folded, reached = (sized(plane) for plane in (person.cloth, person.folded, person.reached))
        pair = np.stack([sized(person.image), sized(person.pressed)])
        return pair, cloth, 1 - (1 - FOLDED_TOO) * folded * (1 - reached)


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    people = load(options.labels, held_out=False)
    print(f"{len(people)} portraits", flush=True)
    patches = Patches(people, options.seed, options.side, options.folds)
    network = LocalRetouching(1).to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        image, cloth, sure, changes = (t.to(device) for t in patches.batch(options.batch))
        with recipe.half_precision(device):
            answer = network.parts(image.contiguous(memory_format=torch.channels_last))
        return retouching_error(answer, cloth, changes, sure, emphasis=EMPHASIS, where=WHERE)

    recipe.run(options, "garment_creases", network, error)


def main() -> None:
    parser = recipe.arguments(__doc__)
    parser.add_argument("--folds", type=int, default=600, help="drawings of folds; 40 ms each at the start")
    parser.add_argument("--side", type=int, default=SIDE, help="px of a patch, divisible by 16")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
