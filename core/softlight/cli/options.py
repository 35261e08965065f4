"""The command line's options; those of a filter are generated from its specification."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

import softlight
from softlight.cli.models.options import add_actions
from softlight.errors import SoftlightError
from softlight.filters.registry import specifications
from softlight.filters.specification import ALL_FACES, FilterSpec, Parameter
from softlight_bridge.translation import _, pgettext

PROVIDERS = ("auto", "cpu", "cuda", "directml")


class UsageError(SoftlightError):
    """The arguments do not fit."""

    exit_code = 2


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence instead of a page."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        sentence = message[:1].upper() + message[1:]
        raise UsageError(f"{sentence}; '{self.prog} --help' shows what there is.")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="softlight",
        description=_("Retouch portraits offline, and get layers instead of a changed photo."),
        epilog=_(
            "exit status: 0 done, 2 wrong arguments, 3 a picture, 4 the mask, 5 a model, 6 not enough "
            "memory,\n7 a plug-in, 8 some pictures of a batch, 70 a fault of Softlight's own, 130 Ctrl-C, "
            "143 terminated;\nnothing half-written is ever left behind"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"softlight {softlight.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    for spec in specifications():
        _add_filter(commands, spec)

    _add_faces(commands)
    _add_batch(commands)
    _add_degrade(commands)

    demo = _add_command(commands, "demo", "demo", _("Remove wrinkles from the two sample portraits."))
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("softlight-demo"),
        metavar="FOLDER",
        help=_("where the pictures go (default: %(default)s)"),
    )
    _add_provider(demo)

    doctor = _add_command(
        commands, "doctor", "doctor", _("Show what Softlight runs on, and whether it works.")
    )
    doctor.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help=_(
            "try every installed model on every device, and write a file for a bug report, "
            "without names or paths of yours"
        ),
    )
    _add_provider(doctor)

    plugins = _add_command(
        commands,
        "plugins",
        "plugins",
        _("Put Softlight into GIMP and Krita, take it out, or find out why not."),
    )
    plugins.add_argument(
        "action",
        choices=("install", "uninstall", "status", "pack"),
        help=_(
            "install into every version found for this user; uninstall leaves nothing of it; "
            "status says why Softlight would not appear; pack writes the plug-ins as zip files, for Krita's "
            "importer and for unpacking into GIMP's folder of plug-ins"
        ),
    )
    plugins.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help=_("where pack writes the zip files (default: here)"),
    )
    plugins.add_argument("--gimp", action="store_true", help=_("only GIMP"))
    plugins.add_argument("--krita", action="store_true", help=_("only Krita"))

    models = commands.add_parser(
        "models", help=_("Show, download, import, choose, check and remove models."), allow_abbrev=False
    )
    models.set_defaults(module="models")
    add_actions(models)
    return parser


def _add_filter(commands: Any, spec: FilterSpec) -> None:
    """Add the command of a filter, whichever it is."""
    command = _add_command(commands, spec.name.replace("_", "-"), "run_filter", _(spec.help))
    command.set_defaults(filter=spec.name)
    _add_photo(command)
    needed = spec.brush == "needed"
    command.add_argument(
        "--mask",
        type=Path,
        required=needed,
        metavar="MASK",
        help=_("a grey picture of the photo's size, white where the brush painted")
        if needed
        else _(
            "a grey picture of the photo's size, white where the brush painted; left out, whole faces are "
            "worked on"
        ),
    )
    if spec.view is not None:
        command.add_argument(
            "--view",
            type=Path,
            metavar="MAP",
            help=_(
                "where a picture of this over the photo goes: {view}; such as map.png; with it, -o may be "
                "left out, and nothing is changed then"
            ).format(view=pgettext("choice", spec.view)),
        )
    command.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="OUT",
        help=_(
            "where the result goes: .ora for layers, .layers for a folder of layers that scripts can read, "
            "or .png, .jpg, .tif, .webp for a flat picture of the photo's depth and profile; "
            "an existing file is replaced"
        ),
    )
    add_filter_options(command, spec)
    _add_provider(command)


def _add_faces(commands: Any) -> None:
    faces = _add_command(
        commands, "faces", "faces", _("Find the faces of a photo, their points and regions.")
    )
    _add_photo(faces)
    faces.add_argument(
        "--overlay",
        type=Path,
        metavar="OUT",
        help=_("where a copy of the photo goes with the faces drawn into it: .png, .jpg, .tif or .webp"),
    )
    _add_provider(faces)


def _add_batch(commands: Any) -> None:
    batch = _add_command(
        commands,
        "batch",
        "batch",
        _("Run a recipe of filters on all pictures of a folder; what is done already is not done again."),
    )
    batch.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help=_("the pictures, also those in folders in it: PNG, JPEG, TIFF, WebP"),
    )
    batch.add_argument(
        "--recipe",
        type=Path,
        required=True,
        metavar="RECIPE.toml",
        help=_("which filters, with which settings, and what comes out"),
    )
    batch.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help=_("where the results go"),
    )
    batch.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help=_(
            "share the work among the workers of a Dask scheduler, such as tcp://studio:8786; all of them "
            "must see the folders under these names"
        ),
    )
    _add_provider(batch)


def _add_degrade(commands: Any) -> None:
    degrade = _add_command(
        commands, "degrade", "degrade", _("Make a photo as bad as wanted, to try Face restore on it.")
    )
    _add_photo(degrade)
    degrade.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="OUT",
        help=_("where the result goes, of the photo's depth: .png, .jpg, .tif or .webp"),
    )
    degrade.add_argument(
        "--level",
        type=int,
        choices=range(5),
        default=2,
        help=_(
            "how bad: 0 changes nothing, 1 is slightly soft, 4 leaves faces of 13 px (default: %(default)s)"
        ),
    )
    degrade.add_argument(
        "--seed",
        type=_whole,
        default=0,
        metavar="N",
        help=_("the same number gives the same noise (default: 0)"),
    )
    degrade.add_argument(
        "--face-size",
        type=_positive,
        default=120.0,
        metavar="PX",
        help=_("distance between the eyes of the faces in the photo (default: 120)"),
    )


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e5:
        raise argparse.ArgumentTypeError(f"{text} is not a length in px")
    return number


def add_filter_options(parser: argparse.ArgumentParser, spec: FilterSpec) -> None:
    """Add one option per parameter of `spec`; what is not given stays out of the parsed options."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for parameter in spec.parameters:
        title = pgettext("menu", spec.label)
        if parameter.group:
            heading = pgettext("heading", parameter.group)
            title = _("{filter}: {group}").format(filter=title, group=heading)
        group = groups.get(title) or groups.setdefault(title, parser.add_argument_group(title))
        described = _(parameter.help).replace("%", "%%")
        common: dict[str, Any] = {"dest": _destination(spec, parameter), "default": argparse.SUPPRESS}
        option = "--" + parameter.name.replace("_", "-")
        if parameter.kind == "flag":
            group.add_argument(option, action=argparse.BooleanOptionalAction, help=described, **common)
        else:
            told = _("Default: {value}.").format(value=_text_of_default(parameter))
            described = f"{described} {told}"
            group.add_argument(option, metavar=_metavar(parameter), help=described, **common)


