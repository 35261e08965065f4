"""What is done to a face, one attribute after another: each step becomes a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from softlight.faces.prototypes import prototypes
from softlight.filters.edit.age.ageing import aged
from softlight.filters.edit.change import Change, Subject
from softlight.filters.edit.eyes.gaze import gaze
from softlight.filters.edit.likeness import likeness
from softlight.filters.edit.mouth.mouth import mouth
from softlight.filters.edit.networks.by_network import ByNetwork
from softlight.filters.edit.settings import EditSettings
from softlight.roles.landmarks import MESH_468
from softlight.runtime import Runtime

CLOSED, PARTED = 0.03, 0.10
"""Height over width of lips that are closed, and that are parted: what lies between smiles in between."""
WIDER = 0.4
"""How much of a laugh's opening parted lips take: with all of it teeth that were seen already grew."""


@dataclass(frozen=True, eq=False)
class Step:
    """One attribute that is changed."""

    label: str
    change: Callable[[Subject], Change]
    """Finds what to change on the face as it is after the steps before, or raises `Unchanged`."""


def steps(
    settings: EditSettings, networks: ByNetwork, runtime: Runtime, tick: Callable[[], None]
) -> Iterator[Step]:
    """Yield what is to be done to a face, in the order of the layers from the lowest on.

    Texture is that of the photo: what moves most comes after what changes it. `tick` is called before each
    run of a large network.
    """
    if settings.gaze or settings.gaze_up:
        # On the photo itself: the irises are found there, to a tenth of a pixel.
        model = runtime.model("parsing")
        yield Step("Gaze", partial(gaze, model=model, across=settings.gaze, up=settings.gaze_up))
    settings = networks.rest(settings)
    for label, change in networks.below(tick):
        yield Step(label, change)
    if settings.age:
        yield Step("Age", partial(aged, runtime=runtime, years=settings.age))
    known = prototypes()
    wanted = (
        ("Gender", known["masculine"], settings.gender),
        ("Brows", known["brows"], settings.brows),
        ("Eyes", known["eyes"], settings.eyes),
    )
    for label, prototype, amount in wanted:
        if amount:
            yield Step(label, partial(likeness, prototype=prototype, amount=amount))
    if settings.mouth:
        yield Step("Mouth", partial(mouth, amount=settings.mouth))
    if settings.smile:
        yield Step("Smile", partial(smile, amount=settings.smile))
    for label, change in networks.above(tick):
        yield Step(label, change)


def smile(subject: Subject, amount: float) -> Change:
    """Return a smile that suits lips as they are by now: closed, or parted."""
    closed, laughing = prototypes()["smile-closed"], prototypes()["smile"]
    lips, corners = (subject.mesh[list(pair)] for pair in (MESH_468.lips, MESH_468.mouth))
    height, width = (float(np.linalg.norm(np.subtract(*pair))) for pair in (lips, corners))
    parted = float(np.clip((height / max(width, 1e-6) - CLOSED) / (PARTED - CLOSED), 0, 1))
    if amount < 0:
        parted = 0.0  # lips that would shut over teeth
    shape = closed.shape + WIDER * parted * (laughing.shape - closed.shape)
    return likeness(subject, replace(laughing, shape=shape), amount)
