"""Sealing a model: the rules it checks, the golden tile it makes, the entry it writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from softlight_models.bundled import BundledModels
from softlight_models.contracts.pixels import SKIN_INPAINTING, WRINKLE_MAP
from softlight_models.released import ENTRY_FILE, GOLDEN_FILE, MODEL_FILE
from tests.tiny_models import random_tiles, tiny_model, write_model
from training.model_rules import violations
from training.seal import seal


def test_a_tiny_model_breaks_no_rule() -> None:
    assert violations(tiny_model(WRINKLE_MAP), WRINKLE_MAP) == []
    assert violations(tiny_model(SKIN_INPAINTING), SKIN_INPAINTING) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not a model", "not a valid ONNX file"),
        (tiny_model(WRINKLE_MAP, opset=21), "opset is 21"),
        (tiny_model(WRINKLE_MAP, opset=11, ir_version=6), "opset is 11"),
        (tiny_model(WRINKLE_MAP, ir_version=11), "IR version is 11"),
        (tiny_model(SKIN_INPAINTING), "the contract names image"),
        (tiny_model(WRINKLE_MAP, gain=float("nan")), "NaN or infinity"),
    ],
)
def test_each_rule_is_named(content: bytes, sentence: str) -> None:
    assert any(sentence in found for found in violations(content, WRINKLE_MAP))


def changed(change) -> bytes:  # type: ignore[no-untyped-def]
    model = onnx.load_model_from_string(tiny_model(WRINKLE_MAP))
    change(model)
    return model.SerializeToString()


def test_too_large() -> None:
    def pad(model: onnx.ModelProto) -> None:
        model.doc_string = "x" * 8_000_000

    assert any("bytes" in found for found in violations(changed(pad), WRINKLE_MAP))


def test_fixed_dimensions_are_refused() -> None:
    def fix(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    assert any("dimensions" in found for found in violations(changed(fix), WRINKLE_MAP))


def test_operators_outside_the_list_are_refused() -> None:
    def swap(model: onnx.ModelProto) -> None:
        model.graph.node[-1].op_type = "Sin"

    assert violations(changed(swap), WRINKLE_MAP) == ["It uses the operator Sin, which is not on the list."]


def test_a_five_dimensional_matmul_is_refused() -> None:
    def multiply(model: onnx.ModelProto) -> None:
        graph = model.graph
        for name, shape in (("five", [1, 1, 1, 256, 256]), ("four", [1, 1, 256, 256])):
            graph.initializer.append(numpy_helper.from_array(np.ones(shape, np.float32), name))
        graph.node.append(helper.make_node("MatMul", ["five", "four"], ["product"], name="attention"))

    assert violations(changed(multiply), WRINKLE_MAP) == [
        "The MatMul attention has an input of 5 dimensions; DirectML takes four."
    ]


def test_weights_in_another_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def send_out(model: onnx.ModelProto) -> None:
        onnx.external_data_helper.set_external_data(model.graph.initializer[0], "weights.bin", 0, 4)
        model.graph.initializer[0].ClearField("raw_data")
        model.graph.initializer[0].data_location = TensorProto.EXTERNAL

    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.bin").write_bytes(bytes(4096))
    assert violations(changed(send_out), WRINKLE_MAP) != []


def test_the_golden_tile_is_what_the_cpu_gives(tmp_path: Path) -> None:
    tiles = random_tiles(WRINKLE_MAP)
    folder = write_model(tmp_path, WRINKLE_MAP)
    assert seal(folder, tiles) == []
    with np.load(folder / GOLDEN_FILE, allow_pickle=False) as golden:
        assert sorted(golden.files) == ["input.image", "output.map"]
        np.testing.assert_array_equal(golden["input.image"], np.rint(tiles["image"] * 255))
        kernel = numpy_helper.to_array(
            onnx.load_model_from_string((folder / MODEL_FILE).read_bytes()).graph.initializer[0]
        )
        window = tiles["image"][0, :, 99:102, 49:52]
        expected = 1 / (1 + np.exp(-(kernel * window).sum(axis=(1, 2, 3))))
        np.testing.assert_allclose(golden["output.map"][0, :, 100, 50], expected, atol=5e-4)


def test_sealing_again_keeps_the_tile_and_the_written_part(tmp_path: Path) -> None:
    folder = write_model(tmp_path, WRINKLE_MAP)
    seal(folder, random_tiles(WRINKLE_MAP))
    first = (folder / ENTRY_FILE).read_text(encoding="utf-8")
    golden = np.load(folder / GOLDEN_FILE)["input.image"]
    (folder / MODEL_FILE).write_bytes(tiny_model(WRINKLE_MAP, gain=0.5))
    assert seal(folder) == []
    second = (folder / ENTRY_FILE).read_text(encoding="utf-8")
    assert second != first and second.count("[model]") == 1
    assert second.split("# The seal")[0] == first.split("# The seal")[0]
    np.testing.assert_array_equal(np.load(folder / GOLDEN_FILE)["input.image"], golden)
    BundledModels(tmp_path).model_bytes("wrinkle-map")


def test_a_constant_golden_output_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    folder = write_model(tmp_path, WRINKLE_MAP, tiny_model(WRINKLE_MAP, gain=0.0))
    assert "nearly constant" in seal(folder, random_tiles(WRINKLE_MAP))[0]
    assert not (folder / GOLDEN_FILE).exists()
