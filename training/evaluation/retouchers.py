"""Who retouches: the filter, the programs of today, the reference retoucher, and nobody; and whom.

All get 8-bit portraits at the canonical scale. Today's programs also get what nobody has in practice: the
labels' own skin mask, outside of which they change nothing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from softlight.compositor import composite
from softlight.display import seen_over
from softlight.filters import registry
from softlight.layers import BlendMode, LayerStack
from softlight.picture import Picture
from softlight.progress import silent
from softlight.runtime import Runtime
from softlight_models.bundled import WEIGHTS, BundledModels
from training import reference_retoucher
from training.blemishes import COMPONENTS
from training.evaluation import faces, measures
from training.evaluation.faces import Array, Bytes, Face
from training.label_portraits import INTEROCULAR

FILTER = "retouch"
NOBODY = "doing nothing"
OURS = "Skin retouch"
REFERENCE = "reference retoucher"
STAY = ("marks", "texture")
"""Components that the defaults leave as they are."""
BY_DEFAULT: Mapping[str, float] = MappingProxyType({name: float(name not in STAY) for name in COMPONENTS})


@dataclass(frozen=True, eq=False)
class Sitter:
    """A held-out portrait, and what the reference retoucher says about it; see `label_retouch.py`."""

    face: Face
    skin: Array
    """(h, w), 0..1: skin less features, hair and cloth."""
    under_eye: Array
    """(h, w), 0..1: where dark circles may be."""
    changes: NDArray[np.int8]
    """(components, h, w, 3), levels of 255; one after the other, they make the retouched portrait."""

    @property
    def cleaned(self) -> Bytes:
        """The portrait after the reference retoucher, who leaves moles, freckles and pores as they are."""
        gone = [i for i, name in enumerate(COMPONENTS) if name not in STAY]
        after = self.face.image + self.changes[gone].sum(axis=0, dtype=np.int16)
        return np.clip(after, 0, 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Task:
    """A picture to be retouched, and what is asked for."""

    sitter: Sitter
    image: Bytes
    component: str | None = None
    """What is to go beside what goes by default."""
    alone: bool = False
    """Whether nothing but the component is asked for."""

    @property
    def weights(self) -> Mapping[str, float]:
        """How much of each component is to go; 0 for those that are not named."""
        if self.component is None:
            return BY_DEFAULT
        return {**({} if self.alone else BY_DEFAULT), self.component: 1.0}


@dataclass(frozen=True, eq=False)
class Done:
    """Retouched pictures, and the seconds that they took in all."""

    images: list[Bytes]
    seconds: float
    held_apart: tuple[float, ...] = ()
    """Of our filter: pixels that soft light could not hold, as a share of those that it changed."""


Retoucher = Callable[[Sequence[Task]], Done]


def sitters(options: argparse.Namespace) -> Iterator[Sitter]:
    """Yield one portrait of each held-out person, `--each` of each skin tone at most, evenly spread."""
    people: dict[str, Face] = {}
    for face in faces.held_out(options):
        people.setdefault(face.person, face)
    for tone in measures.TONES:
        group = [face for face in people.values() if face.tone == tone]
        if options.each and options.each < len(group):
            group = [group[i] for i in np.linspace(0, len(group) - 1, options.each).round().astype(int)]
        for face in group:
            with np.load(options.retouched / f"{face.name}.npz", allow_pickle=False) as data:
                skin, under_eye = (measures.unit(data[name]) for name in ("skin", "under_eye"))
                yield Sitter(face, skin, under_eye, data["changes"])


@dataclass(frozen=True)
class OurFilter:
    """The filter on all skin near the face."""

    runtime: Runtime

    @cached_property
    def _filter(self) -> registry.Filter:
        return registry.load(FILTER)

    def stack(self, image: Bytes, weights: Mapping[str, float] = BY_DEFAULT) -> LayerStack:
        """Return the layers for a picture, with so much of each component gone."""
        corrections = {name: weights.get(name, 0.0) for name in COMPONENTS}
        texture = corrections.pop("texture")
        settings = self._filter.settings_type(**corrections, keep_texture=1 - texture)
        return self._filter.run(Picture(image), None, settings, self.runtime, silent)

    def seen(self, image: Bytes) -> Bytes:
        """Return the filter's view, over the picture."""
        view = self._filter.view
        if view is None:
            raise ValueError(f"The filter {FILTER} has no view.")
        settings = self._filter.settings_type()
        return seen_over(image, view(Picture(image), None, settings, self.runtime, silent))

    def __call__(self, tasks: Sequence[Task]) -> Done:
        """Retouch one picture after the other."""
        start = time.perf_counter()
        stacks = [self.stack(task.image, task.weights) for task in tasks]
        images = [flat(task.image, stack) for task, stack in zip(tasks, stacks, strict=True)]
        seconds = time.perf_counter() - start
        return Done(images, seconds, tuple(share_held_apart(stack) for stack in stacks))


