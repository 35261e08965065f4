"""Models in GIMP 2.10: the same words as in the other hosts, and what the command line says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from softlight_bridge import model_words, models
from softlight_bridge.models import ModelLine, Terms
from softlight_gimp210.refusals import Refusal
from tests.gimp210.imported import model_store

TERMS = Terms(
    "LicenseRef-S-Lab-1.0", "non-commercial", "Not for commercial use.", "https://example.org", 3_295_067
)
LINE = ModelLine(
    "codeformer", "CodeFormer", "face-restoration", "A face is blurred.", "sczhou", 2022, TERMS,
    "available", "", False, True, 0, False, False,
)  # fmt: skip
MODEL = {
    **LINE._asdict(), "licence": TERMS.licence, "limit": TERMS.limit, "terms": TERMS.text, "url": TERMS.url,
    "size": TERMS.size, "embedded": False,
}  # fmt: skip


def test_the_words_are_those_of_the_other_hosts() -> None:
    assert set(model_store.LIMITS) == set(models.LIMITS)
    assert all(model_store.LIMITS[name] == model_words.limit(name) for name in models.LIMITS)
    assert model_store.role("face-restoration") == model_words.role("face-restoration")
    for size in (None, 7, 232_589, 3_295_067, 340_256_690, 1_340_000_000):
        assert model_store.size(size) == model_words.size(size)
    for state in models.STATES:
        for active, chosen in ((False, False), (True, False), (True, True)):
            line = LINE._replace(state=state, active=active, chosen=chosen)
            assert model_store.state({**MODEL, **line._asdict()}) == model_words.state(line)
    assert model_store.licence(MODEL) == model_words.licence(TERMS)
    assert model_store.terms(MODEL) == model_words.terms(TERMS) + "\nhttps://example.org"
    assert model_store.facts(MODEL).startswith("A face is blurred.\n\nsczhou, 2022\n\nSize: 3.3 MB")


def script(tmp_path: Path, answer: dict[str, object], status: int) -> list[str]:
    """A command line that says where it is and answers."""
    path = tmp_path / "command.py"
    path.write_text(
        "import sys\n"
        'sys.stderr.write(\'{"progress": 0.5, "text": "half"}\\n\')\n'
        f"print({json.dumps(answer)!r})\n"
        f"sys.exit({status})\n"
    )
    return [sys.executable, str(path)]


def test_what_the_command_line_says_is_passed_on(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    command = script(tmp_path, {"models": []}, 0)
    assert model_store.ask(command, ["list"], lambda *news: told.append(news)) == {"models": []}
    assert told == [(0.5, "half")]


def test_a_refusal_is_its_sentence(tmp_path: Path) -> None:
    command = script(tmp_path, {"status": "failed", "error": "It is not there; look again."}, 5)
    with pytest.raises(Refusal, match="It is not there; look again.") as caught:
        model_store.ask(command, ["list"], lambda *news: None)
    assert not isinstance(caught.value, model_store.Question)


def test_a_question_is_for_the_user(tmp_path: Path) -> None:
    answer = {"status": "failed", "error": "Accept it.", "question": "licence", "terms": [MODEL]}
    with pytest.raises(model_store.Question, match="Accept it.") as caught:
        model_store.ask(script(tmp_path, answer, 5), ["download", "codeformer"], lambda *news: None)
    assert caught.value.asked["terms"][0]["id"] == "codeformer"
