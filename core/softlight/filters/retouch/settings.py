"""The settings of Skin retouch, and their description for command line, GIMP and Krita."""

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

CORRECTIONS = "Corrections"
"""Heading of the strengths in dialogs."""


class Skin(Enum):
    """Which skin is meant where nothing is painted."""

    ALL = "all"
    """All skin near a chosen face: neck, ears, shoulders and hands as well."""
    FACES = "faces"
    """Of the chosen faces, ears included, and nothing below the jaw."""


def _correction(name: str, label: str, what: str) -> Parameter:
    help = f"How much of {what} goes; 0 leaves it alone."
    return share(name, label, help, 1.0, group=CORRECTIONS, switch=True)


SPEC = FilterSpec(
    name="retouch",
    label="Skin retouch",
    help="Remove blemishes, uneven tone and shine from skin, and keep its pores and moles.",
    view="Skin map",
    brush="optional",
    parameters=(
        share(
            "strength",
            "Strength",
            "How much of each correction is seen: 0 changes nothing, 1 is all of it.",
            1.0,
        ),
        FACES,
        Parameter(
            name="skin",
            kind="choice",
            label="Skin",
            help="Which skin, where nothing is painted: all near the chosen faces (neck, ears, shoulders and "
            "hands too), or the faces alone.",
            default=Skin.ALL.value,
            choices=(
                Choice(Skin.ALL.value, "All skin near the faces"),
                Choice(Skin.FACES.value, "Faces only"),
            ),
            whole_faces=True,
        ),
        _correction("blemishes", "Blemishes", "pimples, spots, scratches, scars and redness in places"),
        _correction("evenness", "Uneven tone", "blotches and uneven tone"),
        _correction("shine", "Shine", "the shine of oily skin"),
        _correction("under_eye", "Dark circles", "the dark circles under the eyes"),
        # Not among the corrections: a click that switches all of them on shall not take anybody's moles.
        share(
            "marks",
            "Moles and freckles",
            "How much of moles and freckles goes: 0 keeps them, as they are one's own, 1 removes them.",
            0.0,
        ),
        share(
            "keep_texture",
            "Keep texture",
            "How much of coarse pores and fine lines stays: 1 keeps the texture as it is, 0 refines it.",
            1.0,
        ),
        protect("Leave eyes, brows, lips, hair and glasses as they are, also where the brush covers them."),
        feather(
            "How softly the change fades at the brush's edge, as a share of the distance between the "
            "eyes; whole faces end where their skin does."
        ),
        face_size(
            "Distance between the pupils in the photo, for what a brush marked where no face is found; left "
            "out, it is guessed from the strokes. Give it for hands and shoulders, as large as on a face at "
            "the same distance from the camera."
        ),
        LAYER,
    ),
)


@dataclass(frozen=True)
class RetouchSettings:
    """How Skin retouch shall work; `SPEC` says what each setting means, and its range.

    Raises
    ------
    SettingsError
        When a value is out of its range.
    """

    strength: float = 1.0
    faces: str = ALL_FACES
    """Which of the faces; used, like `skin`, when there is no brush."""
    skin: Skin = Skin.ALL
    blemishes: float = 1.0
    evenness: float = 1.0
    shine: float = 1.0
    under_eye: float = 1.0
    marks: float = 0.0
    """How much of moles and freckles goes."""
    keep_texture: float = 1.0
    protect: bool = True
    feather: float = 0.02
    """Of the brush, as a fraction of the interocular distance."""
    face_size: float | None = None
    """Interocular distance in the photo's pixels where no face is found; `None` lets the filter guess it."""
    layer: LayerKind = LayerKind.SOFT_LIGHT

    def __post_init__(self) -> None:
        SPEC.complete(arguments_from_settings(self))

    @property
    def weights(self) -> dict[str, float]:
        """Each correction's strength by its name: the components of the role skin-retouch."""
        return {
            "blemishes": self.blemishes,
            "marks": self.marks,
            "evenness": self.evenness,
            "shine": self.shine,
            "under_eye": self.under_eye,
            "texture": 1 - self.keep_texture,
        }
