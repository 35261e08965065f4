"""The procedures and menu entries that GIMP 2.10 gets, generated from the filters' specification."""

import functools
import sys

import gimpfu

from softlight_gimp210 import commands, parameters, reading
from softlight_gimp210.refusals import Refusal
from softlight_gimp210.translation import _, pgettext, shown

MYPY = False
if MYPY:
    from typing import Any, Callable, List  # noqa: F401

MENU = "<Image>/Filters/Softlight"
AUTHOR, LICENCE, YEAR = "The Softlight developers", "Apache-2.0", "2026"
COLOURS = "RGB*, GRAY*"
"""Not INDEXED*: there the entries are insensitive."""

PICTURE = [
    (gimpfu.PF_IMAGE, "image", pgettext("label", "Image"), None),
    (gimpfu.PF_DRAWABLE, "drawable", pgettext("label", "Layer"), None),
]
EIGHT_BITS = _("It computes with 8 bits per channel, whatever the picture has.")
MODELS = _("See which models there are, and download, import, choose or remove one.")
RESULTS = [
    (gimpfu.PF_LAYER, "group", _("The group of new layers, or -1 when there was nothing to change")),
    (gimpfu.PF_STRING, "notes", _("Sentences for the user, or nothing")),
]


def register_all(folder):
    # type: (str) -> None
    """Register every procedure.

    Raises
    ------
    Refusal
        When the list of filters cannot be read.
    """
    for filter in parameters.read_filters(folder):
        register_filter(filter)
    _register(
        "rerun", _("Run the active Softlight group's filter again, after the picture below it was changed."),
        pgettext("menu", "Re-run (8 bit)"), [], RESULTS, commands.run_again,
    )  # fmt: skip
    _register(
        "new-brush-mask", _("Make a layer to paint on: a filter works where it is painted."),
        pgettext("menu", "New brush mask"), [], [(gimpfu.PF_LAYER, "layer", _("The new layer"))],
        commands.new_brush_mask,
    )  # fmt: skip
    gimpfu.register(
        "python-fu-softlight-models", MODELS, MODELS, AUTHOR, LICENCE, YEAR,
        pgettext("menu", "Models..."), "", [], [], commands.models, menu=MENU,
    )  # fmt: skip


def register_filter(filter):
    # type: (parameters.Filter) -> None
    """Register one filter, with a dialog of its parameters."""
    masks = tuple(label for _, label in reading.masks_for(filter.brush))
    choices = [
        (
            gimpfu.PF_OPTION,
            "input",
            pgettext("label", "Look at"),
            0,
            tuple(label for _, label in reading.INPUTS),
        ),
        (gimpfu.PF_OPTION, "mask", pgettext("label", "Work on"), 0, masks),
    ]
    described = [parameters.described(one) for one in filter.parameters]
    _register(
        filter.name.replace("_", "-"), "%s %s" % (filter.help, EIGHT_BITS),
        _("{filter} (8 bit)...").format(filter=filter.label), described + choices, RESULTS,
        functools.partial(commands.run_filter, filter),
    )  # fmt: skip


def _register(name, help, label, described, results, function):
    # type: (str, str, str, List[Any], List[Any], Callable[..., Any]) -> None
    gimpfu.register(
        "python-fu-softlight-" + name, help, help, AUTHOR, LICENCE, YEAR, label, COLOURS,
        PICTURE + described, results, function, menu=MENU,
    )  # fmt: skip


def main():
    # type: () -> None
    """Answer GIMP."""
    # A refusal was shown as a message already; its traceback is for nobody.
    hook = sys.excepthook
    sys.excepthook = lambda kind, *rest: None if issubclass(kind, gimpfu.CancelError) else hook(kind, *rest)
    # "Repeat Last" after a dialog was cancelled joins these to a tuple, and gimpfu breaks over its own list.
    defaults = gimpfu._get_defaults
    gimpfu._get_defaults = lambda proc_name: tuple(defaults(proc_name))
    try:
        register_all(commands.FOLDER)
    except Refusal as refusal:
        sys.exit("softlight: %s" % shown(str(refusal)))
    gimpfu.main()
