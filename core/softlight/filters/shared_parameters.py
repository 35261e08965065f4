"""The parameters that several filters have in common. Pure Python, as the specifications are."""

from __future__ import annotations

from enum import Enum

from softlight.filters.specification import ALL_FACES, Choice, Parameter

SMALLEST_FACE = 16.0
"""Px between the pupils: at the canonical 180, a crease or a pore of such a face is thinner than a pixel."""
LARGEST_FACE = 8192.0
"""Px between the pupils, and more than any camera gives."""


class LayerKind(Enum):
    """What kind of layer comes back; the values are those of `softlight.layers.BlendMode`."""

    SOFT_LIGHT = "soft-light"
    """A soft-light layer whose opacity is the strength; it survives later edits of the photo below."""
    NORMAL = "normal"
    """The finished pixels as a normal layer with a mask, for programs with another soft light."""


FACES = Parameter(
    name="faces",
    kind="faces",
    label="Faces",
    help="Which faces, when none is marked with a brush: all, or their numbers from left to right.",
    default=ALL_FACES,
    whole_faces=True,
)

LAYER = Parameter(
    name="layer",
    kind="choice",
    label="Result as",
    help="A soft-light layer (for GIMP and Krita), or a normal layer with a mask.",
    default=LayerKind.SOFT_LIGHT.value,
    choices=(
        Choice(LayerKind.SOFT_LIGHT.value, "Soft-light layer"),
        Choice(LayerKind.NORMAL.value, "Normal layer"),
    ),
)

MARK = Parameter(
    name="mark",
    kind="flag",
    label="Mark the result as edited with AI",
    help="Say in the picture's metadata (XMP, Digital Source Type) that AI changed it; "
    "the changed face itself does not tell.",
    default=True,
)


def face_size(help: str) -> Parameter:
    """Return the parameter that gives the scale of what a brush marked; `help` says when it counts."""
    return Parameter(
        name="face_size",
        kind="number",
        label="Face size",
        help=help,
        default=None,
        minimum=SMALLEST_FACE,
        maximum=LARGEST_FACE,
        unit="px",
    )


def protect(help: str) -> Parameter:
    """Return the switch that keeps what is no bare skin; `help` says when it counts."""
    label = "Keep eyes, brows, lips, hair and glasses"
    return Parameter(name="protect", kind="flag", label=label, help=help, default=True)


def feather(help: str) -> Parameter:
    """Return the parameter of a soft edge, in interocular distances; `help` says which edge."""
    return Parameter(
        name="feather",
        kind="number",
        label="Feather",
        help=help,
        default=0.02,
        minimum=0.0,
        maximum=0.2,
    )


def share(
    name: str,
    label: str,
    help: str,
    default: float,
    *,
    group: str = "",
    switch: bool = False,
    whole_faces: bool = False,
) -> Parameter:
    """Return a parameter that takes a share, 0 to 1."""
    return Parameter(
        name=name,
        kind="number",
        label=label,
        help=help,
        default=default,
        minimum=0.0,
        maximum=1.0,
        group=group,
        switch=switch,
        whole_faces=whole_faces,
    )
