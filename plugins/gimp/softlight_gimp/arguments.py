"""A filter's parameters as arguments of a GIMP procedure, and the arguments' values as settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gi.repository import Gimp, GObject

from softlight_bridge.specifications import Filter, Parameter
from softlight_bridge.translation import _, pgettext
from softlight_gimp import masking, reading
from softlight_gimp.mnemonics import with_mnemonics
from softlight_gimp.refusals import WrongArgument

INPUT, MASK = "softlight-input", "softlight-mask"
"""Two arguments that every filter has in GIMP, named so that they meet no filter's own."""
ALL_FACES = "all"
_FACES = re.compile(r"[1-9][0-9]{0,3}(,[1-9][0-9]{0,3})*")
AUTOMATIC = 0.0
"""A GIMP number cannot be left out; where a filter may find the number itself, 0 says so."""
_FLAGS = GObject.ParamFlags.READWRITE


def argument_name(parameter: Parameter) -> str:
    """Return the name in GIMP: GObject has dashes where settings have underscores."""
    return parameter.name.replace("_", "-")


def add_arguments(procedure: Gimp.Procedure, described: Filter) -> None:
    """Add one argument for each parameter of the filter, and what says where the photo and the mask are."""
    labels = mnemonic_labels(described)
    for parameter in described.parameters:
        _add(procedure, parameter, labels[argument_name(parameter)])
    inputs = [
        (
            reading.BELOW,
            pgettext("choice", "All visible below"),
            _("What is seen below the place where the result goes"),
        ),
        (
            reading.LAYER,
            pgettext("choice", "This layer alone"),
            _("The selected layer's own pixels, without its mask"),
        ),
    ]
    procedure.add_choice_argument(
        INPUT, labels[INPUT], _("Which pixels the filter looks at"), _choice(inputs), reading.BELOW, _FLAGS
    )
    whole = described.brush == "optional"
    automatic = _("The selected brush mask, else the selection, else a brush mask")
    if whole:
        automatic = _("The selected brush mask, else the selection, else a brush mask, else whole faces")
    sources = [
        (masking.AUTOMATIC, pgettext("choice", "Automatic"), automatic),
        (masking.SELECTION, pgettext("choice", "Selection"), _("The selection, or Quick Mask")),
        (masking.BRUSH, pgettext("choice", "Brush mask"), _("What is painted on the brush mask")),
        *(
            [(masking.FACES, pgettext("choice", "Whole faces"), _("The faces that are found in the photo"))]
            if whole
            else []
        ),
    ]
    procedure.add_choice_argument(
        MASK, labels[MASK], _("What says where to work"), _choice(sources), masking.AUTOMATIC, _FLAGS
    )


def mnemonic_labels(described: Filter) -> dict[str, str]:
    """Return what the dialog calls arguments, by name, and groups, by heading; with letters for Alt."""
    parts = described.parameters
    names = {argument_name(one): _label(one) for one in parts if not one.group and one.kind != "faces"}
    names |= {INPUT: pgettext("label", "Photo"), MASK: pgettext("label", "Mask")}
    names |= {one.group: pgettext("heading", one.group) for one in parts if one.group}
    # Last, since what has no letter left can be reached from its neighbours.
    names |= {argument_name(one): _label(one) for one in parts if one.group}
    buttons = pgettext("button", "R_un"), pgettext("button", "_Preview")
    marked = dict(zip(names, with_mnemonics(list(names.values()), buttons)))
    return marked | {argument_name(one): _label(one) for one in parts if one.kind == "faces"}


def _label(parameter: Parameter) -> str:
    return f"{parameter.label} ({parameter.unit})" if parameter.unit else parameter.label


def _add(procedure: Gimp.Procedure, parameter: Parameter, label: str) -> None:
    name = argument_name(parameter)
    if parameter.kind == "flag":
        procedure.add_boolean_argument(name, label, parameter.help, bool(parameter.default), _FLAGS)
    elif parameter.kind == "choice":
        entries = [(choice.value, choice.label, "") for choice in parameter.choices]
        procedure.add_choice_argument(
            name, label, parameter.help, _choice(entries), parameter.default, _FLAGS
        )
    elif parameter.kind == "faces":
        procedure.add_string_argument(name, label, parameter.help, parameter.default, _FLAGS)
    else:
        low, high = bounds(parameter)
        default = AUTOMATIC if parameter.optional else float(parameter.default)
        text = f"{parameter.help} {_('0 finds it.')}" if parameter.optional else parameter.help
        procedure.add_double_argument(name, label, text, low, high, default, _FLAGS)


def bounds(parameter: Parameter) -> tuple[float, float]:
    """Return the range of a number's argument, which includes 0 where that means "automatic"."""
    low, high = float(parameter.minimum or 0.0), float(parameter.maximum or 0.0)
    return (min(AUTOMATIC, low) if parameter.optional else low), high


def _choice(entries: list[tuple[str, str, str]]) -> Gimp.Choice:
    choice = Gimp.Choice.new()
    for number, (value, label, text) in enumerate(entries):
        choice.add(value, number, label, text)
    return choice


def settings_of(config: Gimp.ProcedureConfig, described: Filter) -> dict[str, Any]:
    """Return the filter's settings as the engine takes them.

    Raises
    ------
    WrongArgument
        When a number lies between "automatic" and its range, or no face is chosen.
    """
    return {
        parameter.name: _setting(parameter, config.get_property(argument_name(parameter)))
        for parameter in described.parameters
    }


def _setting(parameter: Parameter, value: Any) -> Any:
    if parameter.kind == "faces" and not value:
        raise WrongArgument(f"No face is chosen under '{parameter.label}'; choose one at least.")
    if not parameter.optional:
        return value
    if value == AUTOMATIC:
        return None
    if value < float(parameter.minimum or 0.0):
        unit = f" {parameter.unit}" if parameter.unit else ""
        raise WrongArgument(
            f"'{parameter.label}' takes 0 (it is then found) or {parameter.minimum:g} to "
            f"{parameter.maximum:g}{unit}, not {value:g}."
        )
    return value


def choose_all_faces(config: Gimp.ProcedureConfig, described: Filter) -> None:
    """Undo an earlier choice among the faces of a picture."""
    put_settings(
        config, described, {one.name: ALL_FACES for one in described.parameters if one.kind == "faces"}
    )


def are_defaults(config: Gimp.ProcedureConfig, parameters: Sequence[Parameter]) -> bool:
    """Whether all of these have their defaults."""
    defaults = [AUTOMATIC if one.default is None else one.default for one in parameters]
    return [config.get_property(argument_name(one)) for one in parameters] == defaults


def put_settings(config: Gimp.ProcedureConfig, described: Filter, settings: dict[str, Any]) -> None:
    """Set a procedure's arguments from stored settings; those that it does not know are left out."""
    for parameter in described.parameters:
        if parameter.name in settings:
            value = settings[parameter.name]
            config.set_property(argument_name(parameter), AUTOMATIC if value is None else value)


def fits(parameter: Parameter, value: Any) -> bool:
    """Whether the parameter takes a value that came as JSON; GIMP itself would warn and take another."""
    if parameter.kind == "flag":
        return isinstance(value, bool)
    if parameter.kind == "choice":
        return value in [choice.value for choice in parameter.choices]
    if parameter.kind == "faces":
        return isinstance(value, str) and (value == ALL_FACES or bool(_FACES.fullmatch(value)))
    if value is None:
        return parameter.optional
    low, high = float(parameter.minimum or 0.0), float(parameter.maximum or 0.0)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
