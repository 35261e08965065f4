"""Recipe of the default `skin-retouch` model.

    python -m training.label_portraits PORTRAITS MODELS FACES
    python -m training.label_retouch FACES LABELS
    python -m training.skin_retouch LABELS OUT --minutes 120

Nobody gives away pairs of photos before and after a retoucher. Two things stand in for them: defects that are
drawn onto skin, known exactly and as bad as one likes; and what a slow, careful program does to real faces.
Most patches show both: what is drawn comes on top of what the program would take away. To say what each is
worth, --no-drawn and --no-reference leave one out.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor

from training import portraits, recipe
from training.abpn import LocalRetouching, retouching_error
from training.blemishes import COMPONENTS, Bank, spoil

SIDE = 192
"""Px of a patch: the skin of half a face."""
SMALLEST, LARGEST = 0.7, 1.4
"""Scales of the patches: a photo's lowest level has 127 to 254 px between the eyes, the labels 180."""
ON_SKIN = 0.6
"""Share of the patches whose middle is skin; the others show hair, cloth and rooms, which stay. With 0.8
yellow trees, marble and white collars were taken for skin."""
SKIN_COLOURED = 0.2
"""Share of the patches whose surroundings get the colour of the skin: wood has it too."""
WHERE = 3.0
"""What the skin's map counts beside the changes."""
CLEANED = 0.4
"""Share of the patches where the program was at work before anything is drawn: what is left is right."""
GREY = 0.07
"""Share of the patches without colours."""

Array = NDArray[np.float32]
Window = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class Labelled:
    """One portrait at 180 px between the eyes, and what the reference retoucher would change."""

    name: str
    image: NDArray[np.uint8]
    """(h, w, 3)."""
    skin: NDArray[np.uint8]
    """(h, w), 0..255."""
    under_eye: NDArray[np.uint8]
    """(h, w), 0..255: where dark circles may be."""
    changes: NDArray[np.int8]
    """(components, h, w, 3), in levels of 255; one after the other, they make the retouched picture."""


def load(folder: Path, held_out: bool, sets: tuple[str, ...] = ("pd", "cc0")) -> list[Labelled]:
    """Read all portraits of one side of the split, in the order of their names."""
    found = []
    for name, path in portraits.files_of(folder, held_out, sets):
        with np.load(path, allow_pickle=False) as data:
            found.append(Labelled(name, data["image"], data["skin"], data["under_eye"], data["changes"]))
    return found


