"""A job from the plug-in's side: the private folder, the command line, what it says, and that all is gone."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from softlight.files import write_stack
from softlight.layers import Layer, LayerStack
from softlight.picture import Picture
from softlight_bridge import environment
from softlight_gimp210 import rasters
from softlight_gimp210.refusals import Refusal
from tests.gimp210.imported import jobs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and rights as POSIX has them")


class Ground(NamedTuple):
    temporary: Path
    """Where private folders are made, and nothing else."""
    folder: Path

    def script(self, text: str) -> list[str]:
        """Return the command of a Python script that stands for the command line."""
        path = self.folder / "command.py"
        path.write_text("import json, os, sys, time\n" + text, "utf-8")
        return [sys.executable, str(path)]


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    temporary = tmp_path / "tmp mit Zoë"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    return Ground(temporary, tmp_path)


def run(command: list[str], progress: Any = lambda done, text: None, **settings: Any) -> rasters.Stack:
    def write(path: str) -> None:
        Path(path).write_text("pixels")

    return jobs.run(command, "soft_glow", settings, write, write, progress)  # type: ignore[no-any-return]


def refused(ground: Ground, script: str) -> str:
    with pytest.raises(Refusal) as refusal:
        run(ground.script(script))
    assert list(ground.temporary.iterdir()) == []
    return str(refusal.value)


def test_a_job_returns_layers_and_leaves_nothing(ground: Ground) -> None:
    layer = Layer("a layer", np.full((2, 3, 3), 9, np.uint8), np.full((2, 3), 255, np.uint8))
    write_stack(
        ground.folder / "made.layers", Picture(np.zeros((4, 5, 3), np.uint8)), LayerStack("g", (layer,))
    )
    command = ground.script(
        f"import shutil; shutil.copytree({str(ground.folder / 'made.layers')!r}, sys.argv[6])\n"
        f"listed = [(name, oct(os.stat(name).st_mode)[-3:]) for name in sorted(os.listdir('.'))]\n"
        f"seen = {{'words': sys.argv[1:], 'here': os.getcwd(), 'rights': oct(os.stat('.').st_mode)[-3:],\n"
        f"        'files': [name for name, rights in listed]}}\n"
        f"json.dump(seen, open({str(ground.folder / 'seen.json')!r}, 'w'))\n"
    )
    stack = run(command, strength=0.25)
    seen = json.loads((ground.folder / "seen.json").read_text("utf-8"))
    assert [layer.name for layer in stack.layers] == ["a layer"]
    private = Path(seen["here"])
    assert private.parent == ground.temporary and private.name.startswith("softlight-")
    assert seen["rights"] == "700"
    names = [str(private / name) for name in ("photo.png", "mask.png", "result.layers")]
    assert seen["words"] == ["soft-glow", names[0], "--mask", names[1], "-o", names[2], "--json",
                             "--strength", "0.25"]  # fmt: skip
    assert set(seen["files"]) == {"answer", "mask.png", "photo.png", "result.layers"}
    assert list(ground.temporary.iterdir()) == []


def test_without_a_mask_none_is_handed_over(ground: Ground) -> None:
    command = ground.script("print(json.dumps({'error': '|'.join(sys.argv[1:])})); sys.exit(2)")
    with pytest.raises(Refusal) as refusal:
        jobs.run(command, "soft_glow", {}, lambda path: Path(path).touch(), None, lambda done, text: None)
    words = str(refusal.value).split("|")
    assert (words[0], words[2], words[4:]) == ("soft-glow", "-o", ["--json"])


def test_progress_arrives_while_the_command_works(ground: Ground) -> None:
    """Each step is answered before the next is said, or the test would wait for ever."""
    answer = ground.folder / "answer"
    command = ground.script(
        f"for step in (1, 2, 3):\n"
        f"    said = json.dumps({{'progress': step / 4, 'text': 'step %d' % step}})\n"
        f"    print(said, file=sys.stderr, flush=True)\n"
        f"    while not os.path.exists({str(answer)!r} + str(step)): time.sleep(0.01)\n"
        f"sys.exit(1)\n"
    )
    heard = []

    def progress(done: float, text: str) -> None:
        heard.append((done, text))
        Path(f"{answer}{len(heard)}").touch()

    with pytest.raises(Refusal):
        run(command, progress)
    assert heard == [(0.25, "step 1"), (0.5, "step 2"), (0.75, "step 3")]


def test_the_command_lines_own_sentence_is_said(ground: Ground) -> None:
    sentence = "The mask 'Zoë' is empty; paint over the place."
    assert refused(ground, f"print(json.dumps({{'error': {sentence!r}}})); sys.exit(3)") == sentence


def test_the_last_words_of_a_command_that_breaks(ground: Ground) -> None:
    said = refused(ground, "print('first\\nlast words', file=sys.stderr); sys.exit(1)")
    assert said == "Softlight did not work: last words"


def test_a_command_that_is_killed(ground: Ground) -> None:
    assert refused(ground, f"os.kill(os.getpid(), {int(signal.SIGKILL)})") == (
        "Softlight's computation was ended from outside (status -9); the picture is as it was, run it again."
    )


@pytest.mark.parametrize("script", ["", "os.mkdir(sys.argv[6])"])
def test_a_command_that_returns_nothing(ground: Ground, script: str) -> None:
    assert refused(ground, script) == (
        "Softlight's answer cannot be read; plug-in and program differ. "
        "Run 'softlight plugins install' again."
    )


def test_a_command_that_is_not_there(ground: Ground) -> None:
    with pytest.raises(Refusal) as refusal:
        run(["/nowhere/Zoë"])
    assert str(refusal.value) == (
        "Softlight cannot be started: '/nowhere/Zoë', No such file or directory. "
        "Run 'softlight plugins install' again."
    )
    assert list(ground.temporary.iterdir()) == []


def test_an_exception_in_the_middle_ends_the_command(ground: Ground) -> None:
    """As when the picture cannot be read on: nothing is left, neither files nor the process."""
    command = ground.script(
        f"open({str(ground.folder / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "print(json.dumps({'progress': 0.1, 'text': ''}), file=sys.stderr, flush=True)\n"
        "time.sleep(600)\n"
    )

    def stop(done: float, text: str) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        run(command, stop)
    assert list(ground.temporary.iterdir()) == []
    assert not alive(int((ground.folder / "pid").read_text()))


def test_a_disk_that_takes_no_files(ground: Ground) -> None:
    def write(path: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(
        Refusal, match=r"could not be handed over in '.*' \(No space left on device\); make room"
    ):
        jobs.run([], "a", {}, write, write, None)
    assert list(ground.temporary.iterdir()) == []


def test_no_place_for_temporary_files(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    # The keeper's tempfile would fall back on /tmp; a Python that has no writable folder at all says this.
    silent = ground.folder / "keeper.py"
    silent.write_text("")
    monkeypatch.setattr(jobs, "KEEPER", str(silent))
    with pytest.raises(
        Refusal, match="^There is no folder for temporary files that Softlight may write to; see to"
    ):
        run([])


KEPT = """\
import sys
sys.path[:0] = {path!r}
from tests.gimp210.imported import jobs
def write(path):
    open(path, 'w').close()
