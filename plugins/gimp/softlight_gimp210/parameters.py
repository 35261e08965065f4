"""From the filters' specification (filters.json) to gimpfu's parameters, and from values to settings."""

import io
import json
import os
from collections import namedtuple

from gimpfu import PF_FLOAT, PF_OPTION, PF_SLIDER, PF_SPINNER, PF_STRING, PF_TOGGLE

from softlight_gimp210.refusals import Refusal
from softlight_gimp210.texts import for_gimp
from softlight_gimp210.translation import _, pgettext

MYPY = False
if MYPY:
    from typing import Any, Dict, List, Sequence, Tuple  # noqa: F401

Filter = namedtuple("Filter", "name label help brush parameters")
"""What a filter says about itself; `parameters` are dictionaries as in filters.json."""

AUTOMATIC = 0
"""Stands for "let the filter find it" in a dialog whose entries have to hold a number."""


def read_filters(folder):
    # type: (str) -> List[Filter]
    """Return the filters that ``filters.json`` in `folder` describes, in menu order.

    Raises
    ------
    Refusal
        When it cannot be read.
    """
    path = os.path.join(folder, "filters.json")
    try:
        with io.open(path, encoding="utf-8") as file:
            entries = json.load(file)["filters"]
        return [
            Filter(
                for_gimp(entry["name"]),
                pgettext("menu", for_gimp(entry["label"])),
                _(for_gimp(entry["help"])),
                for_gimp(entry.get("brush", "needed")),
                entry["parameters"],
            )
            for entry in entries
        ]
    except (IOError, OSError, ValueError, KeyError, TypeError):
        raise Refusal(
            "Softlight's list of filters '%s' is missing or damaged; run 'softlight plugins install' again."
            % path
        )


def described(parameter):
    # type: (Dict[str, Any]) -> Tuple[Any, ...]
    """Return one parameter as gimpfu's `register` takes it."""
    name, label = for_gimp(parameter["name"]), pgettext("label", for_gimp(parameter["label"]))
    default = parameter["default"]
    if parameter["kind"] == "flag":
        return (PF_TOGGLE, name, label, bool(default))
    if parameter["kind"] == "choice":
        values = [choice["value"] for choice in parameter["choices"]]
        labels = tuple(pgettext("choice", for_gimp(choice["label"])) for choice in parameter["choices"])
        return (PF_OPTION, name, label, values.index(default), labels)
    if parameter["kind"] == "faces":
        told = _("{label} (all, or such as 1,3 from the left)").format(label=label)
        return (PF_STRING, name, told, for_gimp(default))
    if parameter.get("group"):
        # There are no headings in this dialog.
        group = pgettext("heading", for_gimp(parameter["group"]))
        label = _("{group}: {label}").format(group=group, label=label)
    low, high, unit = parameter["minimum"], parameter["maximum"], for_gimp(parameter.get("unit") or "")
    unit = unit and pgettext("unit", unit)
    if default is None:
        told = _("{label} ({unit}, 0: automatic)") if unit else _("{label} (0: automatic)")
        label = told.format(label=label, unit=unit)
        if low >= 1:
            return (PF_SPINNER, name, label, AUTOMATIC, (AUTOMATIC, int(high), 1))
        return (PF_FLOAT, name, label, float(AUTOMATIC))
    if parameter.get("switch"):
        label = _("{label} (0: off)").format(label=label)
    elif unit:
        label = _("{label} ({unit})").format(label=label, unit=unit)
    return (PF_SLIDER, name, label, float(default), (low, high, (high - low) / 100.0))


def settings_from(parameters, values):
    # type: (Sequence[Dict[str, Any]], Sequence[Any]) -> Dict[str, Any]
    """Return a filter's settings from what gimpfu hands over for `described` parameters.

    Raises
    ------
    Refusal
        For the number of a choice that there is not; the command line checks all else.
    """
    settings = {}
    for parameter, value in zip(parameters, values):
        if parameter["kind"] == "flag":
            value = bool(value)
        elif parameter["kind"] == "choice":
            value = chosen([choice["value"] for choice in parameter["choices"]], value, parameter["name"])
        elif parameter["kind"] == "faces":
            value = for_gimp(value or "").strip()
        elif parameter["default"] is None and value == AUTOMATIC:
            value = None
        else:
            value = float(value)
        settings[parameter["name"]] = value
    return settings


def chosen(values, number, name):
    # type: (Sequence[str], int, str) -> str
    """Return the value that a PF_OPTION's number stands for.

    Raises
    ------
    Refusal
        When there is no such number.
    """
    if not 0 <= number < len(values):
        raise Refusal(
            "The argument '%s' takes a number from 0 to %d, not %d." % (name, len(values) - 1, number)
        )
    return values[number]


def options(settings):
    # type: (Dict[str, Any]) -> List[str]
    """Return settings as the command line takes them; what is left to the filter is left out."""
    found = []
    for name, value in sorted(settings.items()):
        option = "--" + for_gimp(name).replace("_", "-")
        if value is None or name == "filter":
            continue
        if value is True or value is False:
            found.append(option if value else "--no-" + option[2:])
        else:
            # repr gives a number whole; with %g, 8192.125 would lose its end.
            found += [option, repr(value) if isinstance(value, float) else "%s" % value]
    return found
