"""Contracts of the networks that find faces and say what is where in them.

Every picture goes in as batch, channels, height, width unless another order is written. Sources: opencv_zoo,
InsightFace, CenterFace, FaceFusion, VisoMaster and uniface, as each catalogue entry names them.
"""

from __future__ import annotations

from softlight_models.contracts.describe import MODEL, Contract, Network, Tensor

STRIDES = (8, 16, 32)
"""Pixels between the cells of a detector's three grids."""

_SQUARE = (1, 3, 640, 640)
_GRIDS = "the upper left cell first; distances and sizes count in strides"

# --- face-detection ---


def _per_stride(name: str, values: int, meaning: str, low: float, high: float) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(f"{name}_{stride}", (1, (640 // stride) ** 2, values), meaning, low=low, high=high)
        for stride in STRIDES
    )


YUNET = Contract(
    "yunet-640",
    "face-detection",
    (
        Network(
            MODEL,
            (Tensor("input", _SQUARE, "BGR, 0..255", high=255),),
            (
                *_per_stride(
                    "cls",
                    1,
                    "probability of a face, 0..1; the score is the root of its product with obj",
                    0,
                    1,
                ),
                *_per_stride("obj", 1, "how well the box would fit, 0..1", 0, 1),
                *_per_stride("bbox", 4, f"centre x, y and the logarithm of width, height; {_GRIDS}", -8, 8),
                *_per_stride("kps", 10, f"x, y of five points, {_GRIDS}", -8, 8),
            ),
        ),
    ),
)


def _scrfd_outputs(name: str, values: int, meaning: str, low: float, high: float) -> tuple[Tensor, ...]:
    # Files write the counts of a 640 px picture down, or leave them open.
    return tuple(
        Tensor(f"{name}_{stride}", (f"anchors_{stride}", values), meaning, low=low, high=high)
        for stride in STRIDES
    )


SCRFD = Contract(
    "scrfd",
    "face-detection",
    (
        Network(
            MODEL,
            (Tensor("image", (1, 3, "height", "width"), "RGB, (v - 127.5) / 128 of 0..255", low=-1),),
            (
                *_scrfd_outputs("score", 1, "0..1; two anchors in each cell", 0, 1),
                *_scrfd_outputs("box", 4, f"distance to left, top, right, bottom; {_GRIDS}", -8, 8),
                *_scrfd_outputs("points", 10, f"x, y of five points, {_GRIDS}", -8, 8),
            ),
            multiple=32,
            usual=(("height", 640), ("width", 640)),
        ),
    ),
    by_position=True,
)

CENTERFACE = Contract(
    "centerface",
    "face-detection",
    (
        Network(
            MODEL,
            (Tensor("image", (1, 3, "height", "width"), "RGB, 0..255", high=255),),
            (
                Tensor("heatmap", (1, 1, "rows", "columns"), "probability of a face's centre, one in 4 px"),
                Tensor(
                    "scale",
                    (1, 2, "rows", "columns"),
                    "logarithm of height, width in cells of 4 px",
                    low=-4,
                    high=6,
                ),
                Tensor("offset", (1, 2, "rows", "columns"), "of the centre, y, x, in cells", low=-1),
                Tensor(
                    "points",
                    (1, 10, "rows", "columns"),
                    "y, x of five points in the box, 0..1",
                    low=-1,
                    high=2,
                ),
            ),
            multiple=32,
            usual=(("height", 640), ("width", 640)),
            misdeclared=True,
        ),
    ),
    by_position=True,
)

YOLO_FACE = Contract(
    "yolo-face-640",
    "face-detection",
    (
        Network(
            MODEL,
            (Tensor("image", _SQUARE, "RGB, 0..1"),),
            (
                Tensor(
                    "faces",
                    (1, 20, 8400),
                    "centre x, y, width, height in px; score 0..1; x, y in px and visibility of five points",
                    high=640,
                ),
            ),
        ),
    ),
    by_position=True,
)

_FROM_CELL = "in strides from the middle of the cell"


def _maps(name: str, values: int, meaning: str, low: float, high: float) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(
            f"{name}_{stride}",
            (1, values, f"rows_{stride}", f"columns_{stride}"),
            meaning,
            low=low,
            high=high,
        )
        for stride in STRIDES
    )


SOFTLIGHT_FACES = Contract(
    "softlight-faces",
    "face-detection",
    (
        Network(
            MODEL,
            (Tensor("image", (1, 3, "height", "width"), "RGB, 0..1; faces at any angle"),),
            (
                *_maps("score", 1, "probability of a face, 0..1, one for each cell", 0, 1),
                *_maps("box", 4, f"distance to left, top, right, bottom, {_FROM_CELL}", 0, 8),
                *_maps("points", 10, f"x, y of five points, {_FROM_CELL}", -8, 8),
            ),
            multiple=32,
            usual=(("height", 640), ("width", 640)),
        ),
    ),
)

# --- landmarks ---


def _mesh(points: int, side: int, *, flat: bool = False) -> Contract:
    """MediaPipe's mesh, as uniface exported it, or `flat` as a plain conversion from TensorFlow Lite."""
    shape = ("batch", side, side, 3) if flat else ("batch", 3, side, side)
    order = "batch, height, width, channels; " if flat else ""
    found = ("batch", 1, 1, 3 * points) if flat else ("batch", points, 3)
    return Contract(
        f"face-mesh-{points}-tflite" if flat else f"face-mesh-{points}",
        "landmarks",
        (
            Network(
                MODEL,
                (Tensor("image", shape, f"{order}RGB, 0..1, eyes level, 1.5 times the face's box"),),
                (
                    Tensor("landmarks", found, "x, y, z in px of the input", high=side),
                    Tensor(
                        "presence",
                        ("batch", 1, 1, 1) if flat else ("batch", 1),
                        "logit of being a face",
                        low=-10,
                        high=10,
                    ),
                ),
                usual=(("batch", 1),),
            ),
        ),
        by_position=True,
    )


FACE_MESH_478 = _mesh(478, 256)
FACE_MESH_468 = _mesh(468, 192)
FACE_MESH_478_TFLITE = _mesh(478, 256, flat=True)
FACE_MESH_468_TFLITE = _mesh(468, 192, flat=True)

FAN_68 = Contract(
    "fan-68",
    "landmarks",
    (
        Network(
            MODEL,
            (Tensor("image", (1, 3, 256, 256), "RGB, 0..1; the face's box is 195 px of it"),),
            (
                Tensor("landmarks", (1, 68, 3), "x, y in cells of 4 px, and a score", high=64),
                Tensor("heatmaps", (1, 68, 64, 64), "one for each point, 0..1"),
            ),
        ),
    ),
    by_position=True,
)

# --- parsing, face-occlusion ---

CELEBAMASK_19 = Contract(
    "celebamask-19",
    "parsing",
    (
        Network(
            MODEL,
            (
                Tensor(
                    "input",
                    (1, 3, 512, 512),
                    "aligned face, RGB 0..1 less the mean .485 .456 .406, over .229 .224 .225",
                    low=-2.1,
                    high=2.6,
                ),
            ),
            (
                Tensor(
                    "output",
                    (1, 19, 512, 512),
                    "logits of background, skin, brows, eyes, glasses, ears, earring, nose, mouth, upper and "
                    "lower lip, neck, necklace, cloth, hair, hat",
                    low=-10,
                    high=10,
                ),
            ),
        ),
    ),
    template="ffhq_512",
    by_position=True,
)

SOFTLIGHT_PARSING = Contract(
    "softlight-parsing",
    "parsing",
    (
        Network(
            MODEL,
            (Tensor("image", ("batch", 3, 288, 288), "aligned face, RGB, 0..1"),),
            (
                Tensor(
                    "shares",
                    ("batch", 13, 288, 288),
                    "how much of a pixel is background, skin, brows, eyes, glasses, ears, nose, inner mouth, "
                    "lips, neck, cloth, hair, hat; 0..1, their sum is 1",
                ),
            ),
            usual=(("batch", 1),),
        ),
    ),
    template="softlight_portrait",
)

XSEG = Contract(
    "xseg-256",
    "face-occlusion",
    (
        Network(
            MODEL,
            (Tensor("input", (1, 256, 256, 3), "batch, height, width, channels; aligned face, BGR, 0..1"),),
            (Tensor("output", (1, 256, 256, 1), "1 where the face is seen, 0 where something hides it"),),
        ),
    ),
    template="dfl_whole_face",
    by_position=True,
)

CONTRACTS = (
    YUNET,
    SCRFD,
    CENTERFACE,
    YOLO_FACE,
    SOFTLIGHT_FACES,
    FACE_MESH_478,
    FACE_MESH_468,
    FACE_MESH_478_TFLITE,
    FACE_MESH_468_TFLITE,
    FAN_68,
    CELEBAMASK_19,
    SOFTLIGHT_PARSING,
    XSEG,
)
