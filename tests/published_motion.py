"""LivePortrait's six networks, generated, in the two signatures in which they are published.

Both tell the same story about the same face, so that both adapters must come to the same end.
"""

from __future__ import annotations

import numpy as np

from tests.published_faces import Net

PITCH, YAW, ROLL = 7.5, -4.5, 1.5
"""Degrees; -97.5 and a multiple of three, so that bins hold them exactly."""
_random = np.random.default_rng(11)
REST = _random.uniform(-0.8, 0.8, (21, 3)).astype(np.float32)
EXPRESSION = _random.uniform(-0.03, 0.03, (21, 3)).astype(np.float32)
TRANSLATION = np.array([0.1, -0.05, 0], np.float32)

FACE = (1, 3, 256, 256)
FEATURES = (1, 32, 16, 64, 64)
POINTS = (1, 21, 3)


def _features(net: Net, image: str, to: str) -> None:
    """The picture at 64 px, in three channels of the first layer of depth."""
    small = net.op("AveragePool", image, kernel_shape=[4, 4], strides=[4, 4])
    volume = net.shaped(small, 1, 3, 1, 64, 64)
    # Begin and end of each axis: 29 channels and 15 layers follow.
    net.op("Pad", volume, net.const([0] * 5 + [0, 29, 15, 0, 0], np.int64), to=to)


def _scale(net: Net, image: str, *shape: int, to: str) -> None:
    """1 plus the mean of red."""
    red = net.op("ReduceMean", net.channel(image, 0), keepdims=1)
    net.shaped(net.op("Add", red, net.const(1)), *shape, to=to)


def _painted(net: Net, features: str, there: str, here: str, to: str) -> None:
    """The picture again, with red brighter by how far the points went to the right."""
    small = net.op("Slice", features, *(net.const(v, np.int64) for v in ([0, 0], [3, 1], [1, 2])))
    large = net.op("Resize", net.shaped(small, 1, 3, 64, 64), "", net.const([1, 1, 8, 8]), mode="nearest")
    moved = net.op("Sub", there, here)
    weights = np.zeros((1, 21, 3))
    weights[..., 0] = 1 / 21
    right = net.op("ReduceSum", net.op("Mul", moved, net.const(weights)), keepdims=0)
    net.op("Add", large, net.op("Mul", right, net.const([[[[1.0]], [[0.0]], [[0.0]]]])), to=to)


def _retargeter(eyes: int) -> bytes:
    """A hundredth of how much further open the eyes or lips shall be, for all points."""
    net = Net()
    now = [net.op("Gather", "input", net.const([63 + i], np.int64), axis=1) for i in range(eyes)]
    wanted = net.op("Gather", "input", net.const([63 + eyes], np.int64), axis=1)
    mean = net.op("Div", net.op("Sum", *now), net.const(eyes))
    change = net.op("Mul", net.op("Sub", wanted, mean), net.const(0.01))
    net.op("Mul", change, net.const(np.ones((1, 63))), to="output")
    return net.content({"input": (1, 64 + eyes)}, {"output": (1, 63)})


def facefusion() -> dict[str, bytes]:
    """FaceFusion's export: angles in degrees as single values, points ready to use."""
    features = Net()
    _features(features, "input", "feature_volume")
    motion = Net()
    for name, value in {
        "pitch": PITCH,
        "yaw": YAW,
        "roll": ROLL,
        "translation": TRANSLATION[None],
        "expression": EXPRESSION[None],
        "motion_points": REST[None],
    }.items():
        motion.op("Identity", motion.const(value), to=name)
    _scale(motion, "input", 1, 1, to="scale")
    generator = Net()
    _painted(generator, "feature_volume", "source", "target", "output")
    stitcher = Net()
    kept = stitcher.op("Mul", "source", stitcher.const(0.75))
    stitcher.op("Add", kept, stitcher.op("Mul", "target", stitcher.const(0.25)), to="output")
    outputs = {
        "pitch": (), "yaw": (), "roll": (), "scale": (1, 1), "translation": (1, 3),
        "expression": POINTS, "motion_points": POINTS,
    }  # fmt: skip
    return {
        "feature-extractor": features.content({"input": FACE}, {"feature_volume": FEATURES}),
        "motion-extractor": motion.content({"input": FACE}, outputs),
        "generator": generator.content(
            {"feature_volume": FEATURES, "source": POINTS, "target": POINTS}, {"output": (1, 3, 512, 512)}
        ),
        "stitcher": stitcher.content({"source": POINTS, "target": POINTS}, {"output": POINTS}),
        "eye-retargeter": _retargeter(2),
        "lip-retargeter": _retargeter(1),
    }


def _bins(degrees: float) -> np.ndarray:
    scores = np.zeros((1, 66))
    scores[0, round((degrees + 97.5) / 3)] = 80
    return scores


