"""All specifications as one JSON file, ``filters.json``, which the plug-ins carry along.

So a host shows menus, dialogs and dockers without asking the engine. `softlight plugins install` writes the
file anew; the copy in `plugins/bridge/softlight_bridge` serves a plug-in that was copied by hand.
"""

from __future__ import annotations

import json
from typing import Any

import softlight
from softlight.filters.registry import specifications
from softlight.filters.specification import FilterSpec, Parameter


def listing() -> bytes:
    """Return the content of ``filters.json`` in UTF-8: the same bytes for the same filters."""
    filters = [_filter(spec) for spec in specifications()]
    text = json.dumps({"version": softlight.__version__, "filters": filters}, ensure_ascii=False, indent=2)
    return (text + "\n").encode("utf-8")


def _filter(spec: FilterSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "label": spec.label,
        "help": spec.help,
        "view": spec.view,
        "brush": spec.brush,
        "parameters": [_parameter(parameter) for parameter in spec.parameters],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "kind": parameter.kind,
        "label": parameter.label,
        "help": parameter.help,
        "default": parameter.default,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "unit": parameter.unit,
        "choices": [{"value": choice.value, "label": choice.label} for choice in parameter.choices],
        "group": parameter.group,
        "switch": parameter.switch,
        "whole_faces": parameter.whole_faces,
    }


if __name__ == "__main__":
    import sys

    sys.stdout.buffer.write(listing())
