"""The engine's settings file; a mistake in it never keeps a filter from running."""

from __future__ import annotations

from pathlib import Path

import pytest

from softlight.engine.settings import EngineSettings, read_settings


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "settings.toml") == (EngineSettings(10.0, "auto"), "")


def test_what_it_says_holds(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[engine]\nidle_minutes = 3\nprovider = "cpu"\n[another]\nx = 1\n')
    assert read_settings(path) == (EngineSettings(3.0, "cpu"), "")


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        ("[engine", EngineSettings(), "cannot be read"),
        ("engine = 7", EngineSettings(), "no table"),
        ("[engine]\nidle_minutes = -1", EngineSettings(), "idle_minutes takes 0 to 1440"),
        ("[engine]\nidle_minutes = nan", EngineSettings(), "idle_minutes takes"),
        ("[engine]\nidle_minutes = true", EngineSettings(), "idle_minutes takes"),
        ('[engine]\nidle_minutes = 2\nprovider = "gpu"', EngineSettings(2.0), "provider takes auto, cpu"),
        ("[engine]\nprovider = []", EngineSettings(), "provider takes"),
        ("\xff\xfe", EngineSettings(), "cannot be read"),
    ],
)
def test_what_it_says_wrongly_is_the_default_and_logged(
    tmp_path: Path, text: str, settings: EngineSettings, words: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode("latin-1"))
    read, complaint = read_settings(path)
    assert read == settings
    assert words in complaint and complaint.endswith(".") and "\n" not in complaint
