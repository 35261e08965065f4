from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.errors import SettingsError
from softlight.filters.dewrinkle.settings import SPEC, DewrinkleSettings, Target
from softlight.filters.shared_parameters import LayerKind
from softlight.filters.specification import (
    Choice,
    FilterSpec,
    Parameter,
    arguments_from_settings,
    settings_from_arguments,
)

COLOUR = Parameter(
    "colour", "choice", "Colour", "Which.", "red", choices=(Choice("red", "Red"), Choice("blue", "Blue"))
)


def test_defaults_of_specification_and_settings_are_the_same() -> None:
    assert settings_from_arguments(SPEC, DewrinkleSettings, {}) == DewrinkleSettings()
    fields = [field.name for field in dataclasses.fields(DewrinkleSettings)]
    assert fields == [parameter.name for parameter in SPEC.parameters]


def test_every_member_of_an_enumeration_is_a_choice() -> None:
    choices = {
        parameter.name: [choice.value for choice in parameter.choices] for parameter in SPEC.parameters
    }
    assert choices["target"] == [target.value for target in Target]
    assert choices["layer"] == [kind.value for kind in LayerKind]


@given(
    target=st.sampled_from(Target),
    strength=st.floats(0, 1),
    keep_texture=st.floats(0, 1),
    feather=st.floats(0, 0.2),
    face_size=st.none() | st.floats(16, 8192),
    faces=st.sampled_from(["all", "1", "2,5"]),
    forehead=st.floats(0, 1),
    protect=st.booleans(),
    layer=st.sampled_from(LayerKind),
)
def test_settings_survive_json(**values: object) -> None:
    settings = DewrinkleSettings(**values)  # type: ignore[arg-type]
    stored = json.loads(json.dumps(arguments_from_settings(settings)))
    assert settings_from_arguments(SPEC, DewrinkleSettings, stored) == settings


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"strength": 1.01}, "The setting 'strength' takes a number from 0 to 1, not 1.01."),
        ({"strength": float("nan")}, "The setting 'strength' takes a number from 0 to 1, not nan."),
        ({"strength": True}, "The setting 'strength' takes a number from 0 to 1, not True."),
        ({"strength": None}, "The setting 'strength' takes a number from 0 to 1, not None."),
        ({"face_size": 3}, "The setting 'face_size' takes a number from 16 to 8192 px, not 3."),
        ({"target": "pores"}, "The setting 'target' takes 'wrinkles' or 'everything', not 'pores'."),
        (
            {"stength": 1},
            "De-wrinkle has no setting 'stength'; "
            "it has target, strength, faces, forehead, glabella, crows_feet, under_eye, nasolabial, mouth, "
            "chin, cheeks, neck, protect, keep_texture, feather, face_size, layer.",
        ),
    ],
)
def test_wrong_arguments_get_one_sentence(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from_arguments(SPEC, DewrinkleSettings, arguments)
    assert str(caught.value) == sentence


def test_settings_check_themselves() -> None:
    with pytest.raises(SettingsError, match="'feather' takes a number from 0 to 0.2"):
        DewrinkleSettings(feather=0.3)


def test_flags_are_on_or_off() -> None:
    flag = Parameter("moles", "flag", "Keep moles", "Leave moles alone.", True)
    assert flag.check(False) is False
    with pytest.raises(SettingsError, match="either on or off, not 1"):
        flag.check(1)


@pytest.mark.parametrize(
    ("given", "kept"), [("all", "all"), ("3", "3"), ("3, 1", "1,3"), ("12,2,12", "2,12")]
)
def test_faces_are_kept_in_one_order(given: str, kept: str) -> None:
    assert SPEC.complete({"faces": given})["faces"] == kept


@pytest.mark.parametrize("given", ["", "0", "1,", "1;2", "-1", "first", "all,1", "1" * 9, 1, None, ["1"]])
def test_what_chooses_no_faces_is_refused(given: object) -> None:
    with pytest.raises(SettingsError, match="'all', or the numbers of faces from left to right"):
        SPEC.complete({"faces": given})


@pytest.mark.parametrize(
    "contradiction",
    [
        {"kind": "number", "default": 1.0},
        {"kind": "number", "default": 2.0, "minimum": 0.0, "maximum": 1.0},
        {"kind": "choice", "default": "red"},
        {"kind": "choice", "default": "green", "choices": COLOUR.choices},
        {"kind": "flag", "default": None},
        {"kind": "faces", "default": "none", "whole_faces": True},
        {"kind": "faces", "default": "all"},
        {"kind": "number", "default": 2.0, "minimum": 1.0, "maximum": 3.0, "switch": True},
        {"kind": "flag", "default": True, "switch": True},
        {"kind": "flag", "default": True, "minimum": 0.0, "maximum": 1.0},
        {"name": "Not a name", "kind": "flag", "default": True},
    ],
)
def test_a_parameter_may_not_contradict_itself(contradiction: dict[str, object]) -> None:
    described = {"name": "thing", "label": "Thing", "help": "What it does.", **contradiction}
    with pytest.raises(ValueError):
        Parameter(**described)  # type: ignore[arg-type]


def test_parameter_names_are_unique() -> None:
    with pytest.raises(ValueError, match="same name"):
        FilterSpec("paint", "Paint", "Paints.", (COLOUR, COLOUR))
