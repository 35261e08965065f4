"""The settings of Marked glow: a mark that can be switched off."""

from __future__ import annotations

from dataclasses import dataclass

from softlight.filters.shared_parameters import MARK
from softlight.filters.specification import FilterSpec

SPEC = FilterSpec(
    name="marked_glow",
    label="Marked glow",
    help="Lighten what a brush marked, and say that AI did it.",
    parameters=(MARK,),
)


@dataclass(frozen=True)
class MarkedGlowSettings:
    """How Marked glow shall work; `SPEC` says what each setting means."""

    mark: bool = True
