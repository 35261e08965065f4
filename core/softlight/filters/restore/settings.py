"""The settings of Face restore, and their description for command line, GIMP and Krita."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from softlight.filters.shared_parameters import FACES, face_size, feather, share
from softlight.filters.specification import ALL_FACES, Choice, FilterSpec, Parameter, arguments_from_settings


class Grain(Enum):
    """What becomes of the grain of a restored face."""

    MATCHED = "matched"
    """As strong as in what surrounds the face: in the photo, or in the background once it is restored."""
    KEPT = "kept"
    """The photo's own grain, where it was."""
    NONE = "none"


SPEC = FilterSpec(
    name="restore",
    label="Face restore",
    help="Make blurred, noisy, compressed or small faces clear, and keep the person.",
    brush="optional",
    parameters=(
        share(
            "strength",
            "Strength",
            "How much of the restoration shows: 0 changes nothing, 1 is all of it.",
            1.0,
        ),
        share(
            "fidelity",
            "Fidelity",
            "1 shows only what the photo tells; towards 0 comes detail that is likely, and not known to be "
            "there.",
            0.5,
        ),
        Parameter(
            name="grain",
            kind="choice",
            label="Grain",
            help="Give faces the grain of what surrounds them, keep the photo's own, or leave them without.",
            default=Grain.MATCHED.value,
            choices=(
                Choice(Grain.MATCHED.value, "Match the surroundings"),
                Choice(Grain.KEPT.value, "Keep the photo's own"),
                Choice(Grain.NONE.value, "None"),
            ),
        ),
        Parameter(
            name="background",
            kind="flag",
            label="Restore the background",
            help="Restore what surrounds the faces as well, on a layer of its own, so that both look alike.",
            default=True,
        ),
        FACES,
        feather(
            "How softly the restoration fades at the brush's edge, as a share of the distance between the "
            "eyes; whole faces fade by themselves."
        ),
        face_size(
            "Distance between the pupils in the photo, where a brush is given; it says how far around the "
            "strokes their face is looked for. Left out, it is guessed from the strokes."
        ),
    ),
)


@dataclass(frozen=True)
class RestoreSettings:
    """How Face restore shall work; `SPEC` says what each setting means, and its range.

    Raises
    ------
    SettingsError
        When a value is out of its range.
    """

    strength: float = 1.0
    fidelity: float = 0.5
    grain: Grain = Grain.MATCHED
    background: bool = True
    faces: str = ALL_FACES
    """Used when there is no brush."""
    feather: float = 0.02
    """Of the brush, as a fraction of the interocular distance."""
    face_size: float | None = None
    """Interocular distance in the photo's pixels; `None` lets the filter guess it from a brush."""

    def __post_init__(self) -> None:
        SPEC.complete(arguments_from_settings(self))
