"""Contracts of the networks that look at skin and pictures, and of those that paint them.

RGB is perceptual (display) encoding unless something else is said. Sources: FaceFusion, opencv_zoo, the model
cards on Hugging Face and the exporters' own programs, as each catalogue entry names them.
"""

from __future__ import annotations

from softlight_models.contracts.describe import MODEL, Contract, Network, Size, Tensor

TILE = (("batch", 1), ("height", 256), ("width", 256))
"""The usual call of networks that take any size."""


def _single(
    name: str,
    role: str,
    inputs: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    *,
    multiple: int = 1,
    usual: tuple[tuple[str, int], ...] = (),
    template: str | None = None,
    by_position: bool = True,
) -> Contract:
    network = Network(MODEL, inputs, outputs, multiple, usual)
    return Contract(name, role, (network,), template, by_position)


_ANY: tuple[Size, ...] = ("batch", 3, "height", "width")
_IMAGE = Tensor("image", _ANY, "RGB, 0..1")

WRINKLE_MAP = _single(
    "wrinkle-map",
    "wrinkle-map",
    (_IMAGE,),
    (
        Tensor(
            "map",
            ("batch", 2, "height", "width"),
            "0..1; channel 0: probability of a wrinkle, channel 1: probability of skin",
        ),
    ),
    multiple=16,
    usual=TILE,
    by_position=False,
)

# --- skin-inpainting ---

SKIN_INPAINTING = _single(
    "skin-inpainting",
    "skin-inpainting",
    (
        _IMAGE,
        Tensor(
            "hole",
            ("batch", 1, "height", "width"),
            "1 where the picture is to be filled, else 0",
            binary=True,
        ),
    ),
    (Tensor("fill", _ANY, "RGB, 0..1 nominal; of use inside the hole only"),),
    multiple=64,
    usual=TILE,
    by_position=False,
)


def _lama(name: str, order: str) -> Contract:
    return _single(
        name,
        "skin-inpainting",
        (
            Tensor("image", (1, 3, 512, 512), f"{order}, 0..1"),
            Tensor("mask", (1, 1, 512, 512), "1 where the picture is to be filled, else 0", binary=True),
        ),
        (Tensor("output", (1, 3, 512, 512), f"{order}, 0..255", high=255),),
    )


LAMA = _lama("lama-512", "RGB")
LAMA_BGR = _lama("lama-512-bgr", "BGR")

MIGAN = _single(
    "migan-pipeline",
    "skin-inpainting",
    (
        Tensor("image", (1, 3, "height", "width"), "RGB, 0..255", "uint8", high=255),
        Tensor(
            "mask",
            (1, 1, "height", "width"),
            "0 where the picture is to be filled, 255 where it is kept; something must be filled",
            "uint8",
            high=255,
            binary=True,
        ),
    ),
    (Tensor("result", (1, 3, "height", "width"), "RGB, 0..255", "uint8", high=255),),
    # It resizes what is around the hole to its own 512 px.
    usual=(("height", 512), ("width", 512)),
)

# --- skin-retouch, garment-retouch, blend-refinement ---


def _retouch(name: str, role: str, area: str, what: str, components: str, count: int) -> Contract:
    return _single(
        name,
        role,
        (_IMAGE, Tensor("weights", (count,), f"0..1: strength of {components}")),
        (
            Tensor(area, ("batch", 1, "height", "width"), f"0..1: probability of {what}"),
            Tensor(
                "change",
                _ANY,
                "RGB, -1..1 nominal: what is to be added in all, in quarters of the range",
                low=-1,
            ),
        ),
        multiple=16,
        # Of 512 px, an answer is exact in the inner 192.
        usual=(("batch", 1), ("height", 512), ("width", 512)),
        by_position=False,
    )


