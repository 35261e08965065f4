"""Networks with the exact signatures of published ones, whose answers can be told by hand.

The real ones cannot be had everywhere, and noise would prove nothing: each of these does, in one formula,
what its model does, so that a wrong range, channel order, mask or size in an adapter gives a wrong picture.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper, parser

TINT = (0.1, 0.0, -0.1)
"""What painting networks add to their first, second and third channel: it tells RGB from BGR."""
CONTRAST = 0.8
"""What restoring networks multiply with, about the middle of their range."""
MARK_RADIUS = 0.03
"""Of the white disc that restoring networks paint over an eye, as a share of the side."""

_HEAD = '<ir_version: 8, opset_import: ["" : 17]>\n'
_CONSTANTS = """
  one = Constant <value = float {1.0}> ()
  half = Constant <value = float {0.5}> ()
  two = Constant <value = float {2.0}> ()
  levels = Constant <value = float {255.0}> ()
  plane = Constant <value = int64[2] {2, 3}> ()
  tint = Constant <value = float[1,3,1,1] {0.1, 0.0, -0.1}> ()
  contrast = Constant <value = float {0.8}> ()
"""


def network(signature: str, body: str, **weights: np.ndarray) -> bytes:
    """Return an ONNX file from onnx's text format; `weights` are its initializers."""
    model = parser.parse_model(f"{_HEAD}published {signature} {{{_CONSTANTS}{body}}}")
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights.items())
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def renamed(content: bytes, old: str, new: str) -> bytes:
    """Return the network with another name for a tensor: exporters use numbers, too, which text cannot."""
    model = onnx.load_model_from_string(content)
    for value in (*model.graph.input, *model.graph.output):
        value.name = new if value.name == old else value.name
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
    return bytes(model.SerializeToString())


# --- skin-inpainting ---

_MEAN = """
  seen = Mul (unit, known)
  sum = ReduceSum (seen, plane)
  count = ReduceSum (known, plane)
  mean = Div (sum, count)
  paint = Add (mean, tint)
  hole = Sub (one, known)
  painted = Mul (paint, hole)
  filled = Add (seen, painted)
"""


def lama(image: str = "image", mask: str = "mask", output: str = "output", batch: str = "1") -> bytes:
    """LaMa by Carve, and OpenCV's copy: fills a hole with the tinted mean of what is known, 0..255."""
    return network(
        f"(float[{batch},3,512,512] {image}, float[{batch},1,512,512] {mask})"
        f" => (float[{batch},3,512,512] {output})",
        f"unit = Identity ({image})\n known = Sub (one, {mask})\n{_MEAN}\n {output} = Mul (filled, levels)",
    )


def migan() -> bytes:
    """MI-GAN's pipeline: bytes in, bytes out, 255 in the mask is kept."""
    return network(
        "(uint8[1,3,h,w] image, uint8[1,1,h,w] mask) => (uint8[1,3,h,w] result)",
        f"""
  shades = Cast <to = 1> (image)
  unit = Div (shades, levels)
  kept = Cast <to = 1> (mask)
  known = Div (kept, levels)
  {_MEAN}
  scaled = Mul (filled, levels)
  zero = Sub (one, one)
  bounded = Clip (scaled, zero, levels)
  rounded = Round (bounded)
  result = Cast <to = 2> (rounded)
""",
    )


# --- skin-retouch ---


def abpn() -> bytes:
    """ABPN's generator: the blend layer is a quarter, half of the picture, and the tint."""
    return network(
        "(float[1,3,512,512] image) => (float[1,3,512,512] pred_mg)",
        """
  raised = Add (image, one)
  unit = Mul (raised, half)
  halved = Mul (unit, half)
  quarter = Mul (half, half)
  grey = Add (halved, quarter)
  pred_mg = Add (grey, tint)
""",
    )


# --- our own: local retouching and the step of the blend pyramid ---


