"""Every command that README and the manual tell is run, or, where that needs another machine, parsed.

A command that this file does not know fails: say in `ELSEWHERE` what keeps it from being run, or let it run.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from PIL import Image

import softlight
from softlight.batch.recipe import read_recipe
from softlight.cli import main
from softlight.cli.options import build_parser
from tests.manual.told_commands import PAGES, ROOT, Told, in_blocks, inline
from tools import command_reference

SAMPLES = Path(softlight.__file__).parent / "samples"
WIDTH, HEIGHT = 240, 300
"""Pixels of one person: small, so that all commands together take some 50 s."""
PEOPLE = (("hopper.jpg", (60, 70, 460, 570)), ("astronaut.png", (80, 10, 400, 410)))
"""Sample, and the box with a person's head and shoulders."""

ELSEWHERE = {
    "models download": "needs a network: tests/model_store downloads from servers of its own",
    "models choose": "needs a model that was downloaded: tests/model_store/library",
    "models remove": "needs a model that was downloaded: tests/model_store/library",
    "models export": "needs a model that was downloaded: tests/model_store/test_bundle.py",
    "models import": "needs files that were downloaded: tests/model_store/importing",
    "plugins install": "needs GIMP or Krita: tests/hosts/test_installing.py",
    "plugins status": "needs GIMP or Krita: tests/hosts/test_installing.py",
    "batch --scheduler": "needs a scheduler and workers: tests/core/batch",
    "edit --method": "needs networks that are not for sale: tests/core/filters/edit",
}
"""Commands of Softlight that are parsed only, and why; the words in this order, others between them."""
OTHER_PROGRAMS = {
    r"pip": "asks a package index",
    r"dask": "comes with the extra 'batch', and runs until it is stopped",
    r"python": "renews translations in the sources: tests/translation",
    r"tar": "takes a released archive apart: tests/installers",
    r"Get-FileHash": "PowerShell's own",
    r"softlight-[\d.]+-windows-\w+\.exe": "needs Windows: tests/hosts and tests/installers run it under wine",
    r".*uninstall\.exe": "needs Windows: tests/hosts and tests/installers run it under wine",
}
"""What other programs' commands are there, and why they are not run."""
INSTALLERS = ROOT / "installers"


def told() -> list[Told]:
    """All commands of blocks; what several pages tell alike, once."""
    every = [one for page in PAGES for one in in_blocks(page)]
    return list({tuple([program(one), *one.words[1:]]): one for one in reversed(every)}.values())[::-1]


def program(one: Told) -> str:
    """The program's name; README calls it in its environment."""
    return Path(one.words[0]).name


