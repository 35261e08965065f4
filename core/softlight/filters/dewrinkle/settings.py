"""The settings of De-wrinkle, and their description for command line, GIMP and Krita."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from softlight.filters.shared_parameters import (
    FACES,
    LAYER,
    LayerKind,
    face_size,
    feather,
    protect,
    share,
)
from softlight.filters.specification import (
    ALL_FACES,
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


def _region(name: str, label: str, where: str) -> Parameter:
    help = f"How much of the wrinkles {where} goes when whole faces are worked on; 0 leaves them alone."
    return share(name, label, help, 1.0, group="Regions", switch=True, whole_faces=True)


SPEC = FilterSpec(
    name="dewrinkle",
    label="De-wrinkle",
    help="Remove the wrinkles of whole faces, or those that a brush marked, and keep the skin's own pores.",
    view="Wrinkle map",
    brush="optional",
    parameters=(
        Parameter(
            name="target",
            kind="choice",
            label="Remove",
            help="Remove only wrinkles, or everything that the brush covers "
            "(scars, strands of hair, single marks).",
            default=Target.WRINKLES.value,
            choices=(
                Choice(Target.WRINKLES.value, "Wrinkles"),
                Choice(Target.EVERYTHING.value, "Everything I painted"),
            ),
        ),
        share(
            "strength",
            "Strength",
            "How much of each wrinkle goes: 0 changes nothing, 1 removes it, about 0.6 looks rested.",
            1.0,
        ),
        FACES,
        _region("forehead", "Forehead", "on the forehead"),
        _region("glabella", "Between the brows", "between the brows and on the root of the nose"),
        _region("crows_feet", "Crow's feet", "beside the eyes"),
        _region("under_eye", "Under the eyes", "under the eyes"),
        _region("nasolabial", "Nose to mouth", "from the nose to the corners of the mouth"),
        _region("mouth", "Around the mouth", "around the mouth"),
        _region("chin", "Chin", "on the chin"),
        _region("cheeks", "Cheeks", "on the cheeks"),
        _region("neck", "Neck", "on the neck"),
        protect(
            "Leave eyes, brows, lips, hair and glasses as they are, also where the brush covers them; "
            "where everything painted is to be removed, they go as well."
        ),
        share(
            "keep_texture",
            "Keep texture",
            "How much of the skin's texture stays: 1 keeps the pores, 0 gives the smooth fill alone.",
            1.0,
        ),
        feather("How softly the change fades at its edge, as a share of the distance between the eyes."),
        face_size(
            "Distance between the pupils in the photo, for what a brush marked; left out, it is found "
            "from the strokes. Give it for necks and hands, as large as on a face at the same distance from "
            "the camera."
        ),
        LAYER,
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
    faces: str = ALL_FACES
    """Which of the faces; used, like the strengths of the regions, when there is no brush."""
    forehead: float = 1.0
    glabella: float = 1.0
    crows_feet: float = 1.0
    under_eye: float = 1.0
    nasolabial: float = 1.0
    mouth: float = 1.0
    chin: float = 1.0
    cheeks: float = 1.0
    neck: float = 1.0
    protect: bool = True
    """Keep eyes, brows, lips, hair and glasses when wrinkles are the target."""
    keep_texture: float = 1.0
    feather: float = 0.02
    """As a fraction of the interocular distance."""
    face_size: float | None = None
    """Interocular distance in the photo's pixels; `None` lets the filter find it."""
    layer: LayerKind = LayerKind.SOFT_LIGHT

    def __post_init__(self) -> None:
        SPEC.complete(arguments_from_settings(self))
