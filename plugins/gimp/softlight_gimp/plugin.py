"""The plug-in as GIMP sees it: one procedure for each filter, and some for what surrounds them."""

from __future__ import annotations

import os

from gi.repository import Gimp

from softlight_bridge.errors import BridgeError
from softlight_bridge.specifications import Filter, read_filters
from softlight_bridge.translation import shown
from softlight_gimp import commands, filters

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""Where the plug-in is installed: `filters.json` and `engine.json` lie here."""


class Softlight(Gimp.PlugIn):
    """Creates the procedures when GIMP asks for them."""

    def do_set_i18n(self, procedure_name: str) -> bool:
        return False

    def do_query_procedures(self) -> list[str]:
        return [filters.procedure_name(described) for described in _filters()] + list(commands.COMMANDS)

    def do_create_procedure(self, procedure_name: str) -> Gimp.Procedure:
        for described in _filters():
            if procedure_name == filters.procedure_name(described):
                return filters.create(self, described, FOLDER)
        return commands.COMMANDS[procedure_name](self, _filters(), FOLDER)


def _filters() -> tuple[Filter, ...]:
    try:
        return read_filters(FOLDER)
    except BridgeError as error:
        # The other procedures are still there, and GIMP shows the sentence at its start.
        Gimp.message(shown(str(error)))
        return ()
