"""The files of the catalogue: the template, one file for each language, and what programs read of them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tools.translation.sources import ROOT, Text

FOLDER = ROOT / "translations"
TEMPLATE = FOLDER / "softlight.pot"
COMPILED = ROOT / "plugins/bridge/softlight_bridge/locale"
DOMAIN = "softlight"
WIDTH = 110
PROJECT = {"project": "Softlight", "version": "0", "copyright_holder": "The Softlight developers"}
DATED = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Generated-By",
    "Report-Msgid-Bugs-To",
    "Last-Translator",
    "Language-Team",
)
"""Lines of a file's head that would change without a text."""


def catalogue(texts: Iterable[Text]) -> Catalog:
    """Return the template of these texts: each once, with all places that it is in."""
    template = Catalog(**PROJECT, header_comment=HEAD.format("Template of all texts."))
    for text in texts:
        message = (text.message, text.plural) if text.plural else text.message
        template.add(
            message, locations=[(text.place, None)], auto_comments=text.comments, context=text.context
        )
    for one in template:
        # Babel takes a place in braces for a format only where Python says so in another way.
        one.flags.discard("python-format")
        if one.python_brace_format:
            one.flags.add("python-brace-format")
    return template


HEAD = """\
# {}
# Made and renewed by `python -m tools.translation`; see translations/README.md."""


def written(catalog: Catalog) -> bytes:
    """Return a catalogue as text, without what changes from day to day."""
    file = io.BytesIO()
    write_po(file, catalog, width=WIDTH, sort_output=False, include_lineno=False, ignore_obsolete=True)
    lines = file.getvalue().decode("utf-8").splitlines(keepends=True)
    kept = (line for line in lines if not line.startswith(tuple(f'"{one}' for one in DATED)))
    return "".join(kept).encode("utf-8")


def read(path: Path) -> Catalog:
    """Return the catalogue in a file."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path == TEMPLATE else path.stem, domain=DOMAIN)


def languages() -> list[str]:
    """Return the languages that there is a file of: "de", "zh_CN"."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))


def renewed(language: str, template: Catalog) -> Catalog:
    """Return a language's catalogue with exactly the texts of the template.

    What is new is empty, and what changed is marked as fuzzy.
    """
    path = FOLDER / f"{language}.po"
    if path.exists():
        found = read(path)
        found.update(template, no_fuzzy_matching=False, keep_user_comments=True)
        found.obsolete.clear()
    else:
        found = Catalog(locale=language, **PROJECT)
        found.update(template)
        found.fuzzy = False
    found.header_comment = HEAD.format(f"{found.locale.english_name if found.locale else language}.")
    return found


def compiled(language: str) -> bytes:
    """Return what programs read: the same bytes for the same texts."""
    file, made = io.BytesIO(), _Undated(locale=language, fuzzy=False)
    for message in read(FOLDER / f"{language}.po"):
        # Babel would write an empty plural, which would be shown.
        if message.id and all([message.string] if isinstance(message.string, str) else message.string):
            made[message.id] = message
    write_mo(file, made)
    return file.getvalue()


class _Undated(Catalog):
    """A catalogue whose head changes with none but its texts."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [(name, value) for name, value in super().mime_headers if name not in DATED]


def compiled_path(language: str) -> Path:
    """Return where programs look for a language."""
    return COMPILED / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
