"""Older or younger: the prototype of age, and what years have left on this very skin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from softlight.alignment import Planes
from softlight.faces.mesh import mean_mesh
from softlight.faces.prototypes import Prototype, grid, prototypes
from softlight.filters.edit.age.wear import worn
from softlight.filters.edit.change import Subject
from softlight.filters.edit.likeness import BLACK, Likeness, likeness
from softlight.filters.edit.settings import YEARS
from softlight.runtime import Runtime

SMOOTHED, DEEPENED = 0.65, 1.0
"""Shares of its own wear that a face loses at the young end of the slider, and gets again at the old end."""
DEEPEST = 0.2
"""Share of light that texture gives or takes at most: without an end folds of a woman of 78 were black."""
OLDER, YOUNGER = (1.0, 0.9, 2.4), (1.0, 0.4, 1.0)
"""Shares of the prototype's shape, tone and texture. It is tone that makes a face another to recognisers: at
the young end .6 of it took 10.3 years off eight officials and put them .28 away, .4 of it 8.8 and .24."""
PALER = 0.3
"""How much lighter older faces get below the nose, of the prototype's tone: there it is grey stubble."""
WINGS, NEAR, DRAWN = (48, 64, 98, 278, 294, 327), 0.08, 0.4
"""Points of the mesh around the wings of the nose, the distance (in those between the eyes) within which tone
and texture change less, and the share that is left: all of it drew a dark line around a nose."""


def aged(subject: Subject, runtime: Runtime, years: float) -> Likeness:
    """Return how a face changes with years added to it, or taken away."""
    amount = years / YEARS
    wear = worn(subject.picture, subject.face, subject.part, runtime)
    age = prototypes()["age"]
    if years < 0:
        return likeness(subject, weighed(age, *YOUNGER), amount, amount * SMOOTHED * wear.all)
    older = without_wings(weighed(replace(age, tone=without_stubble(age.tone)), *OLDER))
    # A pimple does not grow with age.
    found = likeness(subject, older, amount, amount * DEEPENED * wear.shade, plain=wear.spots)
    # What is deep already gets little deeper.
    room = DEEPEST * (subject.part.pixels.mean(axis=-1, keepdims=True).clip(0, None) + BLACK)
    return replace(found, fine=np.asarray(room * np.tanh(found.fine / room), np.float32))


def weighed(prototype: Prototype, shape: float, tone: float, texture: float) -> Prototype:
    """Return a prototype with some of each of its parts."""
    return Prototype(shape * prototype.shape, tone * prototype.tone, texture * prototype.texture)


def without_stubble(tone: Planes) -> Planes:
    """Return a prototype's tone (side, side, 3) without the grey stubble of those it was measured on."""
    down = grid(len(tone))[..., 1:]
    nose, lip = mean_mesh()[[2, 0], 1]
    below = np.clip((down - nose) / (lip - nose), 0, 1)
    return np.asarray(tone - (1 - PALER) * below * np.maximum(tone, 0), np.float32)


def without_wings(prototype: Prototype) -> Prototype:
    """Return a prototype that draws the wings of the nose less: no skin has more contrast."""
    where = grid(len(prototype.tone))[..., None, :] - mean_mesh()[list(WINGS)]
    away = np.linalg.norm(where, axis=-1).min(axis=-1)[..., None]
    kept = np.asarray(1 - (1 - DRAWN) * np.exp(-np.square(away / NEAR) / 2), np.float32)
    return replace(prototype, tone=prototype.tone * kept, texture=prototype.texture * kept)
