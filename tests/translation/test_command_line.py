"""The command line in other languages: on consoles that lack their signs, and in tables of wide signs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from softlight.cli.columns import cut, padded, width


def run(*arguments: str, language: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LANGUAGE": language, "LC_ALL": "C.UTF-8", **variables}
    command = [sys.executable, "-m", "softlight", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=False)


COMMANDS = [("--help",), ("models", "list"), ("dewrinkle", "--help"), ("dewrinkle", "no.png"), ("nonsense",)]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_japanese_where_its_signs_are_known(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, language="ja")
    said = (done.stdout + done.stderr).decode("utf-8")
    assert any("\u3040" <= sign <= "\u30ff" for sign in said), "there are kana in every sentence"
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("page", ["cp1252", "cp437", "ascii"])
def test_on_a_console_without_its_signs_english_is_said(page: str, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, language="ja", PYTHONIOENCODING=page)
    assert done.stdout + done.stderr == b"".join(english(arguments))
    assert done.returncode == run(*arguments, language="C").returncode


def english(arguments: tuple[str, ...]) -> tuple[bytes, bytes]:
    done = run(*arguments, language="C")
    return done.stdout, done.stderr


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_languages_of_europe_are_spelt_in_its_code_page(language: str) -> None:
    done = run("dewrinkle", "--help", language=language, PYTHONIOENCODING="cp1252")
    said = done.stdout.decode("cp1252")
    assert any(ord(sign) > 127 for sign in said) and "show this help" not in said
    # What is not in it, such as an ellipsis in cp850, must not end the program.
    other = run("dewrinkle", "--help", language=language, PYTHONIOENCODING="cp850")
    assert other.returncode == 0 and not other.stderr


def test_machines_read_english() -> None:
    done = run("dewrinkle", "no.png", "--json", language="de")
    assert json.loads(done.stdout)["error"] == "The result needs a name; give one with -o or --view."
    assert done.stdout == run("dewrinkle", "no.png", "--json", language="C").stdout


def test_a_person_reads_their_language() -> None:
    said = run("dewrinkle", "no.png", language="de").stderr.decode()
    assert said.startswith("softlight: ") and said != run("dewrinkle", "no.png", language="C").stderr.decode()


@pytest.mark.parametrize("language", ["ja", "zh_CN", "de"])
def test_the_columns_of_the_models_are_straight(language: str, tmp_path: Path) -> None:
    done = run("models", "list", language=language, SOFTLIGHT_MODELS=str(tmp_path))
    rows = [line for line in done.stdout.decode().splitlines() if "Apache-2.0" in line or "MIT" in line]
    assert len(rows) > 4
    begins = {width(row[: row.index("Apache-2.0" if "Apache-2.0" in row else "MIT")]) for row in rows}
    assert len(begins) == 1, rows


def test_columns() -> None:
    accented = "e\u0301"
    assert (width("表示 ab"), width(accented), width("ﾊ")) == (7, 1, 1)
    assert padded("表示", 6) == "表示  " and padded("abcdef", 3) == "abcdef"
    assert cut("表示ab", 3) == "表" and cut("表示ab", 9) == "表示ab" and cut("abc", 0) == ""
