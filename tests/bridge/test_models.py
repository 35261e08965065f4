"""Actions on models over the wire: there and back, refused when they lie, and as sentences when they fail."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from softlight_bridge import model_words as words
from softlight_bridge import models, packing
from softlight_bridge.errors import EngineError, WireError
from softlight_bridge.models import ModelAction, ModelLine, ModelList, Terms
from tests.bridge.test_packing import sent

LINE = ModelLine(
    "codeformer",
    "CodeFormer 0.1",
    "face-restoration",
    "A face is very blurred.",
    "sczhou",
    2022,
    Terms("LicenseRef-S-Lab-1.0", "non-commercial", "Not for commercial use.", "", None),
    "import-only",
    "Nobody knows its checksum; import it.",
    False,
    False,
    0,
    False,
    False,
)
LIST = ModelList((LINE, LINE._replace(id="other", year=None)), "/home/Zoë/models", True, False, ("A note.",))


@pytest.mark.parametrize(
    "action",
    [
        ModelAction("list"),
        ModelAction("download", ("a", "b"), ("a",)),
        ModelAction("import", ("a",), ("a",), path="/home/Zoë/ß.onnx", link=True, confirmed=True),
        ModelAction("choose", name="skin-inpainting"),
        ModelAction("set", name="offline", value=True),
    ],
)
def test_an_action_arrives_as_sent(action: ModelAction) -> None:
    _, header, end = sent(models.pack_action(action))
    end()
    assert header["type"] == "models" and models.unpack_action(header) == action


def test_all_models_arrive_as_sent() -> None:
    _, header, end = sent(models.pack_list(LIST))
    end()
    assert models.unpack_list(header) == LIST


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("action",), "format"),
        (("models",), "a"),
        (("models",), [1]),
        (("accepted",), None),
        (("path",), 3),
        (("link",), 1),
        (("confirmed",), "yes"),
        (("value",), None),
        (("name",), "x" * 300),
    ],
)
def test_an_action_that_lies_is_refused(place: tuple[str], value: Any) -> None:
    header, _ = models.pack_action(ModelAction("download", ("a",)))
    header[place[0]] = value
    with pytest.raises(WireError):
        models.unpack_action(header)


def test_options_that_there_are_not_are_refused() -> None:
    header, _ = models.pack_action(ModelAction("set", name="mirrors", value=True))
    with pytest.raises(WireError, match="its name"):
        models.unpack_action(header)


@pytest.mark.parametrize("name", [*ModelLine._fields, *(f"terms.{field}" for field in Terms._fields)])
@pytest.mark.parametrize("wrong", [[], "x" * 5000, -1, 1 << 60])
def test_a_model_that_lies_is_refused(name: str, wrong: Any) -> None:
    header = copy.deepcopy(models.pack_list(LIST)[0])
    owner, _, last = name.rpartition(".")
    line = header["models"][1]
    (line[owner] if owner else line)[last] = wrong
    with pytest.raises(WireError):
        models.unpack_list(header)


def test_a_question_says_which_models_it_is_about() -> None:
    header, _ = packing.pack_error(EngineError.NOT_ACCEPTED, "Accept it.", ("codeformer",))
    error = packing.unpack_error(header)
    assert (str(error), error.kind, error.models) == ("Accept it.", "NotAccepted", ("codeformer",))


def test_words() -> None:
    assert words.role("face-restoration") == "Face restoration"
    assert [words.size(count) for count in (None, 999, 232_589, 3_295_067, 340_256_690, 1_340_000_000)] == [
        "unknown", "999 bytes", "233 kB", "3.3 MB", "340 MB", "1.3 GB",
    ]  # fmt: skip
    assert words.licence(LINE.terms) == "S-Lab-1.0, not commercial"
    assert words.maker(LINE) == "sczhou, 2022" and words.maker(LINE._replace(year=None)) == "sczhou"
    assert words.terms(LINE.terms).split("\n") == [
        "Size: unknown", "Licence: LicenseRef-S-Lab-1.0", "Use: not for commercial use",
        "Not for commercial use.",
    ]  # fmt: skip
    assert {words.state(LINE._replace(state=state)) for state in models.STATES}.isdisjoint({""})
    assert words.state(LINE._replace(active=True, chosen=True)) == "in use, your choice"
    assert all(words.limit(limit) for limit in models.LIMITS)


def test_hosts_and_store_name_limits_and_states_alike() -> None:
    from softlight_models import entry

    assert models.LIMITS == entry.LIMITS