jobs.run({command!r}, 'a', {{}}, write, write, lambda done, text: None)
"""


@pytest.mark.parametrize(
    ("victim", "how"),
    [
        ("plug-in", signal.SIGTERM),
        ("plug-in", signal.SIGKILL),
        ("keeper", signal.SIGTERM),
        ("keeper", signal.SIGKILL),
    ],
)
def test_whoever_is_killed_nothing_is_left(ground: Ground, victim: str, how: signal.Signals) -> None:
    """Killing is how GIMP 2.10 cancels a plug-in; the keeper tidies up then, or else the plug-in."""
    pid, enough = ground.folder / "pid", ground.folder / "enough"
    command = ground.script(
        f"open({str(pid)!r} + '.part', 'w').write('%d %d' % (os.getpid(), os.getppid()))\n"
        f"os.rename({str(pid)!r} + '.part', {str(pid)!r})\n"
        f"while not os.path.exists({str(enough)!r}): time.sleep(0.02)\n"
    )
    plugin = subprocess.Popen(
        [sys.executable, "-c", KEPT.format(path=sys.path, command=command)], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(pid.exists, "the command to start")
        worker, keeper = map(int, pid.read_text().split())
        (private,) = ground.temporary.iterdir()
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        os.kill(plugin.pid if victim == "plug-in" else keeper, how)
        if (victim, how) == ("keeper", signal.SIGKILL):
            # Nobody is left to end the command; the plug-in waits for it to end by itself.
            enough.touch()
        plugin.wait(20)
        wait_until(lambda: not alive(keeper) and not alive(worker), "both processes to end")
        wait_until(lambda: list(ground.temporary.iterdir()) == [], "the files to go")
    finally:
        enough.touch()
        plugin.kill()
        plugin.wait()


def test_the_command_inherits_what_the_engine_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs.POSIX == environment._POSIX
    assert jobs.WINDOWS == environment._WINDOWS
    assert jobs.NETWORK == environment._NETWORK
    host = {"HOME": "/h", "LC_ALL": "C", "PYTHONPATH": "/gimp", "LD_LIBRARY_PATH": "/gimp", "PATH": "/gimp"}
    host |= {
        "https_proxy": "http://proxy:3128",
        "APPDIR": "/tmp/.mount",
        "SSL_CERT_FILE": "/tmp/.mount/ca.pem",
    }
    kept = jobs.clean_environment(host)
    assert kept == environment.clean_environment(host)
    assert "PYTHONPATH" not in kept and "SSL_CERT_FILE" not in kept
    assert kept["https_proxy"] == "http://proxy:3128"
    assert environment.clean_environment({"SSL_CERT_FILE": "/etc/ca.pem"})["SSL_CERT_FILE"] == "/etc/ca.pem"


def wait_until(done: Any, what: str) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.02)


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