RETOUCH = _retouch(
    "softlight-retouch",
    "skin-retouch",
    "skin",
    "skin",
    "blemishes, marks, evenness, shine, under-eye and texture",
    6,
)
GARMENT = _retouch("softlight-garment", "garment-retouch", "cloth", "cloth", "creases", 1)
REFINEMENT = _single(
    "blend-refinement",
    "blend-refinement",
    (
        Tensor("image", ("batch", 3, "2*height", "2*width"), "RGB, 0..1"),
        Tensor(
            "coarse",
            ("batch", 3, "height", "width"),
            "the blend layer B of the picture at half its size, 0..1 nominal; 0.5 changes nothing",
        ),
    ),
    (
        Tensor(
            "fine",
            ("batch", 3, "2*height", "2*width"),
            "the picture's own blend layer B, 0..1 nominal",
        ),
    ),
    usual=TILE,
    by_position=False,
)

ABPN = _single(
    "abpn-512",
    "skin-retouch",
    (Tensor("image", (1, 3, 512, 512), "RGB, -1..1", low=-1),),
    (Tensor("pred_mg", (1, 3, 512, 512), "the blend layer B, 0..1; 0.5 changes nothing"),),
)

# --- face-restoration ---

_FIDELITY = Tensor("weight", (1,), "fidelity, 0..1: 0 invents the most, 1 stays closest", "float64")


def _face(name: str, size: int, template: str = "ffhq_512", extra: tuple[Tensor, ...] = ()) -> Contract:
    shape = (1, 3, size, size)
    return _single(
        name,
        "face-restoration",
        (Tensor("input", shape, "aligned face, RGB, -1..1", low=-1), *extra),
        (Tensor("output", shape, "the same face, RGB, -1..1 nominal", low=-1),),
        template=template,
    )


FACE_256 = _face("face-restoration-256", 256, template="arcface_128")
FACE_512 = _face("face-restoration-512", 512)
FACE_1024 = _face("face-restoration-1024", 1024)
FACE_2048 = _face("face-restoration-2048", 2048)
CODEFORMER = _face("codeformer-512", 512, extra=(_FIDELITY,))

_SQUARE: tuple[Size, ...] = ("batch", 3, 512, 512)

SOFTLIGHT_FACE = _single(
    "softlight-face-restoration",
    "face-restoration",
    (
        Tensor("image", _SQUARE, "aligned face, RGB, 0..1"),
        Tensor(
            "shares",
            ("batch", 13, 128, 128),
            "how much of 4 x 4 px is each class of softlight-parsing, 0..1; all 0 where nothing is known",
        ),
    ),
    (
        Tensor("restored", _SQUARE, "the same face as the picture tells it, RGB, 0..1 nominal"),
        Tensor(
            "detail",
            _SQUARE,
            "what may be added to it, RGB: detail that is likely, and not told",
            low=-0.25,
            high=0.25,
        ),
    ),
    usual=(("batch", 1),),
    template="ffhq_512",
    by_position=False,
)

# --- background-restoration ---


def _upscale(factor: int, multiple: int) -> Contract:
    return _single(
        f"upscale-x{factor}",
        "background-restoration",
        (Tensor("input", (1, 3, "height", "width"), "RGB, 0..1"),),
        (Tensor("output", (1, 3, f"{factor}*height", f"{factor}*width"), "RGB, 0..1 nominal"),),
        multiple=multiple,
        usual=TILE[1:],
    )


UPSCALE_2 = _upscale(2, multiple=2)  # Real-ESRGAN's x2 network folds 2 x 2 pixels into one first
UPSCALE_4 = _upscale(4, multiple=1)
DEBLUR = _single(
    "deblur",
    "background-restoration",
    (Tensor("input", (1, 3, "height", "width"), "RGB, 0..1"),),
    (Tensor("output", (1, 3, "height", "width"), "RGB, 0..1 nominal"),),
    multiple=16,  # NAFNet halves the picture four times
    # It averages over windows of 384 px, and users report that opencv's export fails on 256 x 256.
    usual=(("height", 512), ("width", 512)),
)

CONTRACTS = (
    WRINKLE_MAP,
    SKIN_INPAINTING,
    LAMA,
    LAMA_BGR,
    MIGAN,
    RETOUCH,
    ABPN,
    GARMENT,
    REFINEMENT,
    FACE_256,
    FACE_512,
    FACE_1024,
    FACE_2048,
    CODEFORMER,
    SOFTLIGHT_FACE,
    UPSCALE_2,
    UPSCALE_4,
    DEBLUR,
)
