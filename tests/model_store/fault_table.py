"""docs/models-faults.md: what goes wrong, what the user reads, what is there afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

OPENING = """\
# What can go wrong with a model

Every row is a test: a real server, file system or process does what the first column says, and the other two
are what came of it. In each of them the tests also see that nothing but the verified file ever stood in its
place, that a good file that was there before is still there, that no lock is left, and that a failed download
gets done against an honest server, which then has to send only what is missing. Where the user reads
nothing, the download got done by itself. `example.org` stands for the server, `mirror.org` for a second one.

The last two sections are about imports. There the tests see that what was installed before is still the same,
and that nothing was written anywhere else; `model.onnx` and `bundle.zip` stand for the files that were given.
"""
CLOSING = "Made by `SOFTLIGHT_FAULTS=docs/models-faults.md python -m pytest tests/model_store`."
SECTIONS = (
    "The line",
    "The server",
    "Redirects, encryption, proxies",
    "Several sources",
    "The disk",
    "Processes",
    "Wheels",
    "Imports",
    "Malicious files",
)


@dataclass
class FaultTable:
    """The rows of one run of the tests."""

    rows: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def add(self, section: str, fault: str, reads: str, state: str) -> None:
        assert section in SECTIONS
        self.rows.setdefault(section, {})[fault] = (reads, state)

    def write(self, path: Path) -> None:
        """Write the document; rows of tests that did not run this time stay as they were."""
        old = dict(_read(path.read_text("utf-8"))) if path.exists() else {}
        parts = [OPENING]
        for section in SECTIONS:
            rows = {**old.get(section, {}), **self.rows.get(section, {})}
            if rows:
                lines = [
                    f"| {fault} | {reads or 'nothing'} | {state} |" for fault, (reads, state) in rows.items()
                ]
                parts.append(
                    f"## {section}\n\n| fault | the user reads | afterwards |\n|---|---|---|\n"
                    + "\n".join(lines)
                    + "\n"
                )
        path.write_text("\n".join([*parts, CLOSING, ""]), "utf-8")


def _read(text: str) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    for section in text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        rows = re.findall(r"^\| (?!fault \|)(.+?) \| (.+?) \| (.+?) \|$", body, re.MULTILINE)
        yield title, {fault: ("" if reads == "nothing" else reads, state) for fault, reads, state in rows}