def flat(image: Bytes, stack: LayerStack) -> Bytes:
    """Return a picture with layers on it."""
    return np.asarray(composite(Picture(image), stack).pixels)


def share_held_apart(stack: LayerStack) -> float:
    """Return how many pixels soft light could not hold, as a share of those that it changes."""
    soft, normal = (
        sum(int((layer.mask > 0).sum()) for layer in stack.layers if layer.blend is blend)
        for blend in (BlendMode.SOFT_LIGHT, BlendMode.NORMAL)
    )
    return normal / max(1, soft)


def nobody(tasks: Sequence[Task]) -> Done:
    """Leave all pictures as they are."""
    return Done([task.image for task in tasks], 0.0)


def reference(tasks: Sequence[Task]) -> Done:
    """Let the reference retoucher work, with the same components switched on as in the filter.

    What it says of the portraits as they are is in the labels; other pictures take it seconds each.
    """
    start = time.perf_counter()
    images = []
    for task in tasks:
        weights = np.array([task.weights.get(name, 0.0) for name in COMPONENTS], np.float32)
        after = measures.unit(task.image) + np.tensordot(weights, _reference_changes(task), axes=1)
        images.append(np.rint(after.clip(0, 1) * 255).astype(np.uint8))
    return Done(images, time.perf_counter() - start)


def _reference_changes(task: Task) -> Array:
    face = task.sitter.face
    if task.image is face.image:
        return task.sitter.changes.astype(np.float32) / 255
    skin = measures.unit(face.skin) * (1 - measures.unit(face.clothes))
    maps = (measures.unit(face.features), face.mesh, measures.unit(face.hair))
    return reference_retoucher.changes(measures.unit(task.image), skin, *maps)


def program(name: str) -> Retoucher:
    """Return a program of today, as somebody with a perfect skin mask uses it."""
    from bench.skin_smoothing import PEERS, Photo

    def retouch(tasks: Sequence[Task]) -> Done:
        skins = [np.rint(255 * task.sitter.skin).astype(np.uint8) for task in tasks]
        photos = [Photo(task.image, INTEROCULAR, skin) for task, skin in zip(tasks, skins, strict=True)]
        smoothed = PEERS[name](photos)
        images = [
            masked(task.image, one.pixels, task.sitter.skin)
            for task, one in zip(tasks, smoothed, strict=True)
        ]
        return Done(images, sum(one.seconds for one in smoothed))

    return retouch


def masked(before: Bytes, after: Bytes, mask: Array) -> Bytes:
    """Return `after` where the mask (h, w), 0..1, is 1, and `before` where it is 0."""
    change = after.astype(np.float32) - before
    return np.rint(before + mask[..., None] * change).astype(np.uint8)


def chosen(options: argparse.Namespace) -> dict[str, Retoucher]:
    """Return who is to retouch, by name: nobody and the filter, and whom the options name."""
    found: dict[str, Retoucher] = {NOBODY: nobody}
    if not options.without_us:
        found[OURS] = OurFilter(Runtime("cpu", models=BundledModels(options.weights)))
    if options.reference:
        found[REFERENCE] = reference
    if options.programs:
        from bench.skin_smoothing import PEERS

        found |= {name: program(name) for name in PEERS}
    return found


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return the options that the evaluations of retouching share."""
    parser = faces.arguments(description)
    parser.add_argument("retouched", type=Path, help="folder that label_retouch.py wrote")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="sealed models, a folder for each role")
    parser.add_argument("--each", type=int, default=10, help="people of each skin tone; 0 for everybody")
    parser.add_argument("--programs", action="store_true", help="today's programs too")
    parser.add_argument("--reference", action="store_true", help="the reference retoucher too: slow")
    parser.add_argument("--without-us", action="store_true", help="leave the filter out")
    return parser
