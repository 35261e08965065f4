"""face-api's network is rebuilt number for number, sees faces where they are; its errors are counted."""

from __future__ import annotations

import json
import os
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="the rebuilt network runs on torch")
pytest.importorskip("cv2", reason="the faces are cut out with OpenCV")
pytest.importorskip("onnxruntime", reason="the networks that find faces run on it")

import torch

from softlight.alignment import applied
from softlight.degradation.steps import Jpeg
from tests.training.faces import mean_mesh
from training.evaluation import age_and_gender, face_api
from training.evaluation.age_and_gender import Judge, Sitter

PACKAGE = Path(os.environ.get("SOFTLIGHT_FACE_API", Path(__file__).parents[3] / "peers" / "face-api"))
"""npm's @vladmandic/face-api, unpacked."""


def package() -> Path:
    if not any(PACKAGE.rglob(face_api.MANIFEST)):
        pytest.skip("npm's @vladmandic/face-api is not at hand; SOFTLIGHT_FACE_API may name its folder")
    return PACKAGE


def sample(name: str) -> np.ndarray:
    with as_file(files("softlight.samples") / name) as path:
        return np.asarray(Image.open(path).convert("RGB"))


ENTRIES = [
    {
        "name": "a",
        "shape": [2, 2],
        "dtype": "float32",
        "quantization": {"dtype": "uint8", "scale": 0.5, "min": -3.0},
    },
    {"name": "b", "shape": [2], "dtype": "float32"},
]
CONTENT = bytes([0, 1, 2, 255]) + np.array([1.5, -2], "<f4").tobytes()


def test_bytes_and_numbers_are_read_in_order() -> None:
    found = face_api.arrays(ENTRIES, CONTENT)
    np.testing.assert_array_equal(found["a"], [[-3, -2.5], [-2, 124.5]])
    np.testing.assert_array_equal(found["b"], [1.5, -2])


@pytest.mark.parametrize(
    ("content", "message"),
    [(CONTENT + b"\0", "1 bytes"), (CONTENT[:-1], "end before b")],
    ids=["long", "short"],
)
def test_weights_that_do_not_fit_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        face_api.arrays(ENTRIES, content)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="not understood"):
        face_api.arrays([{"name": "a", "shape": [1], "dtype": "int32"}], bytes(4))


def separable(place: str, given: int, found: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{place}/depthwise_filter": (3, 3, given, 1),
        f"{place}/pointwise_filter": (1, 1, given, found),
        f"{place}/bias": (found,),
    }


def halving(place: str, given: int, found: int) -> dict[str, tuple[int, ...]]:
    return {
        **separable(f"{place}/separable_conv0", given, found),
        **separable(f"{place}/separable_conv1", found, found),
        f"{place}/expansion_conv/filters": (1, 1, given, found),
        f"{place}/expansion_conv/bias": (found,),
    }


def published() -> dict[str, tuple[int, ...]]:
    """Names and shapes as the package's manifest has them."""
    shapes = {"entry_flow/conv_in/filters": (3, 3, 3, 32), "entry_flow/conv_in/bias": (32,)}
    shapes |= halving("entry_flow/reduction_block_0", 32, 64)
    shapes |= halving("entry_flow/reduction_block_1", 64, 128)
    for block in range(2):
        for number in range(3):
            shapes |= separable(f"middle_flow/main_block_{block}/separable_conv{number}", 128, 128)
    shapes |= halving("exit_flow/reduction_block", 128, 256)
    shapes |= separable("exit_flow/separable_conv", 256, 512)
    shapes |= {"fc/age/weights": (512, 1), "fc/age/bias": (1,)}
    return shapes | {"fc/gender/weights": (512, 2), "fc/gender/bias": (2,)}


def write(folder: Path, values: dict[str, np.ndarray]) -> None:
    entries = [{"name": n, "shape": list(v.shape), "dtype": "float32"} for n, v in values.items()]
    folder.mkdir(parents=True)
    # TensorFlow.js may cut the numbers into several files, anywhere.
    content = b"".join(value.astype("<f4").tobytes() for value in values.values())
    (folder / "one.bin").write_bytes(content[:1001])
    (folder / "two.bin").write_bytes(content[1001:])
    groups = [{"weights": entries, "paths": ["one.bin", "two.bin"]}]
    (folder / face_api.MANIFEST).write_text(json.dumps(groups), "utf-8")


def noise(seed: int = 5) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {name: random.normal(0, 0.05, shape).astype(np.float32) for name, shape in published().items()}


def test_every_array_finds_its_place_and_its_axes(tmp_path: Path) -> None:
    values = noise()
    write(tmp_path / "package" / "model", values)
    own = dict(face_api.network(tmp_path).named_parameters())
    assert sum(value.size for value in values.values()) == sum(p.numel() for p in own.values())
    filters = own["conv_in.weight"].detach().numpy()
    assert filters[20, 2, 0, 1] == values["entry_flow/conv_in/filters"][0, 1, 2, 20]
    deep = own["main_blocks.1.separable_conv2.depthwise_filter.weight"].detach().numpy()
    given = values["middle_flow/main_block_1/separable_conv2/depthwise_filter"]
    assert deep[77, 0, 2, 1] == given[2, 1, 77, 0]
    bias = own["separable_conv.pointwise_filter.bias"].detach().numpy()
    np.testing.assert_array_equal(bias, values["exit_flow/separable_conv/bias"])
    assert own["gender.weight"][1, 300].item() == values["fc/gender/weights"][300, 1]


