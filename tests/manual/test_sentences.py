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
