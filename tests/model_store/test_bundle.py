"""A bundle carries models to a machine without a network; one that was tampered with carries nothing."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from softlight_models.bundle import export
from softlight_models.entry import CatalogueEntry
from softlight_models.errors import ModelStoreError, NotAccepted, NotConfirmed
from softlight_models.library import Library
from tests.full_disks import mounted
from tests.model_store.models_in_hand import files, library, network
from tests.model_store.taking import CATALOGUE, GFPGAN, LAMA, MIGAN, Stop, everything, refused, take


@pytest.fixture
def full(tmp_path: Path) -> Library:
    """A library with all models of the catalogue, one of them linked."""
    shelf = library(tmp_path / "here")
    place = tmp_path / "downloads"
    place.mkdir()
    for name, content in (("a", LAMA), ("b", MIGAN), ("c", GFPGAN)):
        (place / name).write_bytes(content)
    take(shelf, place / "a")
    take(shelf, place / "b", link=True)
    take(shelf, place / "c", confirmed=True)
    return shelf


@pytest.fixture
def there(tmp_path: Path) -> Library:
    """The library of another machine."""
    return library(tmp_path / "there")


def test_models_come_over_whole_linked_ones_too(full: Library, there: Library, tmp_path: Path) -> None:
    target = tmp_path / "models for Zoë.zip"
    shares: list[float] = []
    export(full, CATALOGUE, target, lambda done, total, text: shares.append(done / total))
    assert shares == sorted(shares) and shares[-1] == 1
    assert zipfile.ZipFile(target).testzip() is None
    done = take(there, target, confirmed=True)
    assert [each.model for each in done] == ["lama", "migan", "gfpgan"]
    assert all(each.installed for each in done)
    for known, content in zip(CATALOGUE, (LAMA, MIGAN, GFPGAN)):
        model = there.get(known)
        assert model is not None
        model.require_verified()
        assert model.paths["model"].read_bytes() == content
    export(there, CATALOGUE, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == target.read_bytes()


def test_a_bundle_tells_people_what_it_is_and_whose_terms_it_carries(full: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE[:1], tmp_path / "x.zip")
    text = zipfile.ZipFile(tmp_path / "x.zip").read("README.txt").decode()
    assert "softlight models import" in text and "Lama (Nobody, 2024): Apache-2.0" in text


def test_one_model_of_a_bundle_can_be_taken(full: Library, there: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE, tmp_path / "x.zip")
    assert [each.model for each in take(there, tmp_path / "x.zip", model="migan")] == ["migan"]
    assert set(everything(there)) == {"migan/migan.onnx", "migan/installed.json"}


def test_terms_are_accepted_anew_on_the_other_machine(full: Library, there: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE[:2], tmp_path / "x.zip")

    def accept(entries: Sequence[CatalogueEntry]) -> None:
        raise NotAccepted("No; accept.", tuple(each.id for each in entries))

    with pytest.raises(NotAccepted) as caught:
        take(there, tmp_path / "x.zip", accept=accept)
    assert caught.value.models == ("lama", "migan")
    assert everything(there) == {}


def test_an_unknown_checksum_is_confirmed_anew(full: Library, there: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE, tmp_path / "x.zip")
    with pytest.raises(NotConfirmed) as caught:
        take(there, tmp_path / "x.zip")
    assert caught.value.models == ("gfpgan",) and everything(there) == {}


def test_what_is_forbidden_here_is_left_out(full: Library, there: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE[:2], tmp_path / "x.zip")

    def why_not(entry: CatalogueEntry) -> str:
        return "Lama is forbidden; ask." if entry.id == "lama" else ""

    done = take(there, tmp_path / "x.zip", why_not=why_not)
    assert [(each.model, each.installed) for each in done] == [("migan", True), ("lama", False)]
    assert done[1].sentence == "Lama is forbidden; ask."
    assert refused(there, tmp_path / "x.zip", model="lama", why_not=why_not) == "Lama is forbidden; ask."


def test_a_bundle_is_not_linked(full: Library, there: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE[:1], tmp_path / "x.zip")
    assert "cannot be linked" in refused(there, tmp_path / "x.zip", link=True)


def test_a_damaged_or_missing_model_is_not_exported(full: Library, tmp_path: Path) -> None:
    target = tmp_path / "x.zip"
    target.write_bytes(b"an older bundle")
    path = full.folder("lama") / "lama_fp32.onnx"
    path.write_bytes(LAMA[:-1] + b"x")
    with pytest.raises(ModelStoreError, match="was changed after it was installed"):
        export(full, CATALOGUE, target)
    path.unlink()
    with pytest.raises(ModelStoreError, match="cannot be read"):
        export(full, CATALOGUE, target)
    full.remove(CATALOGUE[0])
    with pytest.raises(ModelStoreError, match="Lama is not installed; download or import it"):
        export(full, CATALOGUE, target)
    with pytest.raises(ModelStoreError, match="nothing to export"):
        export(full, (), target)
    assert target.read_bytes() == b"an older bundle"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["x.zip"]


def test_a_cancelled_export_leaves_the_old_file(full: Library, tmp_path: Path) -> None:
    target = tmp_path / "x.zip"
    target.write_bytes(b"an older bundle")

    def progress(done: int, total: int, text: str) -> None:
        raise Stop

    with pytest.raises(Stop):
        export(full, CATALOGUE, target, progress)
    assert target.read_bytes() == b"an older bundle"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["x.zip"]


def test_a_place_that_takes_no_bundle_is_told(full: Library, tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "missing" / "x.zip"):
        with pytest.raises(ModelStoreError, match="cannot be written") as caught:
            export(full, CATALOGUE, target)
        assert str(caught.value).endswith("choose another place.")
    with mounted(tmp_path / "disk") as disk:
        (disk / "other").write_bytes(bytes(64 << 10))
        with pytest.raises(ModelStoreError, match="cannot be written"):
            export(full, CATALOGUE, disk / "x.zip")
        assert [path.name for path in disk.iterdir()] == ["other"]


def test_a_bundle_cut_anywhere_is_refused(full: Library, there: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE[:1], tmp_path / "x.zip")
    content = (tmp_path / "x.zip").read_bytes()
    for share in (0.01, 0.3, 0.6, 0.95, 0.999):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(content[: int(len(content) * share)])
        refused(there, cut)


def test_a_flipped_bit_anywhere_installs_nothing_wrong(full: Library, there: Library, tmp_path: Path) -> None:
    export(full, CATALOGUE[:1], tmp_path / "x.zip")
    content = (tmp_path / "x.zip").read_bytes()
    refusals = 0
    for at in range(0, len(content), 7):
        flipped = tmp_path / "flipped.zip"
        flipped.write_bytes(content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :])
        try:
            take(there, flipped)
        except ModelStoreError as error:
            assert str(error).endswith(".")
            refusals += 1
        model = there.get(CATALOGUE[0])
        if model is not None:
            model.require_verified()
            assert model.paths["model"].read_bytes() == LAMA
            there.remove(CATALOGUE[0])
    assert refusals > len(content) // 7 // 2


# --- bundles that somebody made by hand ---


def manifest(models: dict[str, dict[str, bytes]], **changed: Any) -> str:
    listed = [
        {
            "id": model,
            "files": [
                {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **changed}
                for name, content in contents.items()
            ],
        }
        for model, contents in models.items()
    ]
    return json.dumps({"softlight_bundle": 1, "models": listed})


def forged(
    path: Path,
    listed: str | None = None,
    members: dict[str, bytes] | None = None,
    *,
    mode: int = 0,
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    listed = manifest({"lama": {"lama_fp32.onnx": LAMA}}) if listed is None else listed
    members = {"lama/lama_fp32.onnx": LAMA} if members is None else members
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bundle.json", listed)
        for name, content in members.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.external_attr = mode << 16
            info.compress_type = compression
            archive.writestr(info, content)
    return path


def test_what_is_forged_below_is_sound_before_it_is_harmed(there: Library, tmp_path: Path) -> None:
    assert take(there, forged(tmp_path / "x.zip"))[0].installed


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "C:\\evil", "..\\..\\evil", "lama/../../x"])
def test_zip_slip_is_refused(there: Library, tmp_path: Path, name: str) -> None:
    before = files(tmp_path)
    path = forged(tmp_path / "x.zip", members={"lama/lama_fp32.onnx": LAMA, name: b"evil"})
    assert "leads out of its folder" in refused(there, path)
    listed = manifest({"lama": {"lama_fp32.onnx": LAMA}, "..": {"..": b"evil"}})
    refused(there, forged(path, listed, {"lama/lama_fp32.onnx": LAMA, "../..": b"evil"}))
    path.unlink()
    assert files(tmp_path) == before


def test_a_symbolic_link_is_refused(there: Library, tmp_path: Path) -> None:
    path = forged(tmp_path / "x.zip", mode=stat.S_IFLNK | 0o777)
    assert "a link or a device" in refused(there, path)


def test_a_bomb_is_refused(there: Library, tmp_path: Path) -> None:
    members = {"lama/lama_fp32.onnx": LAMA + bytes(64 << 20)}
    path = forged(tmp_path / "x.zip", members=members, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    assert "holds 'lama/lama_fp32.onnx' compressed" in refused(there, path)
    path = forged(path, json.dumps({"softlight_bundle": 1, "models": []}) + " " * (2 << 20))
    assert "too large" in refused(there, path)


def test_what_is_not_listed_is_refused(there: Library, tmp_path: Path) -> None:
    path = forged(tmp_path / "x.zip", members={"lama/lama_fp32.onnx": LAMA, "lama/extra": b"x"})
    assert "holds 'lama/extra', which it does not list" in refused(there, path)


@pytest.mark.parametrize("members", [{}, {"lama/lama_fp32.onnx": LAMA[:-1]}])
def test_a_listed_file_must_be_there_whole(there: Library, tmp_path: Path, members: dict[str, bytes]) -> None:
    assert "is not whole" in refused(there, forged(tmp_path / "x.zip", members=members))


def test_another_content_than_the_catalogues_is_refused(there: Library, tmp_path: Path) -> None:
    other = network("lama-512", note="other")
    path = forged(
        tmp_path / "x.zip",
        manifest({"lama": {"lama_fp32.onnx": other}}),
        {"lama/lama_fp32.onnx": other},
    )
    assert "another version of Lama" in refused(there, path)
    # The right checksum in the list does not help a wrong file.
    wrong = LAMA[:-1] + b"x"
    assert "does not hold what it should" in refused(
        there, forged(path, members={"lama/lama_fp32.onnx": wrong})
    )


@pytest.mark.parametrize(
    "listed",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"softlight_bundle": true, "models": [{}]}',
        '{"softlight_bundle": 1, "models": [{"id": 5, "files": []}]}',
        '{"softlight_bundle": 1, "models": [{"id": "lama", "files": [{"name": "a\\nb"}]}]}',
        manifest({"lama": {"lama_fp32.onnx": LAMA}}, size=-1),
        manifest({"lama": {"lama_fp32.onnx": LAMA}}, sha256=None),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(there: Library, tmp_path: Path, listed: str) -> None:
    assert "is damaged (" in refused(there, forged(tmp_path / "x.zip", listed))


def test_a_bundle_of_a_newer_softlight_asks_for_an_update(there: Library, tmp_path: Path) -> None:
    path = forged(tmp_path / "x.zip", '{"softlight_bundle": 2}')
    assert "made by a newer Softlight" in refused(there, path)
    path = forged(path, manifest({"new": {"new.onnx": LAMA}}), {"new/new.onnx": LAMA})
    assert "holds new, which this catalogue does not know; update Softlight" in refused(there, path)


def test_a_malicious_network_of_an_unknown_checksum_is_refused(there: Library, tmp_path: Path) -> None:
    import onnx

    made = onnx.load_model_from_string(GFPGAN)
    made.graph.initializer.add(name="w", data_type=1, dims=[1 << 20, 1 << 20])
    evil = made.SerializeToString()
    path = forged(
        tmp_path / "x.zip", manifest({"gfpgan": {"gfpgan.onnx": evil}}), {"gfpgan/gfpgan.onnx": evil}
    )
    assert "declares a tensor of" in refused(there, path, confirmed=True)