def kept_from_running(words: Sequence[str]) -> str | None:
    """Return why a command of Softlight is not run here, if it is not."""
    line = " ".join(words)
    for key, reason in ELSEWHERE.items():
        if re.search(r"\b.*\s".join(map(re.escape, key.split())), line):
            return reason
    return None


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with all the pictures that the manual speaks of, and a home in which nothing is."""
    folder = tmp_path_factory.mktemp("ein Ort ü")
    people = []
    for name, box in PEOPLE:
        with Image.open(SAMPLES / name) as photo:
            people.append(np.asarray(photo.convert("RGB").crop(box).resize((WIDTH, HEIGHT))))
    photo = Image.fromarray(np.concatenate([people[0], people[1], people[0][:, ::-1]], axis=1))
    brush = np.zeros((photo.height, photo.width), np.uint8)
    brush[HEIGHT // 3 :, WIDTH // 5 : 4 * WIDTH // 5] = 255  # a face and what is worn below it
    photo.save(folder / "photo.tif")
    photo.save(folder / "photo.jpg", quality=95)
    Image.fromarray(brush).save(folder / "brush.png")
    (folder / "wedding").mkdir()
    photo.crop((0, 0, 2 * WIDTH, HEIGHT)).save(folder / "wedding" / "bride.tif")
    photo.crop((0, 0, WIDTH, HEIGHT)).save(folder / "wedding" / "table 1.png")
    # The manual's own recipe.
    manual = (ROOT / "docs" / "batch.md").read_text("utf-8")
    recipe = re.search(r"```toml\n(.*?)```", manual, re.DOTALL)
    assert recipe is not None
    (folder / "recipe.toml").write_text(recipe[1], "utf-8")
    homes = {name: str(folder / "home" / name) for name in ("HOME", "LOCALAPPDATA", "APPDATA")}
    homes |= {
        f"XDG_{name}_HOME": str(folder / "home" / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")
    }
    before = Path.cwd()
    os.chdir(folder)
    with mock.patch.dict(os.environ, homes):
        yield folder
    os.chdir(before)


@pytest.mark.parametrize("one", told(), ids=str)
def test_a_block_of_commands(one: Told, ground: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, words = program(one), one.words[1:]
    if name == "softlight":
        run(words, ground, capsys)
    elif name == "unshare":
        without_a_network(one, ground)
    elif name == "sh":
        of_an_installer(words)
    elif name == "python3":
        assert words[:1] == ["dev.py"]
        usage = runpy.run_path(str(ROOT / "dev.py"))["USAGE"]
        assert f"dev.py {words[1]}" in usage, "tests/test_dev.py runs them"
    else:
        assert any(re.fullmatch(known, name) for known in OTHER_PROGRAMS), f"the test does not know {name!r}"


def run(words: Sequence[str], ground: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command of Softlight, or see that it is one."""
    options = build_parser().parse_args(words)
    if kept_from_running(words):
        return
    status = main(words)
    said = capsys.readouterr()
    assert status == 0, said.err
    for given in ("out", "view", "overlay", "report"):
        target = vars(options).get(given)
        if target is not None:
            assert target.exists(), f"{target} was not made"


def of_an_installer(words: Sequence[str]) -> None:
    """The script and its options exist; tests/installers runs it."""
    script = re.search(r"installers?/(linux|macos)/install\.sh$", words[0])
    assert script is not None, f"the test does not know {words[0]!r}"
    assert (INSTALLERS / script[1] / "install.sh").is_file()
    text = "".join(path.read_text("utf-8") for path in INSTALLERS.rglob("*.sh"))
    for option in words[1:]:
        assert not option.startswith("--") or f"{option})" in text, f"{script[0]} has no {option}"


def without_a_network(one: Told, ground: Path) -> None:
    """The manual's proof that nothing is sent: a machine of its own without any network."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        pytest.skip("there is no unshare here")
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody make a network of their own")
    at = one.words.index("softlight")
    words = [*one.words[:at], sys.executable, "-m", "softlight", *one.words[at + 1 :]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("one", [one for page in PAGES for one in inline(page)], ids=str)
def test_a_command_within_a_sentence(one: Told, capsys: pytest.CaptureFixture[str]) -> None:
    words = one.words[1:]
    if not words or re.search(r"[A-Z]{4}|[…|]", " ".join(words)):
        return  # names a place for something, as in the page of all commands
    try:
        build_parser().parse_args(words)
    except SystemExit as done:  # --help and --version
        assert done.code == 0
    except softlight.errors.SoftlightError as error:
        assert "required" in str(error), f"{one}: {error}"


def test_each_command_of_softlight_is_told_somewhere() -> None:
    used = {tuple(one.words[1:2]) for one in told() if program(one) == "softlight"}
    known = {(name,) for name, _ in command_reference.commands(build_parser())}
    assert known - used == set(), "a command that no page shows"


def test_what_is_not_run_is_told() -> None:
    """No entry of the table outlives its command."""
    lines = [one.words[1:] for one in told() if program(one) == "softlight"]
    reasons = {kept_from_running(words) for words in lines}
    assert set(ELSEWHERE.values()) <= reasons


def test_the_page_of_all_commands_is_up_to_date() -> None:
    # In a process of its own, whose language is the manual's.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LANGUAGE": "en", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "tools.command_reference"]
    page = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout
    told = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    assert told == page.decode("utf-8"), "run: python -m tools.command_reference > docs/command-line.md"


def test_the_recipe_of_the_manual_is_one(ground: Path) -> None:
    assert len(read_recipe(ground / "recipe.toml").steps) == 2