def local_retouching(area: str = "skin", components: int = 6) -> bytes:
    """Moves component n by n eighths towards the mean of 48 px around each cell of 16 px; red is the area."""
    eighths = ", ".join(str(n / 8) for n in range(1, components + 1))
    given, found = f"float[b,3,h,w] image, float[{components}] weights", f"float[b,1,h,w] {area}"
    return network(
        f"({given}) => ({found}, float[b,3,h,w] change)",
        f"""
  eighths = Constant <value = float[{components}] {{{eighths}}}> ()
  parts = Mul (weights, eighths)
  share = ReduceSum <keepdims = 0> (parts)
  mean = AveragePool <kernel_shape = [48, 48], strides = [16, 16], pads = [16, 16, 16, 16]> (image)
  scales = Constant <value = float[4] {{1.0, 1.0, 16.0, 16.0}}> ()
  around = Resize <mode = "nearest"> (mean, , scales)
  missing = Sub (around, image)
  change = Mul (missing, share)
  sizes = Constant <value = int64[3] {{1, 1, 1}}> ()
  {area}, green, blue = Split <axis = 1> (image, sizes)
""",
    )


def blend_refinement() -> bytes:
    """Enlarges bilinearly, and adds a tenth of how 2 x 2 px differ from the 10 x 10 px around them."""
    return network(
        "(float[b,3,h2,w2] image, float[b,3,h,w] coarse) => (float[b,3,h2,w2] fine)",
        """
  scales = Constant <value = float[4] {1.0, 1.0, 2.0, 2.0}> ()
  tenth = Constant <value = float {0.1}> ()
  enlarged = Resize <mode = "linear"> (coarse, , scales)
  cells = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (image)
  around = AveragePool <kernel_shape = [5, 5], pads = [2, 2, 2, 2], count_include_pad = 1> (cells)
  detail = Sub (cells, around)
  little = Mul (detail, tenth)
  spread = Resize <mode = "nearest"> (little, , scales)
  fine = Add (enlarged, spread)
""",
    )


# --- face-restoration ---

_MARK = """
  ys = Sub (down, eye_y)
  xs = Sub (across, eye_x)
  ys2 = Mul (ys, ys)
  xs2 = Mul (xs, xs)
  distance = Add (ys2, xs2)
  marked = Less (distance, reach)
"""


def _eye(side: int, eye: tuple[float, float]) -> dict[str, np.ndarray]:
    return {
        "down": np.arange(side, dtype=np.float32).reshape(1, 1, side, 1),
        "across": np.arange(side, dtype=np.float32).reshape(1, 1, 1, side),
        "eye_x": np.float32(eye[0] * side),
        "eye_y": np.float32(eye[1] * side),
        "reach": np.float32((MARK_RADIUS * side) ** 2),
    }


def face_restorer(
    side: int, eye: tuple[float, float], image: str = "input", output: str = "output", more: int = 0
) -> bytes:
    """GFPGAN, GPEN and RestoreFormer++: less contrast, and a white disc where its template has an eye.

    `more` outputs follow the picture, as in VisoMaster's RestoreFormer++.
    """
    others = "".join(f", float[1] aside{number}" for number in range(more))
    body = "".join(f"aside{number} = Identity (one1)\n" for number in range(more))
    shape = f"float[1,3,{side},{side}]"
    return network(
        f"({shape} {image}) => ({shape} {output}{others})",
        f"""
  {_MARK}
  one1 = Constant <value = float[1] {{1.0}}> ()
  flat = Mul ({image}, contrast)
  {output} = Where (marked, one, flat)
  {body}
""",
        **_eye(side, eye),
    )


