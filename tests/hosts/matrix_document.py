"""docs/hosts-matrix.md: a section for each application, written by the test that has measured it."""

from __future__ import annotations

import re
from pathlib import Path

HEADING = "# What the hosts show, measured\n"


def write_section(path: Path, title: str, text: str) -> None:
    """Put `text` below the heading `title`, in the place of what stood there; other sections stay."""
    whole = path.read_text("utf-8") if path.exists() else HEADING
    opening, *sections = re.split(r"^## ", whole, flags=re.MULTILINE)
    texts = dict(section.split("\n", 1) for section in sections)
    texts[title] = f"\n{text.strip()}\n\n"
    told = "".join(f"## {name}\n{texts[name].rstrip()}\n\n" for name in sorted(texts))
    path.write_text(f"{opening.rstrip()}\n\n{told}".rstrip() + "\n", "utf-8")
