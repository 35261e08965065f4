"""Models are downloaded and imported, on the user's terms."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from tests.core.cli.models.home import BIG, FILL, MODEL, Home
from tests.model_shelf import Shelf, write_entry
from tests.model_store.models_in_hand import network

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders and terminals as Linux has them")


def test_terms_come_before_the_first_byte(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    done = home.run("download", "tiny")
    assert done.returncode == MODEL and done.stdout == ""
    assert "Tiny inpainting\n  Size      " in done.stderr and "Free for any use." in done.stderr
    assert done.stderr.endswith(
        "softlight: The terms of Tiny inpainting were not accepted; read them with 'softlight models show "
        "tiny', and add --accept-licence.\n"
    )
    assert server.ranges == [] and not home.models.exists()
    answer = json.loads(home.run("download", "tiny", "--json").stdout)
    assert (answer["status"], answer["question"], answer["exit_code"]) == ("failed", "licence", MODEL)
    assert [each["model"] for each in answer["terms"]] == ["tiny"]
    assert answer["terms"][0]["size"] == len(FILL)


def test_a_download_and_all_that_follows(home: Home, server: Shelf, tmp_path: Path) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    assert home.done("download", "tiny", "--accept-licence") == "Tiny inpainting is installed.\n"
    assert (home.models / "tiny" / "tiny.onnx").read_bytes() == FILL
    state = home.state("tiny")
    assert (state["installed"], state["active"], state["state"]) == (True, True, "installed")
    sent = server.sent
    assert home.done("download", "tiny") == "Tiny inpainting is installed.\n"  # accepted already
    assert server.sent == sent

    embedded = "softlight-skin-inpainting"
    assert home.done("choose", "skin-inpainting", embedded) == (
        "Skin inpainting uses Softlight skin inpainting from now on.\n"
    )
    assert home.state("tiny")["active"] is False
    assert home.told("choose", "skin-inpainting", "auto")["model"] == "tiny"

    assert home.done("verify") == "ok  tiny: Tiny inpainting is what was installed.\n"
    bundle = tmp_path / "tiny.zip"
    assert home.done("export", "tiny", "-o", bundle).startswith(f"{bundle} (")
    assert home.done("remove", "tiny") == "Tiny inpainting was removed.\n"
    assert home.done("remove", "tiny") == "Tiny inpainting was not installed.\n"
    assert home.state("tiny")["installed"] is False and not (home.models / "tiny").exists()

    other = Home(tmp_path / "offline")
    write_entry(other.entries, "tiny", None, FILL)
    assert "were not accepted" in other.refused("import", bundle)
    assert other.done("import", bundle, "--accept-licence").startswith("Tiny inpainting was installed from")
    assert (other.models / "tiny" / "tiny.onnx").read_bytes() == FILL


def test_a_folder_is_imported_and_a_file_linked(home: Home, tmp_path: Path) -> None:
    write_entry(home.entries, "tiny", None, FILL)
    place = tmp_path / "old tool"
    place.mkdir()
    file = place / "whatever.bin"
    file.write_bytes(FILL)
    answer = home.told("import", place, "--accept-licence")
    assert [(each["model"], each["installed"]) for each in answer["imported"]] == [("tiny", True)]
    home.done("remove", "tiny")
    assert "uses" in home.done("import", file, "--link")
    assert not (home.models / "tiny" / "tiny.onnx").exists() and home.state("tiny")["active"]
    assert "no model that the catalogue knows" in home.refused("import", __file__)
    assert "cannot be read" in home.refused("import", tmp_path / "missing")
    assert 'There is no model "x"' in home.refused("import", file, "--model", "x")


def test_an_unknown_checksum_needs_a_confirmation(home: Home, tmp_path: Path) -> None:
    write_entry(home.entries, "tiny", None, None)
    file = tmp_path / "mine.onnx"
    file.write_bytes(FILL)
    arguments = ("import", file, "--model", "tiny", "--accept-licence")
    assert home.refused(*arguments).endswith("; add --confirm if you trust where it comes from.")
    answer = json.loads(home.run(*arguments, "--json").stdout)
    assert (answer["question"], answer["models"]) == ("confirm", ["tiny"])
    assert "was installed" in home.done(*arguments, "--confirm")
    file.write_bytes(network("lama-512"))
    assert "does not fit its contract" in home.refused(*arguments, "--confirm")
    assert "cannot be downloaded safely" in home.refused("download", "tiny")


def test_what_is_not_commercial_is_off_until_it_is_allowed(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL, limit="non-commercial")
    assert "may not be used commercially" in home.refused("download", "tiny", "--accept-licence")
    assert server.ranges == []
    assert "non-commercial  on\n" in home.done("settings", "non-commercial", "on")
    home.done("download", "tiny", "--accept-licence")
    assert home.state("tiny")["active"]
    home.done("settings", "non-commercial", "off")
    assert not home.state("tiny")["active"]


def test_offline_forbids_every_connection(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    assert home.told("settings", "offline", "on")["settings"]["offline"] is True
    assert "offline" in home.refused("download", "tiny", "--accept-licence")
    assert server.ranges == []


def test_ctrl_c_keeps_what_was_downloaded_and_the_next_download_goes_on(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "big", server.put("big.onnx", BIG), BIG)
    server.hold = 1 << 20
    done = home.stopped(signal.SIGINT, "download", "big", "--accept-licence")
    assert done.returncode == 130
    assert json.loads(done.stdout)["error"] == (
        "Cancelled; what was downloaded so far is kept, and the next download goes on from there."
    )
    assert home.state("big")["state"] == "partial"
    server.hold, server.sent = None, 0
    assert home.done("download", "big") == "Tiny inpainting is installed.\n"
    assert (home.models / "big" / "big.onnx").read_bytes() == BIG
    assert server.sent < len(BIG)
