"""The settings of De-wrinkle, and their description for command line, GIMP and Krita."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from softlight.filters.specification import (
    Choice,
    FilterSpec,
    Parameter,
    arguments_from_settings,
)


class Target(Enum):
    """What the brush means."""

    WRINKLES = "wrinkles"
    """Only the wrinkles that the wrinkle map finds under the brush."""
    EVERYTHING = "everything"
    """All that the brush covers."""


class LayerKind(Enum):
    """What kind of layer comes back."""

    SOFT_LIGHT = "soft-light"
    """A soft-light layer whose opacity is the strength; it survives later edits of the photo below."""
    NORMAL = "normal"
    """The finished skin as a normal layer with a mask, for programs with another soft light."""


SPEC = FilterSpec(
    name="dewrinkle",
    label="De-wrinkle",
    help="Remove the wrinkles that a brush marked, and keep the skin's own pores.",
    view="Wrinkle map",
    parameters=(
        Parameter(
            name="target",
            kind="choice",
            label="Remove",
            help="Remove only the wrinkles under the brush, or everything that the brush covers "
            "(scars, strands of hair, single marks).",
            default=Target.WRINKLES.value,
            choices=(
                Choice(Target.WRINKLES.value, "Wrinkles I painted over"),
                Choice(Target.EVERYTHING.value, "Everything I painted"),
            ),
        ),
        Parameter(
            name="strength",
            kind="number",
            label="Strength",
            help="How much of each wrinkle goes: 0 changes nothing, 1 removes it, about 0.6 looks rested.",
            default=1.0,
            minimum=0.0,
            maximum=1.0,
        ),
        Parameter(
            name="keep_texture",
            kind="number",
            label="Keep texture",
            help="How much of the skin's texture stays: 1 keeps the pores, 0 gives the smooth fill alone.",
            default=1.0,
            minimum=0.0,
            maximum=1.0,
        ),
        Parameter(
            name="feather",
            kind="number",
            label="Feather",
            help="How softly the change fades at its edge, as a share of the distance between the eyes.",
            default=0.02,
            minimum=0.0,
            maximum=0.2,
        ),
        Parameter(
            name="face_size",
            kind="number",
            label="Face size",
            help="Distance between the pupils in the photo; left out, it is found from what was painted. "
            "Give it for necks and hands, as large as on a face at the same distance from the camera.",
            default=None,
            minimum=16.0,
            maximum=8192.0,
            unit="px",
        ),
        Parameter(
            name="layer",
            kind="choice",
            label="Result as",
            help="A soft-light layer (for GIMP and Krita), or a normal layer with a mask.",
            default=LayerKind.SOFT_LIGHT.value,
            choices=(
                Choice(LayerKind.SOFT_LIGHT.value, "Soft-light layer"),
                Choice(LayerKind.NORMAL.value, "Normal layer"),
            ),
        ),
    ),
)


@dataclass(frozen=True)
class DewrinkleSettings:
    """How De-wrinkle shall work; `SPEC` says what each setting means, and its range.

    Raises
    ------
    SettingsError
        When a value is out of its range.
    """

    target: Target = Target.WRINKLES
    strength: float = 1.0
    keep_texture: float = 1.0
    feather: float = 0.02
    """As a fraction of the interocular distance."""
    face_size: float | None = None
    """Interocular distance in the photo's pixels; `None` lets the filter find it."""
    layer: LayerKind = LayerKind.SOFT_LIGHT

    def __post_init__(self) -> None:
        SPEC.complete(arguments_from_settings(self))
