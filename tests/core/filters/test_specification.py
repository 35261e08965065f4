from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softlight.errors import SettingsError
from softlight.filters.dewrinkle.settings import SPEC, DewrinkleSettings, LayerKind, Target
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
            "it has target, strength, keep_texture, feather, face_size, layer.",
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
    "contradiction",
    [
        {"kind": "number", "default": 1.0},
        {"kind": "number", "default": 2.0, "minimum": 0.0, "maximum": 1.0},
        {"kind": "choice", "default": "red"},
        {"kind": "choice", "default": "green", "choices": COLOUR.choices},
        {"kind": "flag", "default": None},
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
