"""Models are checked, exported, removed and tidied up."""

from __future__ import annotations

import json
import signal
import sys
import zipfile
from pathlib import Path

import pytest

from tests.core.cli.models.home import BIG, FILL, MODEL, Home
from tests.model_shelf import Shelf, write_entry

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders and terminals as Linux has them")


def test_damage_is_found_told_and_repaired(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    home.done("download", "tiny", "--accept-licence")
    file = home.models / "tiny" / "tiny.onnx"
    file.write_bytes(FILL[:-1] + b"x")
    done = home.run("verify")
    assert done.returncode == MODEL
    assert (
        done.stdout.startswith("BAD tiny: The file ") and "was changed after it was installed" in done.stdout
    )
    answer = json.loads(home.run("verify", "tiny", "--json").stdout)
    assert (answer["good"], answer["models"][0]["good"]) == (False, False)
    assert file.exists()
    state = home.state("tiny")
    assert (state["state"], state["active"]) == ("damaged", False)
    home.done("download", "tiny")
    assert file.read_bytes() == FILL and home.run("verify").returncode == 0


def test_what_belongs_to_softlight_is_named_as_such(home: Home, tmp_path: Path) -> None:
    for arguments in (("download",), ("remove",), ("export", "-o", tmp_path / "x.zip")):
        assert "a part of Softlight" in home.refused(*arguments, "softlight-wrinkle-map")


def test_a_bundle_in_a_place_that_cannot_be_written(home: Home, server: Shelf, tmp_path: Path) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    home.done("download", "tiny", "--accept-licence")
    assert "cannot be written" in home.refused("export", "tiny", "-o", tmp_path / "missing" / "x.zip")
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("bundle.json", "{}")
        archive.writestr("../../evil", "x")
    assert "leads out of its folder" in home.refused("import", evil)


def test_nothing_is_removed_when_one_of_the_names_is_wrong(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    home.done("download", "tiny", "--accept-licence")
    assert 'There is no model "tyni"' in home.refused("remove", "tiny", "tyni")
    assert "a part of Softlight" in home.refused("remove", "tiny", "softlight-wrinkle-map")
    assert home.state("tiny")["installed"]


def test_prune_deletes_what_a_broken_off_download_left(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "big", server.put("big.onnx", BIG), BIG)
    server.hold = 1 << 20
    assert home.stopped(signal.SIGKILL, "download", "big", "--accept-licence").returncode == -signal.SIGKILL
    assert home.state("big")["state"] == "partial"
    deleted = home.told("prune")["deleted"]
    assert any(path.endswith("big.onnx.part") for path in deleted)
    assert home.done("prune") == "There was nothing to delete.\n"
    assert home.state("big")["state"] == "available"


def test_prune_names_what_it_does_not_know_and_deletes_it_if_told_to(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "big", server.put("big.onnx", BIG), BIG)
    home.done("download", "big", "--accept-licence")
    (home.entries / "big.toml").unlink()
    assert home.told("prune") | {"notes": []} == {
        "status": "done", "notes": [], "deleted": [], "unknown": ["big"]
    }  # fmt: skip
    assert [Path(path).name for path in home.told("prune", "--unknown")["deleted"]] == ["big.onnx"]
    assert home.told("prune")["unknown"] == []
