"""Older or younger: the prototype of age, and what years have left on this very skin."""

from __future__ import annotations

from softlight.faces.prototypes import Prototype, prototypes
from softlight.filters.edit.change import Subject
from softlight.filters.edit.likeness import Likeness, likeness
from softlight.filters.edit.settings import YEARS
from softlight.filters.edit.wear import worn
from softlight.picture import Picture
from softlight.runtime import Runtime

SMOOTHED, DEEPENED = 0.65, 0.6
"""Shares of its own wear that a face loses at the young end of the slider, and gets again at the old end."""
OLDER, YOUNGER = (1.0, 1.0, 1.0), (1.0, 1.0, 1.0)
"""Shape, tone and texture."""


def aged(subject: Subject, picture: Picture, runtime: Runtime, years: float) -> Likeness:
    """Return how a face changes with years added to it, or taken away."""
    amount = years / YEARS
    wear = worn(picture, subject.face, subject.part, runtime)
    own = amount * (DEEPENED * wear.shade if years > 0 else SMOOTHED * wear.all)
    age = prototypes()["age"]
    shape, tone, texture = OLDER if years > 0 else YOUNGER
    age = Prototype(shape * age.shape, tone * age.tone, texture * age.texture)
    # A pimple does not grow with age.
    return likeness(subject, age, amount, own, plain=wear.spots if years > 0 else None)
