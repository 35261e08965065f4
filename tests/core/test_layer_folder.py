"""Folders of layers (.layers): all that a stack holds comes back, read with the standard library alone."""

import array
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softlight.errors import PictureError
from softlight.files import check_target, write_stack
from softlight.files.atomic import appearing
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from tests.full_disks import mounted, refused

NOISE = np.random.default_rng(5)
PHOTO = Picture(NOISE.integers(0, 256, (60, 80, 3), np.uint8))
TYPE_CODES = {"u8": "B", "u16": "H", "f16": "e", "f32": "f"}


def values(path: Path, depth: str) -> tuple[float, ...]:
    data = path.read_bytes()
    code = TYPE_CODES[depth]
    return struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)


def stored(dtype: type, channels: int, height: int = 7, width: int = 5) -> LayerStack:
    top = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1.5
    pixels = (NOISE.uniform(0, 1, (height, width, channels)) * top).astype(dtype)
    mask = (NOISE.uniform(0, 1, (height, width)) * top).astype(dtype)
    layers = (
        Layer("Weiche Züge ✓", pixels, mask, BlendMode.SOFT_LIGHT, 0.25, (-3, 70)),
        # A view with strides of its own, as filters cut them out of larger arrays.
        Layer("above", pixels[::-1, ::-1], mask[::-1, ::-1]),
    )
    return LayerStack("De-wrinkle", layers, {"strength": 0.25, "face_size": None}, ("A sentence.",))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_round_trip(tmp_path: Path, dtype: type, channels: int) -> None:
    stack = stored(dtype, channels)
    folder = tmp_path / "Zoë's layers ü.layers"
    assert write_stack(folder, PHOTO, stack) == ()
    contents: dict[str, Any] = json.loads((folder / "stack.json").read_text("utf-8"))
    assert {key: contents[key] for key in ("format", "version", "size", "group", "settings", "notes")} == {
        "format": "softlight-layers",
        "version": 1,
        "size": [80, 60],
        "group": "De-wrinkle",
        "settings": {"strength": 0.25, "face_size": None},
        "notes": ["A sentence."],
    }
    assert [entry["name"] for entry in contents["layers"]] == ["Weiche Züge ✓", "above"]
    assert [entry["blend"] for entry in contents["layers"]] == ["soft-light", "normal"]
    assert [entry["opacity"] for entry in contents["layers"]] == [0.25, 1.0]
    assert [entry["offset"] for entry in contents["layers"]] == [[-3, 70], [0, 0]]
    for entry, layer in zip(contents["layers"], stack.layers, strict=True):
        assert entry["size"] == [5, 7]
        assert entry["pixels"]["channels"] == {1: "Y", 3: "RGB"}[channels]
        assert entry["mask"]["channels"] == "Y"
        for part, expected in (("pixels", layer.pixels), ("mask", layer.mask)):
            found = values(folder / entry[part]["file"], entry[part]["depth"])
            assert found == tuple(expected.ravel().tolist())
    named = {entry[part]["file"] for entry in contents["layers"] for part in ("pixels", "mask")}
    assert {path.name for path in folder.iterdir()} == named | {"stack.json"}


def test_nothing_changed_is_a_folder_without_layers(tmp_path: Path) -> None:
    write_stack(tmp_path / "a.layers", PHOTO, LayerStack("De-wrinkle", ()))
    assert json.loads((tmp_path / "a.layers" / "stack.json").read_bytes())["layers"] == []
    assert [path.name for path in (tmp_path / "a.layers").iterdir()] == ["stack.json"]


def test_big_endian_pixels_are_written_little_endian(tmp_path: Path) -> None:
    pixels = np.arange(12, dtype=">u2").reshape(2, 2, 3)
    stack = LayerStack("", (Layer("a", pixels, pixels[..., 0]),))
    write_stack(tmp_path / "a.layers", PHOTO, stack)
    assert values(tmp_path / "a.layers" / "0-pixels.raw", "u16") == tuple(range(12))


def test_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with mounted(tmp_path / "small disk") as disk:
        target = disk / "a.layers"
        text = refused(target, lambda: write_stack(target, PHOTO, stored(np.float32, 3, 200, 300)))
        assert f"a.layers was not written because the disk of {disk} is full" in text


@pytest.mark.parametrize("old", ["a folder of layers", "an empty folder", "a file", "a broken link"])
def test_what_is_there_stays(tmp_path: Path, old: str) -> None:
    target = tmp_path / "a.layers"
    if old == "a folder of layers":
        write_stack(target, PHOTO, stored(np.uint8, 3))
    elif old == "an empty folder":
        target.mkdir()
    elif old == "a file":
        target.write_bytes(b"mine")
    else:
        target.symlink_to(tmp_path / "nowhere")
    before = sorted(path.name for path in target.iterdir()) if target.is_dir() else None
    for attempt in (
        lambda: check_target(target, PHOTO),
        lambda: write_stack(target, PHOTO, stored(np.uint8, 3)),
    ):
        with pytest.raises(PictureError) as caught:
            attempt()
        assert str(caught.value) == (
            f"{target} exists already; remove it, or choose another name for the layers."
        )
    assert [path.name for path in tmp_path.iterdir()] == ["a.layers"]
    if before is not None:
        assert sorted(path.name for path in target.iterdir()) == before


def test_what_comes_there_meanwhile_stays_too(tmp_path: Path) -> None:
    target = tmp_path / "a.layers"
    with pytest.raises(PictureError, match="exists already"), appearing(target) as folder:
        (folder / "new").touch()
        target.mkdir()
        (target / "mine").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["a.layers", "mine"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_whatever_stops_it_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), appearing(tmp_path / "a.layers") as folder:
        (folder / "half").write_bytes(array.array("f", [1.0]).tobytes())
        raise error
    assert list(tmp_path.iterdir()) == []


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="does not exist; create it first"):
        write_stack(tmp_path / "nowhere" / "a.layers", PHOTO, stored(np.uint8, 3))
