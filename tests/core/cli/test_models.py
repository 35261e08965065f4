"""``softlight models``, as a new user runs it: the real command line, a real server, a terminal."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.core.cli.conftest import command_line, environment
from tests.model_shelf import Shelf, shelf, write_entry
from tests.model_store.models_in_hand import network

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders and terminals as Linux has them")

FILL = network("skin-inpainting")
BIG = network("skin-inpainting", note="big") + b"\xa2\x06" + b"\x80\x80\x80\x01" + bytes(1 << 21)
"""With 2 MiB in a field that nobody knows."""
MODEL = 5


@dataclass
class Home:
    """A new user's folders, and the command line in them."""

    place: Path

    @property
    def models(self) -> Path:
        return self.place / "data" / "softlight" / "models"

    @property
    def entries(self) -> Path:
        return self.place / "config" / "softlight" / "models.d"

    def run(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command_line("models", *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            env={**environment(self.place), **variables},
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def done(self, *arguments: object) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, *arguments: object) -> dict[str, Any]:
        """What machines are told."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stdout
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["status"] == "done"
        return answer

    def refused(self, *arguments: object, status: int = MODEL) -> str:
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (status, ""), done
        sentence = done.stderr.splitlines()[-1]
        assert sentence.startswith("softlight: ") and sentence.endswith("."), sentence
        assert "; " in sentence
        return sentence.removeprefix("softlight: ")

    def state(self, model: str) -> dict[str, Any]:
        return next(each for each in self.told("list")["models"] if each["id"] == model)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home of Zoë")


@pytest.fixture
def server() -> Iterator[Shelf]:
    with shelf() as served:
        yield served


def test_the_list_shows_each_role_and_what_it_uses(home: Home) -> None:
    text = home.done("list")
    assert re.search(r"^Skin inpainting \(skin-inpainting\)$", text, re.MULTILINE)
    assert re.search(r"^\* softlight-wrinkle-map +\S+ MB +Apache-2.0 +in use$", text, re.MULTILINE)
    assert re.search(r"^  lama +208 MB +Apache-2.0 +not installed$", text, re.MULTILINE)
    assert re.search(r"^  codeformer +377 MB +S-Lab-1.0, not commercial +not allowed$", text, re.MULTILINE)
    assert str(home.models) in text and "settings non-commercial on" in text
    text.encode("cp437")
    assert not home.models.exists() and not home.entries.exists()


def test_advice_comes_with_a_role(home: Home) -> None:
    text = home.done("list", "--role", "face-restoration")
    assert "GFPGAN 1.4: " in text and "lama" not in text
    assert "There is no role" in home.refused("list", "--role", "nose")
    assert home.done("list", "--role", "age", "--installed").startswith("There is none.")


def test_show_tells_everything(home: Home) -> None:
    text = home.done("show", "gfpgan-1.4")
    for fact in (
        "TencentARC, 2022",
        "Apache-2.0: free for any use",
        "340256690 bytes",
        "https://",
        "6548e54c",
    ):
        assert fact in text
    assert home.told("show", "lama")["model"]["files"][0]["size"] == 208044816
    assert "on the package index of pip" in home.done("show", "centerface")
    write_entry(home.entries, "tiny", None, None)
    assert "not known, so it is never downloaded" in home.done("show", "tiny")
    assert "comes with" in home.done("show", "softlight-wrinkle-map").lower()
    assert 'There is no model "gfpgn"' in home.refused("show", "gfpgn")


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


def test_settings_are_checked(home: Home) -> None:
    for wrong in (("offline", "maybe"), ("offline",), ("colour", "on"), ("mirrors",), ("mirrors", "x")):
        home.refused("settings", *wrong, status=2)
    home.refused("settings", "mirrors", "http://evil.example/=https://b.example/")
    mirror = "https://a.example/=https://b.example/a/"
    assert f"mirrors         {mirror}\n" in home.done("settings", "mirrors", mirror)
    assert home.told("settings")["settings"]["mirrors"] == [["https://a.example/", "https://b.example/a/"]]
    assert "mirrors         none\n" in home.done("settings", "mirrors", "none")


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


def test_wrong_arguments_are_one_sentence(home: Home) -> None:
    for arguments in (
        (),
        ("dance",),
        ("download",),
        ("export", "lama"),
        ("choose", "age"),
        ("list", "--rol", "x"),
    ):
        done = home.run(*arguments)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        done = home.run(*arguments, "--json")
        answer = json.loads(done.stdout)
        assert (done.returncode, answer["status"], answer["exit_code"]) == (2, "failed", 2)
        assert "--help' shows what there is." in answer["error"]


def test_a_role_without_any_model_can_be_chosen_for_all_the_same(home: Home) -> None:
    assert home.done("choose", "age", "auto") == (
        "Age has no model yet; see 'softlight models list --role age'.\n"
    )
    answer = home.told("choose", "age", "auto")
    assert (answer["model"], answer["chosen"]) == (None, False)


@pytest.mark.parametrize("more", [(), ("--json",)])
@pytest.mark.parametrize(("action", "status"), [(("settings",), 1), (("show", "nix"), MODEL)])
def test_a_result_that_nobody_can_take(
    home: Home, action: tuple[str, ...], status: int, more: tuple[str, ...]
) -> None:
    def told(output: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$@" {output}', "sh", *command_line("models", *action, *more)],
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(home.place),
            check=False,
        )
        return done.returncode, done.stderr

    left, said = told("> /dev/full")
    assert left == status
    assert re.fullmatch(r"softlight: [^\n]+; [^\n]+\.\n", said) or said.count("\n") == 1, said
    if status == 1:
        assert "The result cannot be written (No space left on device); make room" in said
    left, said = told(">&-")
    assert left == (0 if status == 1 else status) and "Traceback" not in said
    left, said = told("| true")
    assert "Traceback" not in said and "Exception ignored" not in said


def test_nothing_is_removed_when_one_of_the_names_is_wrong(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    home.done("download", "tiny", "--accept-licence")
    assert 'There is no model "tyni"' in home.refused("remove", "tiny", "tyni")
    assert "a part of Softlight" in home.refused("remove", "tiny", "softlight-wrinkle-map")
    assert home.state("tiny")["installed"]


# --- Ctrl-C, and going on ---


def test_ctrl_c_keeps_what_was_downloaded_and_the_next_download_goes_on(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "big", server.put("big.onnx", BIG), BIG)
    server.hold = 1 << 20
    with subprocess.Popen(
        command_line("models", "download", "big", "--accept-licence", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(home.place),
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if json.loads(line)["progress"] > 0.3)
        process.send_signal(signal.SIGINT)
        answer, rest = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in rest
    assert json.loads(answer)["error"] == (
        "Cancelled; what was downloaded so far is kept, and the next download goes on from there."
    )
    assert home.state("big")["state"] == "partial"
    server.hold, server.sent = None, 0
    assert home.done("download", "big") == "Tiny inpainting is installed.\n"
    assert (home.models / "big" / "big.onnx").read_bytes() == BIG
    assert server.sent < len(BIG)


def test_prune_deletes_what_a_broken_off_download_left(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "big", server.put("big.onnx", BIG), BIG)
    server.hold = 1 << 20
    with subprocess.Popen(
        command_line("models", "download", "big", "--accept-licence", "--json"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(home.place),
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if json.loads(line)["progress"] > 0.3)
        process.kill()
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


# --- on a terminal ---


class Terminal:
    """The command line on a terminal of its own."""

    def __init__(self, home: Home, *arguments: object) -> None:
        import pty

        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command_line("models", *arguments),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(home.place),
            start_new_session=True,
        )
        os.close(theirs)
        self._ours = ours
        self.text = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._ours, 4096)
            except OSError:
                return
            if not part:
                return
            self.text += part.decode()

    def wait_for(self, text: str) -> None:
        until = time.monotonic() + 30
        while text not in self.text:
            assert time.monotonic() < until, self.text
            time.sleep(0.02)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        status = self.process.wait(30)
        time.sleep(0.1)
        os.close(self._ours)
        return status


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", MODEL), ("\n", MODEL), ("\x03", MODEL)])
def test_a_terminal_is_asked(home: Home, server: Shelf, answer: str, status: int) -> None:
    write_entry(home.entries, "tiny", server.put("tiny.onnx", FILL), FILL)
    terminal = Terminal(home, "download", "tiny")
    terminal.wait_for("Do you accept these terms of Tiny inpainting? [y/N] ")
    assert "CC0-1.0: free for any use" in terminal.text and server.ranges == []
    if answer == "\x03":
        terminal.process.send_signal(signal.SIGINT)
        status = 130
    else:
        terminal.type(answer)
    assert terminal.end() == status, terminal.text
    assert (home.models / "tiny" / "tiny.onnx").exists() is (status == 0)
    assert "Traceback" not in terminal.text
    if status == 0:
        assert "Tiny inpainting is installed." in terminal.text


def test_both_questions_of_an_import_are_asked(home: Home, tmp_path: Path) -> None:
    write_entry(home.entries, "tiny", None, None)
    file = tmp_path / "tiny.onnx"
    file.write_bytes(FILL)
    terminal = Terminal(home, "import", file)
    terminal.wait_for("Do you trust it? [y/N] ")
    terminal.type("y\n")
    terminal.wait_for("Do you accept these terms of Tiny inpainting? [y/N] ")
    terminal.type("yes\n")
    assert terminal.end() == 0, terminal.text
    assert home.state("tiny")["active"]


def test_progress_is_shown_on_a_terminal(home: Home, server: Shelf) -> None:
    write_entry(home.entries, "big", server.put("big.onnx", BIG), BIG)
    server.pace = 4e6
    terminal = Terminal(home, "download", "big", "--accept-licence")
    assert terminal.end() == 0
    assert re.search(r"\d+%  \S.*: \d\S* [kM]B of 2.1 MB", terminal.text), terminal.text


@pytest.mark.parametrize(
    "arguments", [["--help"], ["models", "--help"], ["models", "list"], ["models", "prune"]]
)
def test_neither_numpy_nor_onnxruntime_is_loaded(home: Home, arguments: list[str]) -> None:
    program = (
        "import contextlib, io, sys\nfrom softlight.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main({arguments!r})\n"
        "heavy = ('numpy', 'onnxruntime', 'cv2', 'PIL', 'requests', 'truststore')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment(home.place),
    )
    assert ast.literal_eval(done.stdout) == []
