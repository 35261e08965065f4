"""What the docker remembers from one start of Krita to the next, in Krita's own settings."""

from __future__ import annotations

import json
from typing import Any

from krita import Krita

GROUP = "softlight"


def write(name: str, values: dict[str, Any]) -> None:
    """Keep plain values under a name."""
    Krita.instance().writeSetting(GROUP, name, json.dumps(values))


def read(name: str) -> dict[str, Any]:
    """Return what was kept, or nothing at all when there is none or it is damaged."""
    try:
        values = json.loads(Krita.instance().readSetting(GROUP, name, "{}"))
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
