"""The filters that there are, as the host reads them from ``filters.json`` without asking the engine.

Labels and help are in the user's language; headings name their groups too, and stay English until shown.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from softlight_bridge.errors import BridgeError
from softlight_bridge.translation import _, pgettext


class Choice(NamedTuple):
    """One value of a choice."""

    value: str
    label: str


class Parameter(NamedTuple):
    """One setting of a filter."""

    name: str
    """What is stored and sent."""
    kind: str
    """"number", "choice", "flag" or "faces": a number, one of `choices`, on or off, or which faces: "all", or
    numbers from left to right, from 1: "1,3"."""
    label: str
    help: str
    default: Any
    """None, for a number only: the filter finds the value itself ("automatic")."""
    minimum: float | None
    """Numbers only, like `maximum`; both are inclusive."""
    maximum: float | None
    unit: str
    """Such as "px"; empty for a plain ratio."""
    choices: tuple[Choice, ...]
    """For "choice" only."""
    group: str
    """Heading, in English, under which dialogs show it with others, such as "Regions"; empty: under none."""
    switch: bool
    """Whether the minimum of this number, 0, means off: dialogs show a check box beside the slider."""
    whole_faces: bool
    """Whether it counts on whole faces alone: dialogs hide it where a mask says where to work."""

    @property
    def optional(self) -> bool:
        """Whether None ("automatic") is a value of this number."""
        return self.kind == "number" and self.default is None


class Filter(NamedTuple):
    """A filter: what menus, dialogs and dockers are made of."""

    name: str
    """"dewrinkle"."""
    label: str
    """"De-wrinkle"."""
    help: str
    view: str | None
    """Label of what the preview can show beside before and after ("Wrinkle map"), or None."""
    parameters: tuple[Parameter, ...]
    brush: str
    """"needed", or "optional": without a mask it works on whole faces."""

    def defaults(self) -> dict[str, Any]:
        """Return every parameter's default by name."""
        return {parameter.name: parameter.default for parameter in self.parameters}


def read_filters(folder: str) -> tuple[Filter, ...]:
    """Return the filters that ``filters.json`` in `folder` describes, in menu order.

    Parameters
    ----------
    folder : str
        The plug-in's own folder. Without the file there, the copy beside this module is read.

    Raises
    ------
    BridgeError
        When the file cannot be read or is not what `softlight plugins install` writes.
    """
    path = os.path.join(folder, "filters.json")
    if not os.path.exists(path):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "filters.json")
    try:
        with open(path, encoding="utf-8") as file:
            return tuple(_filter(entry) for entry in json.load(file)["filters"])
    except OSError as error:
        reason = error.strerror or str(error)
    except (ValueError, KeyError, TypeError, AttributeError):
        reason = "it is damaged"
    raise BridgeError(
        f"Softlight's list of filters '{path}' cannot be read ({reason}); "
        "run 'softlight plugins install' again."
    )


def _filter(entry: dict[str, Any]) -> Filter:
    parameters = tuple(_parameter(one) for one in entry["parameters"])
    return Filter(
        entry["name"],
        pgettext("menu", entry["label"]),
        _(entry["help"]),
        pgettext("choice", entry["view"]) if entry.get("view") else None,
        parameters,
        entry.get("brush", "needed"),
    )


def _parameter(entry: dict[str, Any]) -> Parameter:
    choices = tuple(
        Choice(one["value"], pgettext("choice", one["label"])) for one in entry.get("choices") or ()
    )
    unit = pgettext("unit", entry["unit"]) if entry.get("unit") else ""
    return Parameter(
        entry["name"], entry["kind"], pgettext("label", entry["label"]), _(entry["help"]), entry["default"],
        entry.get("minimum"), entry.get("maximum"), unit, choices,
        entry.get("group") or "", entry.get("switch", False),
        entry.get("whole_faces", False),
    )  # fmt: skip