class Patches:
    """Draws batches: pictures (n, 3, side, side) 0..1, skin (n, 1, ...), changes (n, 6, 3, ...)."""

    def __init__(
        self, faces: list[Labelled], seed: int, side: int = SIDE, drawn: bool = True, reference: bool = True
    ) -> None:
        self.faces, self.side, self.drawn, self.reference = faces, side, drawn, reference
        self.random = np.random.default_rng(seed)
        self.torch_random = torch.Generator().manual_seed(seed)
        self.bank = Bank(seed)
        self.places = [portraits.grid_points(f.skin > 127, 12) for f in faces]

    def batch(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        parts = zip(*(self._patch() for _ in range(count)), strict=True)
        image, skin, changes = (torch.from_numpy(np.stack(part)) for part in parts)
        image = image.permute(0, 3, 1, 2).contiguous()
        return self._degraded(image), skin[:, None], changes.permute(0, 1, 4, 2, 3).contiguous()

    def _patch(self) -> tuple[Array, Array, Array]:
        """A picture (h, w, 3), where its skin is (h, w), and what is to be added to it (6, h, w, 3)."""
        face, window = self._place()
        steps = self._steps(face, window)
        size, (turn, mirrored) = (self.side, self.side), self._symmetry()

        def resized(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
            image = Image.fromarray(plane[:, ::mirrored]).resize(size, Image.Resampling.BICUBIC)
            return np.rot90(np.asarray(image), turn)

        skin, under_eye = (resized(p[window]).astype(np.float32) / 255 for p in (face.skin, face.under_eye))
        light, grey = light_curves(self.random), self.random.random() < GREY
        stages = [lit(resized(stage), light, grey) for stage in steps]
        if self.random.random() < SKIN_COLOURED:
            gains = skin_coloured(stages[0], skin)
            stages = [np.minimum(stage * gains, 1) for stage in stages]
        image, changes = stages[0], np.zeros((len(COMPONENTS), *stages[0].shape), np.float32)
        if len(stages) > 1:
            changes = np.diff(np.stack(stages), axis=0)
        if self.drawn:
            scale = self.side / (window[0].stop - window[0].start)
            image, undone = spoil(image, skin, under_eye, self.random, self.bank, scale=scale)
            changes += undone
        return image, skin, changes

    def _steps(self, face: Labelled, window: Window) -> list[NDArray[np.uint8]]:
        """The picture and what it is after each of the retoucher's steps, or what is taken for its end."""
        levels = face.image[window].astype(np.int16)
        if not self.reference:
            return [face.image[window]]
        changes = face.changes[:, *window].astype(np.int16)
        if self.drawn and self.random.random() < CLEANED:
            return [(levels + changes.sum(axis=0)).clip(0, 255).astype(np.uint8)]
        return [state.clip(0, 255).astype(np.uint8) for state in accumulate(changes, initial=levels)]

    def _place(self) -> tuple[Labelled, Window]:
        """A portrait, and a square of it."""
        number = int(self.random.integers(len(self.faces)))
        face, places = self.faces[number], self.places[number]
        height, width = face.skin.shape
        scale = float(np.exp(self.random.uniform(np.log(SMALLEST), np.log(LARGEST))))
        span = min(round(self.side / scale), height, width)
        if self.random.random() < ON_SKIN and len(places):
            centre = places[self.random.integers(len(places))] + self.random.integers(-30, 31, 2)
        else:
            centre = self.random.integers((0, 0), (height, width))
        top = int(np.clip(centre[0] - span // 2, 0, height - span))
        left = int(np.clip(centre[1] - span // 2, 0, width - span))
        return face, np.s_[top : top + span, left : left + span]

    def _symmetry(self) -> tuple[int, int]:
        """Quarter turns, and whether a patch is mirrored: faces stand upright more often than not."""
        turn = int(self.random.integers(4)) if self.random.random() < 0.4 else 0
        return turn, -1 if self.random.random() < 0.5 else 1

    def _degraded(self, image: Tensor) -> Tensor:
        """Grain on three in ten: it is neither a defect nor to be smoothed."""
        grainy = torch.rand(len(image), 1, 1, 1, generator=self.torch_random)
        noise = torch.randn(image.shape, generator=self.torch_random)
        return (image + noise * (grainy - 0.7).clamp(min=0) * 0.12).clamp(0, 1)


def skin_coloured(image: Array, skin: Array) -> Array:
    """Return the factors (h, w, 3) that give what is no skin the mean colour of the skin; 1 on and beside it.

    Brows, eyes and lips lie within 15 px of skin and keep their own colour.
    """
    cells = Image.fromarray(np.rint(skin * 255).astype(np.uint8)).reduce(3)
    near = cells.filter(ImageFilter.MaxFilter(11)).filter(ImageFilter.BoxBlur(1)).resize(skin.shape[::-1])
    others = 1 - np.asarray(near, np.float32)[..., None] / 255
    if min(others.sum(), skin.sum()) < 0.02 * skin.size:
        return np.ones_like(image)
    tone = (image * skin[..., None]).sum((0, 1)) / skin.sum()
    usual = (image * others).sum((0, 1)) / others.sum()
    return 1 + others * ((tone / np.maximum(usual, 0.02)).clip(0.4, 2.5) - 1)


def light_curves(random: np.random.Generator) -> Array:
    """Return what another exposure, gamma and white make of the 256 levels of R, G and B, (256, 3), 0..1.

    The portraits show mostly light skin: gammas up to 2.2 bring their tones down to the darkest.
    """
    levels = np.linspace(0, 1, 256, dtype=np.float32)[:, None] ** np.exp(random.uniform(-0.35, 0.8))
    gains = random.uniform(0.85, 1.1, 3) * random.uniform(0.8, 1.15)
    return (levels * gains).clip(0, 1).astype(np.float32)


def lit(image: NDArray[np.uint8], light: Array, grey: bool) -> Array:
    """Return a picture (h, w, 3) under a light, 0..1."""
    if grey:
        return light[image.mean(axis=-1, keepdims=True).round().astype(np.uint8)[..., [0, 0, 0]], 1]
    channels = [np.take(light[:, c], image[..., c]) for c in range(3)]
    return np.stack(channels, axis=-1)


def train(options: argparse.Namespace) -> None:
    device = recipe.start(options)
    faces = load(options.labels, held_out=False)
    print(f"{len(faces)} portraits", flush=True)
    patches = Patches(faces, options.seed, SIDE, options.drawn, options.reference)
    network = LocalRetouching().to(device, memory_format=torch.channels_last)

    def error(share: float) -> Tensor:
        image, skin, changes = (t.to(device) for t in patches.batch(options.batch))
        with recipe.half_precision(device):
            answer = network.parts(image.contiguous(memory_format=torch.channels_last))
        return retouching_error(answer, skin, changes, where=WHERE)

    recipe.run(options, "skin_retouch", network, error)


def main() -> None:
    parser = recipe.arguments(__doc__)
    for source in ("drawn", "reference"):
        parser.add_argument(f"--no-{source}", dest=source, action="store_false")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