def visomaster() -> dict[str, bytes]:
    """VisoMaster's export: angles as scores of 66 bins, stitching as what to add to the points."""
    features = Net()
    _features(features, "img", "output")
    motion = Net()
    shift = TRANSLATION + np.array([0, 0, 0.3])  # LivePortrait's own program ignores the depth
    for name, value in {
        "pitch": _bins(PITCH),
        "yaw": _bins(YAW),
        "roll": _bins(ROLL),
        "t": shift[None],
        "exp": EXPRESSION.reshape(1, 63),
        "kp": REST.reshape(1, 63),
    }.items():
        motion.op("Identity", motion.const(value), to=name)
    _scale(motion, "img", 1, 1, to="scale")
    generator = Net()
    _painted(generator, "feature_3d", "kp_driving", "kp_source", "out")
    stitcher = Net()
    here, there = (
        stitcher.op("Slice", "input", *(stitcher.const([v], np.int64) for v in (start, start + 63, 1)))
        for start in (0, 63)
    )
    # A quarter of the way back, and what it does to everything alike, which must not show.
    back = stitcher.op("Mul", stitcher.op("Sub", here, there), stitcher.const(0.25))
    moved = stitcher.op("Add", back, stitcher.const(0.1))
    stitcher.op("Concat", moved, stitcher.const([[0.02, -0.03]]), axis=1, to="output")
    outputs = {
        "pitch": (1, 66), "yaw": (1, 66), "roll": (1, 66), "t": (1, 3), "exp": (1, 63),
        "scale": (1, 1), "kp": (1, 63),
    }  # fmt: skip
    return {
        "feature-extractor": features.content({"img": FACE}, {"output": FEATURES}),
        "motion-extractor": motion.content({"img": FACE}, outputs),
        "generator": generator.content(
            {"feature_3d": FEATURES, "kp_driving": POINTS, "kp_source": POINTS}, {"out": (1, 3, 512, 512)}
        ),
        "stitcher": stitcher.content({"input": (1, 126)}, {"output": (1, 65)}),
        "eye-retargeter": _retargeter(2),
        "lip-retargeter": _retargeter(1),
    }


# --- the same signatures, and a face that moves ---

CORNERS = ((0.429, 0.688), (0.574, 0.687))
"""Of the mouth, in shares of the painted square."""
LIFTED = 14
"""The key point that lifts them."""
SHADE = 5.0
"""By how much the depth of key point 17 brightens everything."""


def moving(export: str = "facefusion", strength: float = 1.0) -> dict[str, bytes]:
    """Networks that paint what they saw, and lift the corners of the mouth with a key point.

    Parameters
    ----------
    export : {"facefusion", "visomaster"}
    strength : float
        Of what they do; with 0 they always paint the same.
    """
    if export == "facefusion":
        networks, seen, volume, ports = (
            facefusion(), "input", "feature_volume", ("feature_volume", "source", "target", "output")
        )  # fmt: skip
    else:
        networks, seen, volume, ports = (
            visomaster(), "img", "output", ("feature_3d", "kp_driving", "kp_source", "out")
        )  # fmt: skip
    features = Net()
    # Three channels of 256 px as 48 of 64 px; 464 more fill the volume.
    packed = features.op("SpaceToDepth", seen, blocksize=4)
    filled = features.op("Pad", packed, features.const([0] * 5 + [464, 0, 0], np.int64))
    features.shaped(filled, *FEATURES, to=volume)
    networks["feature-extractor"] = features.content({seen: FACE}, {volume: FEATURES})
    given, there, here, answer = ports
    net = Net()
    planes = net.shaped(given, 1, 512, 64, 64)
    planes = net.op("Slice", planes, *(net.const([v], np.int64) for v in (0, 48, 1)))
    image = _enlarged(net, net.op("DepthToSpace", planes, blocksize=4, mode="DCR"), 2)
    by = net.op("Sub", there, here)
    at = np.stack(np.meshgrid(*2 * [(np.arange(64) + 0.5) / 64]), axis=-1)
    near = sum(np.exp(-((at - corner) ** 2).sum(-1) / (2 * 0.04**2)) for corner in CORNERS)
    # x and y of the one key point, times how near each place is to a corner.
    lifted = net.shaped(_part(net, by, LIFTED, 0, 2), 1, 2, 1, 1)
    field = _enlarged(net, net.op("Mul", lifted, net.const(strength * near[None, None])), 8)
    whole = 2 * (np.arange(512) + 0.5) / 512 - 1
    grid = net.const(np.stack(np.meshgrid(whole, whole), axis=-1)[None])
    grid = net.op("Sub", grid, net.op("Transpose", field, perm=[0, 2, 3, 1]))
    moved = net.op("GridSample", image, grid, mode="bilinear", padding_mode="border")
    depth = net.shaped(_part(net, by, 17, 2, 3), 1, 1, 1, 1)
    net.op("Add", moved, net.op("Mul", depth, net.const(strength * SHADE)), to=answer)
    networks["generator"] = net.content(
        {given: FEATURES, there: POINTS, here: POINTS}, {answer: (1, 3, 512, 512)}
    )
    return networks


def _enlarged(net: Net, planes: str, factor: int) -> str:
    return net.op("Resize", planes, "", net.const([1, 1, factor, factor]), mode="linear")


def _part(net: Net, points: str, index: int, start: int, end: int) -> str:
    """The coordinates from `start` to `end` of one key point."""
    return net.op(
        "Slice", points, *(net.const(v, np.int64) for v in ([index, start], [index + 1, end], [1, 2]))
    )
