"""pip's settings are read as pip reads them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from softlight_models.pip_settings import PipSettings, configuration_files, default_index, pip_settings

URL = "index" + "-url"
"""In pieces, since no file here may name an index by accident."""


ROOT = Path(__file__).parents[2]


def written(path: Path, text: str) -> Path:
    path.write_text(text.replace("URL", URL), encoding="utf-8")
    return path


def test_without_settings_pip_s_own_index() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pip", "help", "download"], capture_output=True, text=True, check=False
    )
    if told.returncode != 0:
        pytest.skip("no pip in this environment")
    assert pip_settings({}, ()) == PipSettings((default_index(),), ())
    assert f"(default{default_index()})" in "".join(told.stdout.split())


def test_without_settings_and_without_pip() -> None:
    ask = "from softlight_models.pip_settings import *; print(repr((pip_settings({}, ()), default_index())))"
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'model_store')!r}); "
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", path + ask], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == repr((PipSettings((), ()), ""))


def test_pip_is_left_alone_where_an_index_is_set() -> None:
    ask = "pip_settings({'PIP_INDEX_URL': 'https://a.example'}, ()); print('pip' in sys.modules)"
    imports = "import sys; from softlight_models.pip_settings import pip_settings; "
    told = subprocess.run([sys.executable, "-c", imports + ask], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_later_files_and_then_the_environment_win(tmp_path: Path) -> None:
    system = written(tmp_path / "system", "[global]\nURL = https://a.example/simple\nfind-links = /one\n")
    user = written(
        tmp_path / "user", "[global]\nURL = https://b.example/simple\n[download]\nfind-links=/two /three\n"
    )
    files = (system, tmp_path / "missing", user)
    assert pip_settings({}, files) == PipSettings(("https://b.example/simple",), ("/two", "/three"))
    settings = pip_settings({"PIP_INDEX_URL": "https://c.example/simple", "PIP_FIND_LINKS": ""}, files)
    assert settings == PipSettings(("https://c.example/simple",), ("/two", "/three"))


def test_several_extra_indexes_on_lines_of_their_own(tmp_path: Path) -> None:
    text = "[global]\nextra_index_url =\n    https://a.example/simple\n    https://b.example/simple\n"
    path = tmp_path / "pip.conf"
    path.write_text(text)
    expected = (default_index(), "https://a.example/simple", "https://b.example/simple")
    assert pip_settings({}, (path,)).indexes == tuple(filter(None, expected))


@pytest.mark.parametrize("text", ["1", "true", "Yes", "on"])
def test_no_index(text: str, tmp_path: Path) -> None:
    assert pip_settings({"PIP_NO_INDEX": text, "PIP_INDEX_URL": "https://a.example"}, ()).indexes == ()
    assert pip_settings({}, (written(tmp_path / "x", f"[global]\nno-index = {text}\n"),)).indexes == ()
    assert pip_settings({"PIP_NO_INDEX": "0"}, ()).indexes == tuple(filter(None, [default_index()]))


@pytest.mark.parametrize("content", [b"no section = 1", b"\xff\xfe\x00", b"[global\n", b""])
def test_damaged_file_counts_as_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_bytes(content)
    assert pip_settings({}, (tmp_path / "pip.conf",)) == pip_settings({}, ())


def test_percent_signs_are_no_variables(tmp_path: Path) -> None:
    path = written(tmp_path / "x", "[global]\nURL = https://me:p%40ss@a.example/simple\n")
    assert pip_settings({}, (path,)).indexes == ("https://me:p%40ss@a.example/simple",)


def test_environment_can_switch_files_off() -> None:
    assert configuration_files({"PIP_CONFIG_FILE": os.devnull}) == ()


def test_the_same_files_as_pip_itself() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "debug"], capture_output=True, text=True, check=False
    )
    if told.returncode != 0:
        pytest.skip("no pip in this environment")
    asked = [
        line.strip().removesuffix(", exists: True").removesuffix(", exists: False")
        for line in told.stdout.splitlines()
        if ", exists: " in line
    ]
    ours = [str(path) for path in configuration_files(os.environ)]
    assert sorted(set(asked)) == sorted(set(ours))