def filter_arguments(options: argparse.Namespace, spec: FilterSpec) -> dict[str, object]:
    """Return the given options of `spec` as plain values, still unchecked.

    The specification checks them, so that a wrong value gets the same sentence here as in GIMP and Krita.
    """
    arguments: dict[str, object] = {}
    for parameter in spec.parameters:
        given = vars(options).get(_destination(spec, parameter))
        if given is None:
            continue
        arguments[parameter.name] = _number(given, parameter) if parameter.kind == "number" else given
    return arguments


def _number(text: str, parameter: Parameter) -> float | str | None:
    if parameter.optional and text == "auto":
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _destination(spec: FilterSpec, parameter: Parameter) -> str:
    return f"{spec.name}_{parameter.name}"


def _metavar(parameter: Parameter) -> str:
    if parameter.kind == "choice":
        return "|".join(choice.value for choice in parameter.choices)
    if parameter.kind == "faces":
        return f"{ALL_FACES}|1,3"
    if parameter.unit:
        return parameter.unit.upper()
    return f"{parameter.minimum:g}..{parameter.maximum:g}"


def _text_of_default(parameter: Parameter) -> str:
    if parameter.optional:
        return "auto"
    return f"{parameter.default:g}" if isinstance(parameter.default, float) else str(parameter.default)


def _add_command(commands: Any, name: str, module: str, help_text: str) -> argparse.ArgumentParser:
    """Add a command that `softlight.cli.MODULE` runs."""
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=help_text, allow_abbrev=False
    )
    command.set_defaults(module=module)
    command.add_argument(
        "--json", action="store_true", help=_("write for machines: JSON on stdout and stderr")
    )
    return command


def _add_photo(command: argparse.ArgumentParser) -> None:
    command.add_argument("photo", type=Path, metavar="PHOTO", help=_("PNG, JPEG, TIFF or WebP"))


def _add_provider(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--provider",
        choices=PROVIDERS,
        default="auto",
        help=_("what computes; auto takes the fastest that agrees with the processor (default: %(default)s)"),
    )