def codeformer(image: str = "input", weight: str = "weight", output: str = "output") -> bytes:
    """CodeFormer: fidelity 1 keeps the picture (with less contrast), 0 turns it into its negative."""
    shape = "float[1,3,512,512]"
    return network(
        f"({shape} {image}, double[1] {weight}) => ({shape} {output})",
        f"""
  fidelity = Cast <to = 1> ({weight})
  twice = Mul (fidelity, two)
  sign = Sub (twice, one)
  flat = Mul ({image}, contrast)
  {output} = Mul (flat, sign)
""",
    )


# --- background-restoration ---

_FLAT = """
  shifted = Sub (values, half)
  flat = Mul (shifted, contrast)
  back = Add (flat, half)
"""


GRAIN = 0.05
"""What upscalers add to each pixel of a block, and take away in turns: its mean stays."""


def told_face_restorer() -> bytes:
    """Softlight's own signature: less contrast where the parsing says skin, and a tenth of blue as detail."""
    return network(
        "(float[batch,3,512,512] image, float[batch,13,128,128] shares)"
        " => (float[batch,3,512,512] restored, float[batch,3,512,512] detail)",
        """
  starts = Constant <value = int64[1] {1}> ()
  ends = Constant <value = int64[1] {2}> ()
  channels = Constant <value = int64[1] {1}> ()
  skin = Slice (shares, starts, ends, channels)
  scales = Constant <value = float[4] {1.0, 1.0, 4.0, 4.0}> ()
  there = Resize <mode = "nearest"> (skin, , scales)
  middle = Sub (image, half)
  flat = Mul (middle, contrast)
  less = Sub (flat, middle)
  change = Mul (less, there)
  restored = Add (image, change)
  nothing = Sub (image, image)
  blue = Constant <value = float[1,3,1,1] {0.0, 0.0, 0.1}> ()
  detail = Add (nothing, blue)
""",
    )


def told_occluder() -> bytes:
    """XSeg's signature: a face is seen where red is more than green; blue comes first."""
    return network(
        "(float[1,256,256,3] input) => (float[1,256,256,1] output)",
        """
  first = Constant <value = int64[1] {1}> ()
  second = Constant <value = int64[1] {2}> ()
  third = Constant <value = int64[1] {3}> ()
  green = Slice (input, first, second, third)
  red = Slice (input, second, third, third)
  more = Sub (red, green)
  steep = Constant <value = float {200.0}> ()
  told = Mul (more, steep)
  output = Sigmoid (told)
""",
    )


def upscaler(factor: int, size: str = "height,width", kind: str = "float") -> bytes:
    """Real-ESRGAN: each pixel becomes a block, with less contrast. x2 folds 2 x 2 pixels into one first."""
    fold = "folded = SpaceToDepth <blocksize = 2> (input)\n source = DepthToSpace <blocksize = 2> (folded)"
    parts = ", ".join("lighter" if number % 2 == 0 else "darker" for number in range(factor**2))
    return network(
        f"({kind}[batch_size,3,{size}] input) => ({kind}[batch_size,3,rows,columns] output)",
        f"""
  {fold if factor == 2 else "source = Identity (input)"}
  values = Cast <to = 1> (source)
  {_FLAT}
  grain = Constant <value = float {{{GRAIN}}}> ()
  lighter = Add (back, grain)
  darker = Sub (back, grain)
  parts = Concat <axis = 1> ({parts})
  large = DepthToSpace <blocksize = {factor}> (parts)
  output = Cast <to = {10 if kind == "float16" else 1}> (large)
""",
    )


def deblurrer() -> bytes:
    """NAFNet: sharper by twice the picture less its mean over 5 x 5; takes multiples of 16 only."""
    return network(
        "(float[1,3,height,width] input) => (float[1,3,height,width] output)",
        """
  folded = SpaceToDepth <blocksize = 16> (input)
  source = DepthToSpace <blocksize = 16> (folded)
  mean = AveragePool <kernel_shape = [5, 5], pads = [2, 2, 2, 2]> (source)
  doubled = Mul (source, two)
  output = Sub (doubled, mean)
""",
    )
