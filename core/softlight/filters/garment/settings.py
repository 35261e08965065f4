"""The settings of Garment creases, and their description for command line, GIMP and Krita."""

from __future__ import annotations

from dataclasses import dataclass

from softlight.filters.shared_parameters import FACES, LAYER, LayerKind, face_size, feather, share
from softlight.filters.specification import ALL_FACES, FilterSpec, arguments_from_settings

SPEC = FilterSpec(
    name="garment",
    label="Garment creases",
    help="Soften creases and folds of clothes, and keep their seams, buttons, patterns and weave.",
    view="Cloth map",
    brush="optional",
    parameters=(
        share(
            "strength", "Strength", "How much of the creases goes: 0 changes nothing, 1 is all of it.", 1.0
        ),
        FACES,
        feather(
            "How softly the change fades at the brush's edge, as a share of the distance between the "
            "eyes; whole clothes end where their cloth does."
        ),
        face_size(
            "Distance between the pupils in the photo, for what a brush marked where no face is found; left "
            "out, it is guessed from the strokes. Give it for clothes without a person, as large as on a "
            "face at the same distance from the camera."
        ),
        LAYER,
    ),
)


@dataclass(frozen=True)
class GarmentSettings:
    """How Garment creases shall work; `SPEC` says what each setting means, and its range.

    Raises
    ------
    SettingsError
        When a value is out of its range.
    """

    strength: float = 1.0
    faces: str = ALL_FACES
    """Whose clothes; used when there is no brush."""
    feather: float = 0.02
    """Of the brush, as a fraction of the interocular distance."""
    face_size: float | None = None
    """Interocular distance in the photo's pixels where no face is found; `None` lets the filter guess it."""
    layer: LayerKind = LayerKind.SOFT_LIGHT

    def __post_init__(self) -> None:
        SPEC.complete(arguments_from_settings(self))
