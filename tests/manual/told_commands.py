"""The commands that README and the manual tell people to type."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
DATA = ("[", "{", "```{")
"""What a block begins with that is no command: a table of TOML."""
_FENCE = re.compile(r"^(\s*)```(\S*)")
_INDENTED = re.compile(r"^ {4,}\S")
_INLINE = re.compile(r"`(softlight [^`]+)`")


@dataclass(frozen=True)
class Told:
    """One command, where a reader finds it."""

    page: str
    line: int
    text: str

    @property
    def words(self) -> list[str]:
        """As a shell takes it apart, without comments."""
        return shlex.split(self.text, comments=True)

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {' '.join(self.words)}"


def in_blocks(path: Path) -> Iterator[Told]:
    """Yield the commands of a page's blocks: indented ones, and fenced ones that name no language."""
    for first, block in _blocks(path.read_text("utf-8").splitlines()):
        if block[0].lstrip().startswith(DATA):
            continue
        begun, at = "", first
        for number, line in enumerate(block, first):
            at = at if begun else number
            begun += line.strip()
            if begun.endswith("\\"):
                begun = begun[:-1]
            elif begun:
                if not begun.startswith("#"):
                    yield Told(path.name, at, begun)
                begun = ""


def inline(path: Path) -> Iterator[Told]:
    """Yield the commands of Softlight that stand within a page's sentences."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        for match in _INLINE.finditer(line):
            yield Told(path.name, number, match[1])


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the first line and the lines of each block that may hold commands."""
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence:
            end = next(at for at in range(number + 1, len(lines)) if lines[at].strip() == "```")
            if not fence[2] and end > number + 1:
                yield number + 2, lines[number + 1 : end]
            number = end + 1
        elif _INDENTED.match(lines[number]) and not lines[number - 1].strip():
            end = number
            while end < len(lines) and _INDENTED.match(lines[end]):
                end += 1
            yield number + 1, lines[number:end]
            number = end
        else:
            number += 1
