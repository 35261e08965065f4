"""One download in a test, and what must hold however it ended."""

from __future__ import annotations

import hashlib
import os
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from softlight_models.download import Wanted, download
from softlight_models.entry import HttpsSource, Source
from softlight_models.errors import ModelStoreError
from softlight_models.network import NetworkRules

QUICK = NetworkRules(
    connect_seconds=2.0,
    silence_seconds=0.8,
    slowest=10_000,
    attempts=3,
    first_pause=0.01,
    longest_pause=0.02,
    longest_wait=1.5,
)
"""The rules of the house, in a hurry."""

CONTENT = random.Random(0).randbytes(300_000)
NAME = "GFPGAN 1.4"


def wanted(*sources: Source | str, content: bytes = CONTENT, size: int | None = -1) -> Wanted:
    """The file with this content; `size` -1: as the catalogue would have it."""
    return Wanted(
        name=NAME,
        size=len(content) if size == -1 else size,
        sha256=hashlib.sha256(content).hexdigest(),
        sources=tuple(HttpsSource(one) if isinstance(one, str) else one for one in sources),
    )


@dataclass
class Outcome:
    """How a download ended."""

    target: Path
    sentence: str
    """Empty if it got done."""
    texts: list[str] = field(default_factory=list)
    """What the progress said."""

    @property
    def installed(self) -> bool:
        return self.target.exists() and not self.sentence

    @property
    def kept(self) -> int:
        """Bytes that the next attempt can go on from."""
        part = self.target.with_name(self.target.name + ".part")
        return os.path.getsize(part) if os.path.exists(part) else 0  # a name may be too long to be asked for

    def reads(self, *hosts: tuple[str, str], folder: Path | None = None) -> str:
        """The sentence with names in place of this test's addresses."""
        text = self.sentence
        for address, name in [*hosts, ("127.0.0.1", "example.org"), ("localhost", "example.org")]:
            text = text.replace(address, name)
        return text.replace(str(folder or self.target.parent), "…/models/gfpgan")

    @property
    def state(self) -> str:
        """What is there, for the table."""
        if self.installed:
            return "installed and verified"
        if self.kept:
            return f"nothing installed; {100 * self.kept / len(CONTENT):.0f} % kept for the next attempt"
        return "nothing installed, nothing left over"


def run(what: Wanted, target: Path, rules: NetworkRules = QUICK, old: bytes | None = None) -> Outcome:
    """Download, and check what always holds.

    Parameters
    ----------
    old : bytes, optional
        What stood in the file's place before. It may only give way to the wanted file.
    """
    texts: list[str] = []
    sentence = ""
    if old is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(old)
    try:
        download(what, target, network=rules, progress=lambda done, total, text: texts.append(text))
    except ModelStoreError as error:
        sentence = str(error)
    outcome = Outcome(target, sentence, texts)
    check(outcome, what, old)
    return outcome


def check(outcome: Outcome, what: Wanted, old: bytes | None = None) -> None:
    target = outcome.target
    if outcome.sentence:
        assert one_sentence(outcome.sentence)
        if old is None:
            assert not target.exists()
        else:
            assert target.read_bytes() == old
    else:
        assert hashlib.sha256(target.read_bytes()).hexdigest() == what.sha256
    if target.parent.exists():
        allowed = {target.name, target.name + ".part", target.name + ".part.json"}
        allowed |= {f"{target.name}.whl.part", f"{target.name}.whl.part.json"}
        left = {path.name for path in target.parent.iterdir()}
        assert left <= allowed, left
        if outcome.installed:
            assert left == {target.name}


def one_sentence(text: str) -> bool:
    """Whether it is "cause; remedy." and nothing that only programmers read."""
    words = re.search(
        r"[a-z]Error\b|Exception|Traceback|0x[0-9a-f]{6}|object at|\burllib3|HTTPConnection", text
    )
    return text.endswith(".") and text.count("; ") == 1 and "\n" not in text and not words
