"""The user's language: labels by gettext, and sentences that were made in English elsewhere.

Labels are marked where they stand, as usual: `_`, `ngettext`, and `pgettext`, whose context says where a
short word is shown. Sentences that others make (errors, notes, progress) stay English until they are shown:
one engine serves hosts of several languages, keeps results with their notes, and its log and JSON are for
machines. So the catalogue has their templates, ``'{path}' is damaged; remove it.``, and `shown` finds the one
that a sentence was made from. What none fits stays as it is.
"""

from __future__ import annotations

import functools
import gettext
import locale
import os
import re
from typing import Any, Iterable, NamedTuple

DOMAIN = "softlight"
LOCALES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where the wish of a user is looked for, as gettext does; the first that is set counts."""
_CONTEXT_END = "\x04"
_PLACE = re.compile(r"\{(\w+)\}")
_LETTER = re.compile(r"[^\W\d_]")
LEAST = 4
"""Letters of its own that a template needs: "{done} of {total}" would fit too much."""
_NUMBERED = re.compile(r"(.+) ([0-9]+)")


class _Template(NamedTuple):
    """A sentence with places for values, and its translation."""

    pattern: re.Pattern[str]
    quoted: frozenset[str]
    """The places that stand in quotes: names of files and layers, which are nobody's to translate."""
    translation: str


class _Catalogue:
    """The texts in one language."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.texts = gettext.translation(DOMAIN, LOCALES, languages or ("en",), fallback=True)

    @functools.cached_property
    def _messages(self) -> list[tuple[str, str]]:
        # gettext has no public way to list what a catalogue holds; this one has been there since Python 2.
        entries = vars(self.texts).get("_catalog", {}).items()
        return [(message, text) for message, text in entries if isinstance(message, str) and message]

    @functools.cached_property
    def _whole(self) -> dict[str, str]:
        """Texts without values; what is a label as well as a sentence is found as the sentence."""
        labels = sorted(one for one in self._messages if _CONTEXT_END in one[0])
        sentences = [one for one in self._messages if _CONTEXT_END not in one[0]]
        return {message.rpartition(_CONTEXT_END)[2]: text for message, text in [*labels, *sentences]}

    @functools.cached_property
    def _templates(self) -> list[_Template]:
        """Sentences with places for values: the more words of its own one has, the earlier it is tried."""
        bare = {message: _PLACE.sub("", message) for message, _ in self._messages}
        fit = [
            (-len(bare[message]), message, text)
            for message, text in self._messages
            if _CONTEXT_END not in message
            and bare[message] != message
            and len(_LETTER.findall(bare[message])) >= LEAST
        ]
        return [_template(message, text) for _, message, text in sorted(fit)]

    def shown(self, sentence: str) -> str:
        """Return a sentence in this language; English as it came, where the catalogue does not know it."""
        if not self._messages or not sentence:
            return sentence
        if sentence in self._whole:
            return self._whole[sentence]
        for template in self._templates:
            found = template.pattern.fullmatch(sentence)
            if found is not None:
                values = {
                    name: value if name in template.quoted else self.shown(value)
                    for name, value in found.groupdict().items()
                }
                return template.translation.format(**values)
        return self._pieces(sentence)

    def _pieces(self, text: str) -> str:
        """Return the name of a layer, "Edit attributes: Smile 2", or a progress, "lama.onnx: unpacking …"."""
        numbered = _NUMBERED.fullmatch(text)
        if numbered is not None:
            return f"{self.shown(numbered.group(1))} {numbered.group(2)}"
        before, colon, after = text.partition(": ")
        return f"{self._whole.get(before, before)}: {self.shown(after)}" if colon else text


def _template(message: str, translation: str) -> _Template:
    pattern, names = "", set()
    for number, piece in enumerate(_PLACE.split(message)):
        if number % 2 == 0:
            pattern += re.escape(piece.replace("{{", "{").replace("}}", "}"))
        else:
            pattern += f"(?P={piece})" if piece in names else f"(?P<{piece}>.+?)"
            names.add(piece)
    quoted = frozenset(name for name in names if f"'{{{name}}}'" in message or f'"{{{name}}}"' in message)
    return _Template(re.compile(pattern, re.DOTALL), quoted, translation)


_catalogue = functools.lru_cache(maxsize=4)(_Catalogue)
_spoken: list[str] = []
"""The language of this process, the only state; gettext itself keeps one in `gettext.textdomain`."""


def speak(languages: Iterable[str]) -> None:
    """Use the first of these languages that there is; without any, English.

    Parameters
    ----------
    languages : iterable of str
        Such as "de_AT" or "zh_CN.UTF-8", the most wanted first.
    """
    _spoken[:] = _wanted(languages)


def _wanted(languages: Iterable[str]) -> list[str]:
    """Return names of locales up to the first English one: what needs no catalogue is not passed over."""
    found = []
    for language in languages:
        name = language.partition(".")[0].partition("@")[0].replace("-", "_")
        if name in ("C", "POSIX") or name.partition("_")[0] == "en":
            break
        if name:
            found.append(_CHINESE.get(name, name))
    return found


_CHINESE = {"zh": "zh_CN", "zh_SG": "zh_CN", "zh_Hans": "zh_CN", "zh_Hans_CN": "zh_CN", "zh_Hans_SG": "zh_CN"}
"""Other names of what is written in simplified characters."""


def of_environment() -> list[str]:
    """Return the languages that the user wants of programs in general.

    They are what gettext's variables say; on Windows, where they are rarely set, those of the user interface.
    """
    # POSIX: a locale "C" says that nothing is to be translated, whatever LANGUAGE says.
    general = next((os.environ[name] for name in VARIABLES[1:] if os.environ.get(name)), "")
    if general in ("C", "POSIX"):
        return []
    for name in VARIABLES:
        if os.environ.get(name):
            return os.environ[name].split(":")
    return _of_windows() if os.name == "nt" else []


def _of_windows() -> list[str]:
    import ctypes

    library: Any = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009  (it exists on Windows only)
    name = locale.windows_locale.get(library.GetUserDefaultUILanguage())
    return [name] if name else []


def _(message: str) -> str:
    """Return a text in the language of this process."""
    return _current().texts.gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return a text that depends on how many there are."""
    return _current().texts.ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return a short text; the context says where it is shown, and tells it from the same word elsewhere."""
    return _current().texts.pgettext(context, message)


def shown(sentence: str) -> str:
    """Return a sentence that was made in English in the language of this process."""
    return _current().shown(sentence)


def _current() -> _Catalogue:
    return _catalogue(tuple(_spoken))
