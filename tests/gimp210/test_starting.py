"""Where GIMP 2.10's plug-in finds the command line, and what it says of one that is of another version."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from softlight_bridge import places
from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError
from softlight_gimp210.refusals import Refusal
from tests.gimp210.imported import jobs, starting

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plug-in's, of a user who has nothing yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "für Zoë"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "softlight").mkdir()
    return tmp_path / "softlight"


def write(folder: Path, **record: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.json").write_text(json.dumps(record), "utf-8")


@pytest.mark.parametrize("chosen", [None, "", "here", "/somewhere"])
def test_the_users_settings_are_where_the_other_hosts_look(
    chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    if chosen is not None:
        monkeypatch.setenv("XDG_CONFIG_HOME", chosen)
    assert starting.settings_folder() == places.config_folder()


def test_the_plug_ins_own_record_counts_before_the_users(folder: Path) -> None:
    write(Path(places.config_folder()), engine=["a"], cli=["b"])
    write(folder, engine=["c"], cli=["d"])
    assert starting.read_command(str(folder)) == ["d"]
    write(folder, engine=None, cli=None)
    assert starting.read_command(str(folder)) == ["b"]


def test_no_engine_is_the_same_sentence_as_in_other_hosts(folder: Path) -> None:
    write(folder, engine=None, cli=None)
    with pytest.raises(Refusal) as refusal:
        starting.read_command(str(folder))
    with pytest.raises(BridgeError) as said:
        Engine.beside(str(folder), "GIMP 3.0.4")
    assert str(refusal.value) == str(said.value)
    write(Path(places.config_folder()), engine=None, cli=None)
    with pytest.raises(Refusal, match="is not installed for you"):
        starting.read_command(str(folder))


@pytest.mark.parametrize("record", [None, b"", b"[]", b"{}", b'{"cli": []}', b'{"cli": 3}', b"\xff"])
def test_a_damaged_record_is_named(folder: Path, record: bytes | None) -> None:
    if record is not None:
        (folder / "engine.json").write_bytes(record)
    with pytest.raises(Refusal, match=r"softlight/engine\.json' is missing or damaged\. Run 'softlight"):
        starting.read_command(str(folder))


UNKNOWN = "There is no such option; see --help."
OTHER = (
    "This plug-in is of Softlight 0.1.0, and the program that it calls of Softlight 0.2.0; update Softlight, "
    "run 'softlight plugins install' and restart GIMP."
)


@pytest.mark.parametrize(
    ("prints", "said"), [("softlight 0.2.0", OTHER), ("softlight 0.1.0", UNKNOWN), ("", UNKNOWN)]
)
def test_what_is_not_understood_may_come_from_another_version(folder: Path, prints: str, said: str) -> None:
    write(folder, engine=None, cli=None, version="0.1.0")
    program = folder / "command.py"
    program.write_text(
        "import json, sys\n"
        f"if '--version' in sys.argv: print({prints!r}); sys.exit()\n"
        f"print(json.dumps({{'error': {UNKNOWN!r}}}))\n"
        "sys.exit(2)\n"
    )
    command = [sys.executable, str(program)]
    with pytest.raises(jobs.Misunderstood) as refusal:
        jobs.run(command, "glow", {}, lambda path: Path(path).touch(), None, lambda done, text: None)
    assert str(starting.explained(refusal.value, command, str(folder))) == said
    assert not [name for name in os.listdir(folder) if name.startswith("softlight-")]
