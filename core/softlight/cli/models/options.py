"""The options of ``softlight models``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from softlight_bridge.translation import _


def add_actions(command: argparse.ArgumentParser) -> None:
    """Add the actions to the command ``models``."""
    command.description = _(
        "Show, download, import, choose, check and remove models. Softlight works with the models that it "
        "brings along; larger ones come from their makers, under their makers' terms, and only when you ask "
        "for them."
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")

    listing = _add(actions, "list", "showing", _("Show all models by what they are for."))
    listing.add_argument(
        "--role", metavar="ROLE", help=_("only those for this role, with advice when to use which")
    )
    listing.add_argument("--installed", action="store_true", help=_("only those that are installed"))

    show = _add(
        actions, "show", "showing", _("Show all that is known of a model: its use, licence, size, sources.")
    )
    show.add_argument("model", metavar="MODEL", help=_("its name in the list"))

    download = _add(
        actions,
        "download",
        "getting",
        _(
            "Download models from their makers. Licence, limit and size are shown and accepted first; "
            "a download that broke off goes on where it stopped."
        ),
    )
    download.add_argument("models", nargs="+", metavar="MODEL")
    _add_acceptance(download)

    taking = _add(
        actions,
        "import",
        "getting",
        _(
            "Install models from files, from folders with all below them, or from a bundle that 'export' "
            "wrote. Files are recognised by what they hold, whatever they are called."
        ),
    )
    taking.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    taking.add_argument(
        "--model", metavar="MODEL", help=_("the model that the file is of, where only you know it")
    )
    taking.add_argument("--link", action="store_true", help=_("use the file where it lies instead of a copy"))
    taking.add_argument(
        "--confirm",
        action="store_true",
        help=_("trust a file whose checksum nobody knows; it is still looked through"),
    )
    _add_acceptance(taking)

    export = _add(
        actions,
        "export",
        "getting",
        _("Write installed models into a bundle for a machine without a network."),
    )
    export.add_argument("models", nargs="+", metavar="MODEL")
    export.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="BUNDLE",
        help=_("a .zip file; an existing one is replaced"),
    )

    verify = _add(actions, "verify", "keeping", _("Check that installed models hold what they should."))
    verify.add_argument("models", nargs="*", metavar="MODEL", help=_("default: all that are installed"))

    remove = _add(
        actions, "remove", "keeping", _("Delete installed models; a linked file stays where it is.")
    )
    remove.add_argument("models", nargs="+", metavar="MODEL")

    choose = _add(actions, "choose", "keeping", _("Choose the model that a role uses from now on."))
    choose.add_argument("role", metavar="ROLE")
    choose.add_argument(
        "model", metavar="MODEL|auto", help=_("auto is the best that is installed and allowed")
    )

    prune = _add(
        actions, "prune", "keeping", _("Delete what no model needs: broken-off downloads, former versions.")
    )
    prune.add_argument(
        "--unknown",
        action="store_true",
        help=_(
            "also models that the catalogue does not know; in a shared folder they may be a colleague's own"
        ),
    )

    settings = _add(
        actions,
        "settings",
        "keeping",
        _(
            "Show or change the settings for models: non-commercial on|off, offline on|off, "
            "mirrors ADDRESS=MIRROR ... or none."
        ),
    )
    settings.add_argument("name", nargs="?", metavar="NAME", help=_("non-commercial, offline or mirrors"))
    settings.add_argument("values", nargs="*", metavar="VALUE")


def _add(actions: Any, name: str, module: str, help_text: str) -> argparse.ArgumentParser:
    """Add an action, which a function of `softlight.cli.models.MODULE` runs."""
    action: argparse.ArgumentParser = actions.add_parser(
        name, help=help_text, description=help_text, allow_abbrev=False
    )
    action.set_defaults(
        action_module=module, action={"list": "list_models", "import": "take"}.get(name, name)
    )
    action.add_argument(
        "--json", action="store_true", help=_("write for machines: JSON on stdout and stderr")
    )
    return action


def _add_acceptance(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--accept-licence",
        action="store_true",
        help=_("accept the terms of these models; without it they are shown, and asked for on a terminal"),
    )