def test_other_weights_are_refused(tmp_path: Path) -> None:
    values = noise()
    del values["fc/age/bias"]
    write(tmp_path / "model", values)
    with pytest.raises(ValueError, match=r"age\.bias"):
        face_api.network(tmp_path)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="@vladmandic/face-api"):
        face_api.network(tmp_path)


def test_the_network_answers_as_the_package_does() -> None:
    """What the package, 1.7.15, said of the same pixels in node, on the CPU backend of TensorFlow.js 4.22."""
    y, x = np.mgrid[:112, :112]
    pattern = np.stack([(2 * x + y) % 256, (x * y // 7) % 256, 255 - (2 * y) % 256], axis=2)
    grey = np.full((112, 112, 3), (180, 140, 120))
    squares = np.stack([pattern, grey]).transpose(0, 3, 1, 2).astype(np.float32)
    with torch.inference_mode():
        ages, men = face_api.network(package())(torch.from_numpy(squares))
    np.testing.assert_allclose(ages.numpy(), [18.528347, 12.770315], atol=1e-3)
    np.testing.assert_allclose(men.numpy(), [0.861896, 0.995951], atol=1e-5)


@pytest.mark.parametrize("angle", [0, 25, -60, 180])
def test_the_square_is_level_and_around_the_points(angle: float) -> None:
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    mesh = mean_mesh() @ np.array([[c, s], [-s, c]]) * 90 + (300, 200)
    inside = applied(age_and_gender.square(mesh, 1.25), mesh)
    assert inside[33, 1] == pytest.approx(inside[263, 1])
    assert inside[33, 0] < inside[263, 0]
    low, high = (limit(inside[age_and_gender.BOXED], axis=0) for limit in (np.min, np.max))
    np.testing.assert_allclose(low + high, 111)
    assert (high - low).max() == pytest.approx(112 / 1.25)


def test_the_sample_photos_are_judged() -> None:
    """An astronaut of 42 and an admiral of 77, both women; of the admiral the judge cannot tell it."""
    judge = Judge(package())
    photo = sample("astronaut.png")
    young, p_young = judge.predict(photo)
    old, p_old = judge.predict(sample("hopper.jpg"))
    assert (young, p_young) == pytest.approx((33.3, 0.12), abs=0.7)
    assert old == pytest.approx(87, abs=2)
    assert p_young < p_old
    worse = age_and_gender.changed(photo, (Jpeg(75),), 1)
    assert judge.predict(worse, judge.face(photo))[0] == pytest.approx(young, abs=1)
    assert judge.predict(photo[:, ::-1].copy()) == pytest.approx((young, p_young), abs=0.7)


def test_a_picture_without_a_face_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="no face"):
        Judge(package()).predict(np.full((200, 200, 3), 128, np.uint8))


PEOPLE = [
    Sitter("pd/a.jpg", 40, True, "white"),
    Sitter("pd/b.jpg", 50, False, "white"),
    Sitter("london/1_smiling.jpg", np.nan, False, "black"),
    Sitter("london/2_neutral.jpg", 70, True, "white"),
]


def test_errors_leave_out_unknown_ages_but_not_their_genders() -> None:
    told = age_and_gender.errors(PEOPLE, np.array([42.0, 45, 99, 70]), np.array([0.9, 0.6, 0.1, 0.8]))
    off = np.array([2, -5, 0])
    assert told[:4] == ["4", "2.3", "-1.0", f"{off.std():.1f}"]
    assert told[5] == f"{np.cov([40, 50, 70], [42, 45, 70])[0, 1] / np.var([40, 50, 70], ddof=1):.2f}"
    assert told[6] == "75.0 %"
    assert age_and_gender.errors(PEOPLE[2:3], np.array([9.0]), np.array([0.1])) == [
        "1",
        *["–"] * 5,
        "100.0 %",
    ]


def test_shifts_are_counted_from_what_was_said_before() -> None:
    before = np.array([30.0, 40, 50]), np.array([0.4, 0.9, 0.1])
    after = np.array([31.0, 38, 50]), np.array([0.6, 0.9, 0.1])
    assert age_and_gender.shifts(*after, before) == ["-0.33", "1.00", "1.9", "+0.067", "0.067", "1 of 3"]


def test_people_are_sorted_by_what_the_tables_show() -> None:
    assert {"all", "men", "pd, men", "aged 30 to 44"} <= set(PEOPLE[0].groups)
    assert {"london, smiling", "london, black", "women"} <= set(PEOPLE[2].groups)
    assert not any(name.startswith("aged") for name in PEOPLE[2].groups)
    assert "aged 60 and more" in PEOPLE[3].groups


def test_a_photo_that_stands_twice_counts_once(tmp_path: Path) -> None:
    lines = ["file,age,gender,ethnicity", "pd/a.jpg,56,male,x", "pd/a.jpg,58,male,x"]
    lines += ["london/1_neutral.jpg,NA,female,y", "cc0/c.jpg,30,female,"]
    (tmp_path / "MANIFEST.csv").write_text("\n".join(lines), "utf-8")
    first, second = age_and_gender.sitters(tmp_path)
    assert (first.name, first.age, first.male) == ("pd/a.jpg", 56, True)
    assert second.name == "london/1_neutral.jpg"
    assert np.isnan(second.age)
