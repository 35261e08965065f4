"""What the manual quotes as Softlight's own words is what the code says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("core/softlight", "model_store/softlight_models", "plugins")
PAGE = ROOT / "docs" / "troubleshooting.md"


def literals() -> str:
    """All strings of the code, one a line, with dots where a value is put in."""
    found = []
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
                    found.append("".join(map(str, parts)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    return "\n".join(found)


@pytest.fixture(scope="module")
def code() -> str:
    return literals()


def quoted() -> list[str]:
    return re.findall(r"^> (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_the_page_quotes_something() -> None:
    assert len(quoted()) > 20


@pytest.mark.parametrize("sentence", quoted())
def test_a_quoted_sentence_is_in_the_code(code: str, sentence: str) -> None:
    parts = [re.escape(part.strip(" ")) for part in sentence.split("…") if part.strip(" ")]
    assert re.search("[^\n]*".join(parts), code), "the code says something else"


def entries() -> set[str]:
    """What the manual calls entries of the menu Softlight."""
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))
    return set(re.findall(r"(?:Filters|Scripts) ▸ Softlight ▸\s([^*▸]+)\*", pages))


@pytest.mark.parametrize("entry", sorted(entries()))
def test_a_menu_entry_of_the_manual_is_one(code: str, entry: str) -> None:
    labels = {line.replace("_", "", 1).rstrip("….") for line in code.splitlines()}
    assert entry.rstrip("….") in labels


def test_the_keys_of_the_manual_are_kritas() -> None:
    page = (ROOT / "docs" / "first-krita.md").read_text("utf-8")
    actions = (ROOT / "plugins" / "krita" / "softlight_krita" / "softlight_krita.action").read_text("utf-8")
    told = re.findall(r"^\| (Ctrl\S+) \|", page, re.MULTILINE)
    assert len(told) == 8 and set(told) <= set(re.findall("<shortcut>(.+?)</shortcut>", actions))
