"""What Krita is told of our actions: without an entry there, nobody can give a filter a shortcut."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from softlight.filters.registry import specifications

ACTIONS = Path(__file__).parents[2] / "plugins" / "krita" / "softlight_krita" / "softlight_krita.action"


def told() -> dict[str, ET.Element]:
    return {str(one.get("name")): one for one in ET.parse(ACTIONS).iter("Action")}


def test_every_filter_has_an_action_by_its_own_label() -> None:
    run = {
        name: one.findtext("iconText") for name, one in told().items() if name.startswith("softlight_run_")
    }
    assert run == {f"softlight_run_{spec.name}": spec.label for spec in specifications()}


def test_no_two_actions_have_the_same_shortcut() -> None:
    shortcuts = [one.findtext("shortcut") for one in told().values() if one.findtext("shortcut")]
    assert len(shortcuts) > 5 and len(set(shortcuts)) == len(shortcuts)
