"""From the filters' specification to gimpfu's dialog, and from its values to the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from softlight.cli.options import build_parser, filter_arguments
from softlight.filters import registry
from softlight.filters.listing import listing
from softlight_gimp210.refusals import Refusal
from tests.gimp210.fake_gimpfu import constants
from tests.gimp210.imported import parameters

KINDS = constants()


@pytest.fixture
def filters(tmp_path: Path) -> Any:
    (tmp_path / "filters.json").write_bytes(listing())
    return parameters.read_filters(str(tmp_path))


def parameter(kind: str, **given: Any) -> dict[str, Any]:
    return {"name": "a_name", "kind": kind, "label": "A label", "unit": "", "choices": [],
            "minimum": None, "maximum": None, **given}  # fmt: skip


CHOICES = [{"value": "one", "label": "The first"}, {"value": "two", "label": "The second"}]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (parameter("flag", default=True), ("PF_TOGGLE", "A label", True)),
        (
            parameter("choice", default="two", choices=CHOICES),
            ("PF_OPTION", "A label", 1, ("The first", "The second")),
        ),
        (
            parameter("number", default=0.5, minimum=0.0, maximum=1.0),
            ("PF_SLIDER", "A label", 0.5, (0.0, 1.0, 0.01)),
        ),
        (
            parameter("number", default=2, minimum=0, maximum=20, unit="px"),
            ("PF_SLIDER", "A label (px)", 2.0, (0, 20, 0.2)),
        ),
        (
            parameter("number", default=1.0, minimum=0.0, maximum=1.0, group="Regions", switch=True),
            ("PF_SLIDER", "Regions: A label (0: off)", 1.0, (0.0, 1.0, 0.01)),
        ),
        (
            parameter("faces", default="all"),
            ("PF_STRING", "A label (all, or such as 1,3 from the left)", "all"),
        ),
        (
            parameter("number", default=None, minimum=16.0, maximum=8192.0, unit="px"),
            ("PF_SPINNER", "A label (px, 0: automatic)", 0, (0, 8192, 1)),
        ),
        (
            parameter("number", default=None, minimum=0.0, maximum=0.5),
            ("PF_FLOAT", "A label (0: automatic)", 0.0),
        ),
    ],
)
def test_each_kind_of_parameter(given: dict[str, Any], expected: tuple[Any, ...]) -> None:
    kind, *rest = expected
    assert parameters.described(given) == (KINDS[kind], "a_name", *rest)


def test_defaults_of_the_dialog_are_the_defaults_of_the_filter(filters: Any) -> None:
    for filter in filters:
        values = [parameters.described(one)[3] for one in filter.parameters]
        found = parameters.settings_from(filter.parameters, values)
        assert found == {one["name"]: one["default"] for one in filter.parameters}


def test_every_setting_arrives_in_the_command_line_as_it_was_given(filters: Any) -> None:
    spec = registry.specification("dewrinkle")
    (filter,) = [filter for filter in filters if filter.name == "dewrinkle"]
    # Numbers whose end "%g" would lose, or that would be written with an exponent.
    given = {"target": 1, "strength": 0.123456789012, "faces": " 1,3", "chin": 1e-07, "protect": 0,
             "feather": 0.1, "face_size": 8191.125, "layer": 1}  # fmt: skip
    values = [given.get(one["name"], 0.5) for one in filter.parameters]
    settings = parameters.settings_from(filter.parameters, values)
    assert settings == {
        **{one["name"]: 0.5 for one in filter.parameters},
        **given, "target": "everything", "layer": "normal", "faces": "1,3", "protect": False,
    }  # fmt: skip
    words = ["dewrinkle", "a.png", "--mask", "b.png", "-o", "c.layers", *parameters.options(settings)]
    assert filter_arguments(build_parser().parse_args(words), spec) == settings


def test_what_is_left_to_the_filter_is_not_said() -> None:
    assert parameters.options({"filter": "dewrinkle", "face_size": None, "b": 2}) == ["--b", "2"]


def test_flags_are_said_either_way() -> None:
    assert parameters.options({"all_faces": True, "shine": False}) == ["--all-faces", "--no-shine"]


@pytest.mark.parametrize("number", [-1, 2, 7])
def test_a_choice_that_there_is_not(number: int) -> None:
    with pytest.raises(Refusal, match=rf"^The argument 'layer' takes a number from 0 to 1, not {number}\.$"):
        parameters.chosen(["a", "b"], number, "layer")


@pytest.mark.parametrize("contents", [None, "{", "[]", '{"filters": [{}]}', '{"filters": 3}', "\ufffe"])
def test_a_list_that_cannot_be_read(tmp_path: Path, contents: str | None) -> None:
    if contents is not None:
        (tmp_path / "filters.json").write_text(contents, "utf-16" if contents == "\ufffe" else "utf-8")
    with pytest.raises(Refusal, match="is missing or damaged; run 'softlight plugins install' again"):
        parameters.read_filters(str(tmp_path))
