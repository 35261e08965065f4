"""Contracts of the networks that change a face: its age and its expression.

Sources: FaceFusion's age modifier, expression restorer and face editor, VisoMaster's face editors, and
LivePortrait's own program.
"""

from __future__ import annotations

from softlight_models.contracts.describe import MODEL, UNSTATED, Contract, Network, Size, Tensor

# --- age ---

FRAN = Contract(
    "fran-1024",
    "age",
    (
        Network(
            MODEL,
            (
                Tensor("target", (1, 3, 1024, 1024), "aligned face, RGB, 0..1"),
                Tensor("direction", (2,), "the age it shows and the age wanted, in hundreds of years, 0..1"),
            ),
            (Tensor("output", (1, 3, 1024, 1024), "the same face at the other age, RGB, 0..1 nominal"),),
        ),
    ),
    template="ffhq_512",
    by_position=True,
)

STYLEGANEX_AGE = Contract(
    "styleganex-age",
    "age",
    (
        Network(
            MODEL,
            (
                Tensor("target", (1, 3, 256, 256), "aligned face (ffhq_512), RGB, -1..1", low=-1),
                Tensor(
                    "target_with_background",
                    (1, 3, 384, 384),
                    "the same with more around it (styleganex_384), RGB, -1..1",
                    low=-1,
                ),
                Tensor(
                    "direction", (), "2.5 makes younger, -2.5 older, by as much as it can", low=-2.5, high=2.5
                ),
            ),
            (
                Tensor(
                    "output", (1, 3, "side", "side"), "all of the larger input, RGB, -1..1 nominal", low=-1
                ),
            ),
        ),
    ),
    template="styleganex_384",
    by_position=True,
)

# --- expression ---

POINTS = (1, 21, 3)
"""LivePortrait's implicit key points: they have no name and no place that an eye would see."""

_FEATURES = (1, 32, 16, 64, 64)
_FACE = "aligned face, RGB, 0..1"
_WIDE = 3.0
"""Key points lie within about this, and expressions within a tenth of it."""


def _points(name: str, meaning: str, shape: tuple[Size, ...] = POINTS) -> Tensor:
    return Tensor(name, shape, meaning, low=-_WIDE, high=_WIDE)


LIVE_PORTRAIT = Contract(
    "live-portrait",
    "expression",
    (
        Network(
            "feature-extractor",
            (Tensor("input", (1, 3, 256, 256), _FACE),),
            (Tensor("feature_volume", _FEATURES, "appearance", low=-_WIDE, high=_WIDE),),
        ),
        Network(
            "motion-extractor",
            (Tensor("input", (1, 3, 256, 256), _FACE),),
            (
                Tensor("pitch", UNSTATED, "degrees", low=-90, high=90),
                Tensor("yaw", UNSTATED, "degrees", low=-90, high=90),
                Tensor("roll", UNSTATED, "degrees", low=-90, high=90),
                Tensor("scale", UNSTATED, "of the points", high=_WIDE),
                _points("translation", "of the points", UNSTATED),
                _points("expression", "what the expression adds to each point"),
                _points("motion_points", "of the face at rest, seen from the front"),
            ),
        ),
        Network(
            "generator",
            (
                Tensor("feature_volume", _FEATURES, "appearance", low=-_WIDE, high=_WIDE),
                # FaceFusion's export calls the moved points "source".
                _points("source", "where the points shall be"),
                _points("target", "where they are in the picture that gave the features"),
            ),
            (Tensor("output", (1, 3, 512, 512), "the moved face, RGB, 0..1 nominal"),),
        ),
        Network(
            "stitcher",
            (
                _points("source", "where the points shall be"),
                _points("target", "where they are"),
            ),
            (_points("output", "the first, so that neck and shoulders stay where they are"),),
        ),
        Network(
            "eye-retargeter",
            (
                _points(
                    "input",
                    "the points, how far either eye is open (height over width), and how far it shall be",
                    (1, 66),
                ),
            ),
            (_points("output", "what to add to the points", (1, 63)),),
        ),
        Network(
            "lip-retargeter",
            (
                _points(
                    "input",
                    "the points, how far the lips are open (height over width), and how far they shall be",
                    (1, 65),
                ),
            ),
            (_points("output", "what to add to the points", (1, 63)),),
        ),
    ),
    template="live_portrait_512",
    by_position=True,
)

_ANGLE = "scores of 66 angles, three degrees apart, the first -97.5"

LIVE_PORTRAIT_BINS = Contract(
    "live-portrait-bins",
    "expression",
    (
        Network(
            "feature-extractor",
            (Tensor("img", (1, 3, 256, 256), _FACE),),
            (Tensor("output", _FEATURES, "appearance", low=-_WIDE, high=_WIDE),),
        ),
        Network(
            "motion-extractor",
            (Tensor("img", (1, 3, 256, 256), _FACE),),
            (
                Tensor("pitch", (1, 66), _ANGLE, low=-10, high=10),
                Tensor("yaw", (1, 66), _ANGLE, low=-10, high=10),
                Tensor("roll", (1, 66), _ANGLE, low=-10, high=10),
                _points("t", "translation of the points", (1, 3)),
                _points("exp", "what the expression adds to each point", (1, 63)),
                Tensor("scale", (1, 1), "of the points", high=_WIDE),
                _points("kp", "of the face at rest, seen from the front", (1, 63)),
            ),
        ),
        Network(
            "generator",
            (
                Tensor("feature_3d", _FEATURES, "appearance", low=-_WIDE, high=_WIDE),
                _points("kp_driving", "where the points shall be"),
                _points("kp_source", "where they are in the picture that gave the features"),
            ),
            (Tensor("out", (1, 3, 512, 512), "the moved face, RGB, 0..1 nominal"),),
        ),
        Network(
            "stitcher",
            (_points("input", "where the points are, then where they shall be", (1, 126)),),
            (_points("output", "what to add to each point, then to all in x and y", (1, 65)),),
        ),
        *(
            Network(
                name,
                (_points("input", LIVE_PORTRAIT.network(name).inputs[0].meaning, shape),),
                (_points("output", "what to add to the points", (1, 63)),),
            )
            for name, shape in (("eye-retargeter", (1, 66)), ("lip-retargeter", (1, 65)))
        ),
    ),
    template="live_portrait_512",
)

CONTRACTS = (FRAN, STYLEGANEX_AGE, LIVE_PORTRAIT, LIVE_PORTRAIT_BINS)
