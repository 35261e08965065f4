"""The settings of Soft glow: one parameter of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from softlight.filters.specification import Choice, FilterSpec, Parameter


class Tint(Enum):
    """The colour of the light."""

    NEUTRAL = "neutral"
    WARM = "warm"


SPEC = FilterSpec(
    name="soft_glow",
    label="Soft glow",
    help="Lighten what a brush marked.",
    view="Light",
    parameters=(
        Parameter(
            name="amount",
            kind="number",
            label="Amount",
            help="How much light is added.",
            default=0.25,
            minimum=0.0,
            maximum=1.0,
        ),
        Parameter(
            name="radius",
            kind="number",
            label="Radius",
            help="How far the light reaches; left out, it follows the brush.",
            default=None,
            minimum=1.0,
            maximum=64.0,
            unit="px",
        ),
        Parameter(
            name="tint",
            kind="choice",
            label="Tint",
            help="The colour of the light.",
            default=Tint.NEUTRAL.value,
            choices=(Choice(Tint.NEUTRAL.value, "Neutral"), Choice(Tint.WARM.value, "Warm")),
        ),
        Parameter(
            name="only_dark",
            kind="flag",
            label="Only dark pixels",
            help="Leave alone what is light already.",
            default=False,
        ),
    ),
)


@dataclass(frozen=True)
class SoftGlowSettings:
    """How Soft glow shall work; `SPEC` says what each setting means."""

    amount: float = 0.25
    radius: float | None = None
    tint: Tint = Tint.NEUTRAL
    only_dark: bool = False
