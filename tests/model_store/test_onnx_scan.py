"""Malicious and broken ONNX files are refused with one sentence; sound ones are described as onnx does."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from softlight_models import onnx_reader
from softlight_models.errors import ModelStoreError
from softlight_models.onnx_scan import scan
from softlight_models.wire_format import WireError

ROOT = Path(__file__).parents[2]
REAL = sorted((ROOT.parent / "shared" / "models").glob("*.onnx"))
OWN = sorted((ROOT / "model_store" / "softlight_models" / "weights").glob("*/model.onnx"))

FLOAT = TensorProto.FLOAT


def value(name: str, shape: Iterable[int | str] = (1,), kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


def model(
    *,
    initializers: Iterable[TensorProto] = (),
    nodes: Iterable[onnx.NodeProto] | None = None,
    sparse: Iterable[onnx.SparseTensorProto] = (),
    functions: Iterable[onnx.FunctionProto] = (),
) -> onnx.ModelProto:
    if nodes is None:
        nodes = [helper.make_node("Identity", ["x"], ["y"])]
    graph = helper.make_graph(
        list(nodes), "graph", [value("x")], [value("y")], list(initializers), sparse_initializer=list(sparse)
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], functions=list(functions))


def tensor(
    dims: Iterable[int] = (4,), kind: int = FLOAT, name: str = "w", raw: bytes | None = None
) -> TensorProto:
    made = TensorProto(name=name, data_type=kind, dims=list(dims))
    if raw is not None:
        made.raw_data = raw
    return made


def external(location: str, dims: Iterable[int] = (4,), **more: str) -> TensorProto:
    made = tensor(dims)
    made.data_location = TensorProto.EXTERNAL
    for key, text in {"location": location, **more}.items():
        made.external_data.add(key=key, value=text)
    return made


def hidden(inner: TensorProto) -> dict[str, onnx.ModelProto]:
    """The tensor in every place of a model that can hold one."""
    constant = helper.make_node("Constant", [], ["c"], value=inner)
    below = helper.make_graph([constant], "below", [], [value("c")])
    holding = helper.make_graph([], "holding", [], [value("w")], [inner])
    branch = helper.make_node("If", ["x"], ["y"], then_branch=holding, else_branch=below)
    listed = helper.make_node("Foreign", ["x"], ["y"], domain="elsewhere")
    listed.attribute.add(name="many", type=onnx.AttributeProto.TENSORS).tensors.append(inner)
    graphs = helper.make_node("Foreign", ["x"], ["y"], domain="elsewhere")
    graphs.attribute.add(name="many", type=onnx.AttributeProto.GRAPHS).graphs.append(holding)
    good = numpy_helper.from_array(np.zeros(1, np.int64), "indices")
    sparse = onnx.SparseTensorProto(values=inner, indices=good, dims=[8])
    thin = helper.make_node("Constant", [], ["c"], sparse_value=sparse)
    thins = helper.make_node("Foreign", ["x"], ["y"], domain="elsewhere")
    thins.attribute.add(name="many", type=onnx.AttributeProto.SPARSE_TENSORS).sparse_tensors.append(sparse)
    function = helper.make_function("own", "F", ["a"], ["c"], [constant], [helper.make_opsetid("", 17)])
    default = helper.make_function("own", "G", ["a"], ["a"], [], [helper.make_opsetid("", 17)])
    default.attribute_proto.add(name="t", type=onnx.AttributeProto.TENSOR).t.CopyFrom(inner)
    training = model()
    training.training_info.add().initialization.CopyFrom(holding)
    return {
        "initializer": model(initializers=[inner]),
        "constant": model(nodes=[constant]),
        "branch": model(nodes=[branch]),
        "tensors": model(nodes=[listed]),
        "graphs": model(nodes=[graphs]),
        "function": model(functions=[function]),
        "default of a function": model(functions=[default]),
        "sparse values": model(sparse=[sparse]),
        "sparse constant": model(nodes=[thin]),
        "sparse tensors": model(nodes=[thins]),
        "training": training,
    }


def write(folder: Path, content: onnx.ModelProto | bytes, name: str = "model.onnx") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())
    return path


def refused(path: Path, beside: Iterable[str] = ()) -> str:
    with pytest.raises(ModelStoreError) as caught:
        scan(path, tuple(beside))
    sentence = str(caught.value)
    assert sentence.endswith(".") and "; " in sentence and "\n" not in sentence
    assert str(path) in sentence
    return sentence


PLACES = list(hidden(tensor()))


@pytest.mark.parametrize("path", REAL + OWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_real_model_is_described_as_onnx_does(path: Path) -> None:
    found, truth = scan(path), onnx.load(path)
    given_inside = {each.name for each in truth.graph.initializer}

    def shapes(values: Iterable[onnx.ValueInfoProto]) -> list[tuple[str, tuple[int | str, ...]]]:
        return [
            (
                each.name,
                tuple(
                    size.dim_value if size.HasField("dim_value") else size.dim_param
                    for size in each.type.tensor_type.shape.dim
                ),
            )
            for each in values
        ]

    assert found.ir_version == truth.ir_version
    assert found.opset == max(each.version for each in truth.opset_import if each.domain in ("", "ai.onnx"))
    assert [(each.name, each.shape) for each in found.inputs] == [
        (name, shape) for name, shape in shapes(truth.graph.input) if name not in given_inside
    ]
    assert [(each.name, each.shape) for each in found.outputs] == shapes(truth.graph.output)
    assert {each.dtype for each in (*found.inputs, *found.outputs)} <= {"float32", "float64", "uint8"}


def test_every_element_type_of_onnx_is_known(tmp_path: Path) -> None:
    for kind in TensorProto.DataType.values():
        if kind == TensorProto.UNDEFINED:
            continue
        try:
            made = helper.make_tensor("w", kind, [3], [b"a", b"b", b"c"] if kind == 8 else [1, 0, 1])
        except (NotImplementedError, TypeError, ValueError, KeyError):
            continue
        scan(write(tmp_path, model(initializers=[made])))
        made.dims[0] = 5 if kind in (21, 22, 23) else 9 if kind in (25, 26) else 4
        assert "declares a tensor of" in refused(write(tmp_path, model(initializers=[made]))), kind


@pytest.mark.parametrize("place", PLACES)
def test_a_giant_tensor_is_refused_wherever_it_hides(tmp_path: Path, place: str) -> None:
    giant = tensor([1 << 20, 1 << 20], raw=b"\0" * 16)
    sentence = refused(write(tmp_path, hidden(giant)[place]))
    assert f"it declares a tensor of {1 << 40} numbers and holds 4 of them" in sentence


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "location",
    ["../../etc/passwd", "/etc/passwd", "..\\..\\secret", "C:\\secret", "C:secret", "\\\\host\\share\\x",
     "a/../../b", "..", "file\0.bin"],
)  # fmt: skip
def test_external_data_outside_the_folder_is_refused_wherever_it_hides(
    tmp_path: Path, place: str, location: str
) -> None:
    path = write(tmp_path, hidden(external(location))[place])
    assert "outside of its own folder" in refused(path, [location])


def test_external_data_may_lie_in_the_models_own_files_only(tmp_path: Path) -> None:
    path = write(tmp_path, model(initializers=[external("weights.bin", offset="16", length="16")]))
    (tmp_path / "weights.bin").write_bytes(bytes(32))
    found = scan(path, ["weights.bin"])
    assert [(each.location, each.offset, each.length) for each in found.external] == [("weights.bin", 16, 16)]
    assert "which is none of its own files" in refused(path)
    assert "which is none of its own files" in refused(
        write(tmp_path, model(initializers=[external("*/_ORT_MEM_ADDR_/*")]))
    )
    assert "names no file" in refused(write(tmp_path, model(initializers=[external("")])), [""])


def test_external_data_must_hold_what_is_declared(tmp_path: Path) -> None:
    weights = tmp_path / "weights.bin"
    beside = ["weights.bin"]
    path = write(tmp_path, model(initializers=[external("weights.bin", offset="16")]))
    assert "is missing" in refused(path, beside)
    weights.write_bytes(bytes(31))
    assert "declares more weights than 'weights.bin' holds" in refused(path, beside)
    weights.write_bytes(bytes(32))
    scan(path, beside)
    for more in ({"length": "8"}, {"offset": "-4"}, {"offset": "1" * 40}, {"length": "x"}):
        refused(write(tmp_path, model(initializers=[external("weights.bin", **more)]), "other.onnx"), beside)
    weights.unlink()
    weights.mkdir()
    assert "is missing" in refused(path, beside)


def test_external_data_behind_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(99))
    folder = tmp_path / "model"
    folder.mkdir()
    path = write(folder, model(initializers=[external("weights.bin")]))
    try:
        (folder / "weights.bin").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("no symbolic links here")
    assert "outside of its own folder" in refused(path, ["weights.bin"])


def test_a_location_without_the_mark_counts_as_external(tmp_path: Path) -> None:
    sly = external("../x")
    sly.ClearField("data_location")
    sly.raw_data = bytes(16)
    assert "outside of its own folder" in refused(write(tmp_path, model(initializers=[sly])))


def test_halves_that_protobuf_would_merge_are_refused(tmp_path: Path) -> None:
    # The same field twice: two graphs become one, the second place of the weights takes that of the first.
    first, second = model(), model(initializers=[tensor(raw=bytes(16))])
    assert "the same part twice" in refused(
        write(tmp_path, first.SerializeToString() + second.SerializeToString())
    )
    twice = external("weights.bin")
    twice.external_data.add(key="location", value="../x")
    assert "names the place of its weights twice" in refused(
        write(tmp_path, model(initializers=[twice])), ["weights.bin"]
    )


def test_a_sparse_tensor_that_unpacks_to_a_giant_is_refused(tmp_path: Path) -> None:
    values = numpy_helper.from_array(np.ones(1, np.float32), "w")
    indices = numpy_helper.from_array(np.zeros(1, np.int64), "i")
    small = onnx.SparseTensorProto(values=values, indices=indices, dims=[1024])
    scan(write(tmp_path, model(sparse=[small])))
    small.dims[0] = 1 << 40
    assert "unpacks to more than 256 MiB" in refused(write(tmp_path, model(sparse=[small])))


def test_negative_sizes_and_unknown_types_are_refused(tmp_path: Path) -> None:
    negative = tensor([-4, -4], raw=bytes(64))
    assert "negative size" in refused(write(tmp_path, model(initializers=[negative])))
    unknown = tensor([0], kind=99, raw=b"")
    assert "unknown type" in refused(write(tmp_path, model(initializers=[unknown])))


def test_graphs_nested_without_end_are_refused(tmp_path: Path) -> None:
    graph = b""
    for _ in range(60):  # graph { node { attribute { g: graph } } }, which onnx itself would not write
        for number in (6, 5, 1):
            graph = bytes([number << 3 | 2]) + varint(len(graph)) + graph
    sound = model()
    sound.ClearField("graph")
    content = sound.SerializeToString() + b"\x3a" + varint(len(graph)) + graph
    assert "nested too deep" in refused(write(tmp_path, content))


def test_a_file_of_countless_parts_does_not_keep_us_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_reader, "MOST_FIELDS", 10_000)
    path = write(tmp_path, model().SerializeToString() + b"\x18\x01" * 20_000)
    start = time.process_time()
    assert "more parts than any model" in refused(path)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!DOCTYPE html><title>403</title>", "a web page"),
        (b"\n <HTML>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS"),
        (b"PK\x03\x04rest of a .pth", "a zip archive or a PyTorch file"),
        (b"\x80\x02}q\x00", "a Python pickle"),
        (b"\x1c\0\0\0TFL3 and more", "a TensorFlow Lite model"),
        (b'{"error": "not found"}', "a text"),
        (b"", "an empty file"),
    ],
)
def test_what_a_failed_download_leaves_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    assert f"is not an ONNX model but {kind}" in refused(write(tmp_path, content))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "missing.onnx")
    assert "cannot be read" in refused(tmp_path)


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.9, 0.999, 0.9999999])
def test_a_truncated_model_is_refused(tmp_path: Path, share: float) -> None:
    content = OWN[0].read_bytes()
    cut = max(1, min(len(content) - 1, math.floor(len(content) * share)))
    assert "cut short" in refused(write(tmp_path, content[:cut]))


def test_a_model_cut_at_any_byte_is_refused(tmp_path: Path) -> None:
    content = model(initializers=[tensor(raw=bytes(16))]).SerializeToString()
    for length in range(1, len(content)):
        assert "cut short" in refused(write(tmp_path, content[:length]))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_whatever_raise_anything_else(data: st.DataObject) -> None:
    sound = hidden(tensor(raw=bytes(16)))[data.draw(st.sampled_from(PLACES))].SerializeToString()
    changed = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    for content in (bytes(changed), data.draw(st.binary(max_size=200))):
        try:
            onnx_reader.read(io.BytesIO(content))
        except WireError as error:
            assert str(error)


def test_what_onnx_itself_refuses_to_parse_is_refused_here_too() -> None:
    """Whatever we let through, protobuf reads as the same files and sizes."""
    rng = np.random.default_rng(4)
    sound = bytearray(model(initializers=[external("w.bin"), tensor(raw=bytes(16))]).SerializeToString())
    agreed = 0
    for _ in range(3000):
        changed = bytearray(sound)
        for at in rng.integers(0, len(sound), 2):
            changed[at] = rng.integers(0, 256)
        try:
            found = onnx_reader.read(io.BytesIO(bytes(changed)))
        except WireError:
            continue
        try:
            truth = onnx.load_model_from_string(bytes(changed))
        except Exception:
            continue  # stricter than we are, and so will onnxruntime be
        places = {
            each.value for w in truth.graph.initializer for each in w.external_data if each.key == "location"
        }
        assert places <= {each.location for each in found.external}
        for each in truth.graph.initializer:
            if each.data_location != TensorProto.EXTERNAL and each.data_type == FLOAT:
                held = max(len(each.raw_data) // 4, len(each.float_data))
                assert math.prod(each.dims) <= held
        agreed += 1
    assert agreed > 300


def test_a_large_model_is_scanned_without_reading_its_weights(tmp_path: Path) -> None:
    import tracemalloc

    # 256 MiB of weights as a hole in the file: protobuf's fields may come in any order.
    path = tmp_path / "big.onnx"
    length = 64 << 22
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value("x")], [value("y")])
    head = graph.SerializeToString()
    body = tensor([64 << 20]).SerializeToString() + b"\x4a" + varint(length)
    outer = b"\x2a" + varint(len(body) + length) + body
    rest = helper.make_model(onnx.GraphProto(), opset_imports=[helper.make_opsetid("", 17)])
    rest.ClearField("graph")
    with path.open("wb") as file:
        file.write(rest.SerializeToString())
        file.write(b"\x3a" + varint(len(head) + len(outer) + length) + head + outer)
        file.seek(length - 1, 1)
        file.write(b"\0")
    tracemalloc.start()
    scan(path)
    assert tracemalloc.get_traced_memory()[1] < 2 << 20
    tracemalloc.stop()


def varint(number: int) -> bytes:
    made = b""
    while number > 0x7F:
        made += bytes([number & 0x7F | 0x80])
        number >>= 7
    return made + bytes([number])
