"""The settings of Edit attributes, and their description for command line, GIMP and Krita."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from softlight.filters.shared_parameters import FACES, MARK, face_size, feather, share
from softlight.filters.specification import ALL_FACES, Choice, FilterSpec, Parameter, arguments_from_settings

YEARS = 20.0
"""That the slider goes to either side: 202 portraits are labelled, few of people below 30."""


class HairColour(Enum):
    """What hair becomes; all but the first are names of `hair.colour.HairTarget`, in lower case."""

    OWN = "own"
    BLACK = "black"
    DARK_BROWN = "dark_brown"
    BROWN = "brown"
    AUBURN = "auburn"
    COPPER = "copper"
    DARK_BLOND = "dark_blond"
    BLOND = "blond"
    PLATINUM = "platinum"
    GREY = "grey"
    WHITE = "white"


class Method(Enum):
    """What makes age and expression."""

    PROTOTYPES = "prototypes"
    """Softlight's own."""
    NETWORKS = "networks"
    """Those of the roles age and expression, which a user has installed."""


def _slider(name: str, label: str, help: str, group: str, end: float = 1.0, unit: str = "") -> Parameter:
    """Return a slider around zero, at which nothing changes."""
    return Parameter(
        name=name,
        kind="number",
        label=label,
        help=help,
        default=0.0,
        minimum=-end,
        maximum=end,
        unit=unit,
        group=group,
    )


SPEC = FilterSpec(
    name="edit",
    label="Edit attributes",
    help="Change expression, age and hair, each on its own layer. Whose face it is matters: ask first.",
    brush="optional",
    parameters=(
        _slider(
            "smile",
            "Smile",
            "Corners of the mouth up (or down); lips that are closed stay closed.",
            "Expression",
        ),
        _slider(
            "mouth",
            "Mouth",
            "Lips part and the jaw drops, or with a negative number they close.",
            "Expression",
        ),
        _slider("brows", "Brows", "Brows up or down.", "Expression"),
        _slider("eyes", "Eyes", "Eyes wider or narrower.", "Expression"),
        _slider(
            "gaze",
            "Gaze",
            "Where the eyes look: to the picture's right, or with a negative number to its left.",
            "Expression",
        ),
        _slider("gaze_up", "Gaze up", "The eyes look up, or with a negative number down.", "Expression"),
        _slider("age", "Age", "Older, or with a negative number younger.", "Age and gender", YEARS, "years"),
        _slider(
            "gender", "Gender", "More masculine, or with a negative number more feminine.", "Age and gender"
        ),
        _slider(
            "hair_volume",
            "Hair volume",
            "Hair that stands fuller, or lies flatter; the face stays.",
            "Hair",
        ),
        _slider(
            "hair_length",
            "Hair length",
            "Hair that hangs down, longer, or a little shorter; short hair stays.",
            "Hair",
        ),
        Parameter(
            name="hair_colour",
            kind="choice",
            label="Hair colour",
            help="What colour hair takes; its strands, shadows and highlights stay.",
            default=HairColour.OWN.value,
            choices=tuple(Choice(one.value, one.value.replace("_", " ").capitalize()) for one in HairColour),
            group="Hair",
        ),
        share("hair_amount", "Amount", "How far the hair goes to that colour.", 1.0, group="Hair"),
        Parameter(
            name="method",
            kind="choice",
            label="Age and expression by",
            help="Softlight's own prototypes, or public networks for age and expression that you have "
            "installed among the models.",
            default=Method.PROTOTYPES.value,
            choices=(
                Choice(Method.PROTOTYPES.value, "Softlight's prototypes"),
                Choice(Method.NETWORKS.value, "Installed networks"),
            ),
        ),
        share("strength", "Strength", "The opacity of the layers.", 1.0),
        FACES,
        MARK,
        feather(
            "How softly the edit fades at the brush's edge, as a share of the distance between the eyes."
        ),
        face_size(
            "Distance between the pupils in the photo, where a brush is given; it says how far around the "
            "strokes their face is looked for. Left out, it is guessed from the strokes."
        ),
    ),
)


@dataclass(frozen=True)
class EditSettings:
    """How Edit attributes shall work; `SPEC` says what each setting means, and its range.

    Raises
    ------
    SettingsError
        When a value is out of its range.
    """

    smile: float = 0.0
    mouth: float = 0.0
    brows: float = 0.0
    eyes: float = 0.0
    gaze: float = 0.0
    gaze_up: float = 0.0
    age: float = 0.0
    gender: float = 0.0
    hair_volume: float = 0.0
    hair_length: float = 0.0
    hair_colour: HairColour = HairColour.OWN
    hair_amount: float = 1.0
    method: Method = Method.PROTOTYPES
    strength: float = 1.0
    faces: str = ALL_FACES
    """Used when there is no brush."""
    mark: bool = True
    """Whether pictures with the result say that they are edited with AI."""
    feather: float = 0.02
    """Of the brush, as a fraction of the interocular distance."""
    face_size: float | None = None
    """Interocular distance in the photo's pixels; `None` lets the filter guess it from a brush."""

    def __post_init__(self) -> None:
        SPEC.complete(arguments_from_settings(self))
