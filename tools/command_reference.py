"""Write the manual's page of all commands, from the command line's own options.

    python -m tools.command_reference > docs/command-line.md

`tests/docs/test_commands.py` sees that the page is what this prints.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from softlight.cli.options import build_parser

START = """\
# All commands

Made from the command line itself by `python -m tools.command_reference`; `softlight COMMAND --help` says
the same on your machine. In GIMP and Krita you need none of it.

`softlight --version` prints the version. Every command takes `--json`, which writes for machines: the
result as one object of JSON on stdout, and progress and errors as lines of JSON on stderr.

{exit_status}.
"""


LONGEST = 30
"""Letters of an option's values in the first column."""


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


def page() -> str:
    """Return the page as Markdown."""
    whole = build_parser()
    parts = [START.format(exit_status=sentence((whole.epilog or "").replace("\n", " ")))]
    for name, parser in commands(whole):
        parts.append(f"## softlight {name}\n\n{parser.description}\n" + "".join(usage(name, parser)))
        for action, inner in commands(parser):
            both = f"{name} {action}"
            parts.append(f"### softlight {both}\n\n{inner.description}\n" + "".join(usage(both, inner)))
    return "\n".join(parts)


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the commands of a parser, in the order in which they were made."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def usage(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield what is given to a command: its words, then a table of its options."""
    told = [one for one in parser._actions if not isinstance(one, SILENT) and one.dest != "json"]
    if any(isinstance(one, argparse._SubParsersAction) for one in told):
        return
    words = " ".join(shown(one) for one in told if not one.option_strings)
    yield f"\n`softlight {name} {words}".rstrip() + "`\n"
    if not told:
        return
    yield "\n| | |\n|---|---|\n"
    for one in told:
        needed = " (needed)" if one.option_strings and one.required else ""
        yield f"| `{spelt(one)}`{needed} | {explained(parser, one)} |\n"


SILENT = (argparse._HelpAction, argparse._VersionAction)


def shown(action: argparse.Action) -> str:
    """Return how a value is called in the usage."""
    value = str(action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper())
    return {"?": f"[{value}]", "*": f"[{value} …]", "+": f"{value} …"}.get(str(action.nargs), value)


def spelt(action: argparse.Action) -> str:
    """Return an option with its value, as it is typed."""
    if not action.option_strings:
        return escaped(shown(action))
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    return escaped(f"{names} {'…' if is_long(action) else shown(action)}")


def explained(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    """Return an option's help as a sentence, with the values that would make the first column too wide."""
    text = (action.help or "") % {**vars(action), "prog": parser.prog}
    values = f" One of {', '.join(shown(action).split('|'))}." if is_long(action) else ""
    return escaped(sentence(text) + values)


def is_long(action: argparse.Action) -> bool:
    """Return whether an option's values are too many for the first column."""
    return bool(action.option_strings) and action.nargs != 0 and len(shown(action)) > LONGEST


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def escaped(text: str) -> str:
    """Return a text for a cell of a table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
