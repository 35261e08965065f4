"""The user's language, as `softlight_bridge.translation` has it for the other hosts: the same catalogue.

Labels are marked where they stand; sentences are English until `shown` finds the template that each was made
from. GIMP tells its plug-ins its own language in LANGUAGE.
"""

import gettext
import os
import re

from softlight_gimp210.texts import for_gimp

MYPY = False
if MYPY:
    from typing import Any, Dict, List, Tuple  # noqa: F401

LOCALES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
CONTEXT_END = "\x04"
PLACE = re.compile(r"\{(\w+)\}")
LEAST = 4
"""Letters of its own that a template needs, else it would fit too much."""


def _languages():
    # type: () -> List[str]
    """Return the wanted languages up to the first that needs no catalogue."""
    found = []
    said = [os.environ.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    for language in next((one for one in said if one), "").split(":"):
        name = language.split(".")[0].split("@")[0]
        if name in ("C", "POSIX") or name.split("_")[0] == "en":
            break
        if name:
            found.append({"zh": "zh_CN", "zh_SG": "zh_CN"}.get(name, name))
    return found or ["en"]


TEXTS = gettext.translation("softlight", LOCALES, _languages(), fallback=True)  # type: Any
"""The catalogue; GIMP starts this plug-in anew for each call, so that it never changes."""


def _translated(message):
    # type: (Any) -> Any
    text = message.decode("utf-8") if isinstance(message, bytes) else message
    return getattr(TEXTS, "ugettext", TEXTS.gettext)(text)


def _(message):
    # type: (str) -> str
    """Return a text in the user's language."""
    return for_gimp(_translated(message))


def pgettext(context, message):
    # type: (str, str) -> str
    """Return a short text; the context says where it is shown."""
    found = _translated(context + "\x04" + message)
    return message if CONTEXT_END in found else for_gimp(found)


def _templates():
    # type: () -> Tuple[Dict[Any, Any], List[Tuple[Any, Any, Any]]]
    """Return texts without places for values, and those with: pattern, message, translation."""
    whole = {}  # type: Dict[Any, Any]
    found = []
    # gettext has no public way to list what a catalogue holds.
    for message, translation in vars(TEXTS).get("_catalog", {}).items():
        if isinstance(message, tuple) or not message:
            continue
        label = CONTEXT_END in message
        message = message.split(CONTEXT_END)[-1]
        if not PLACE.search(message):
            whole.setdefault(message, translation)
            continue
        if label or len(re.findall(r"[A-Za-z]", PLACE.sub("", message))) < LEAST:
            continue
        pattern, names = "", set()
        for number, piece in enumerate(PLACE.split(message)):
            if number % 2 == 0:
                pattern += re.escape(piece)
            else:
                pattern += ("(?P=%s)" if piece in names else "(?P<%s>.+?)") % piece
                names.add(piece)
        found.append((re.compile(pattern + "$", re.DOTALL | re.UNICODE), message, translation))
    return whole, sorted(found, key=lambda one: (-len(PLACE.sub("", one[1])), one[1]))


WHOLE, TEMPLATES = _templates()


def shown(sentence):
    # type: (Any) -> str
    """Return a sentence that was made in English; as it came, where the catalogue does not know it."""
    text = sentence.decode("utf-8", "replace") if isinstance(sentence, bytes) else sentence
    return for_gimp(_shown(text))


def _shown(text):
    # type: (Any) -> Any
    if not WHOLE or text in WHOLE:
        return WHOLE.get(text, text)
    for pattern, message, translation in TEMPLATES:
        found = pattern.match(text)
        if found is not None:
            values = {}
            for name, value in found.groupdict().items():
                # What stands in quotes is the name of a file or a layer.
                values[name] = value if "'{%s}'" % name in message else _shown(value)
            return translation.format(**values)
    words, _space, number = text.rpartition(" ")
    if words and number.isdigit():
        return "%s %s" % (_shown(words), number)
    before, colon, after = text.partition(": ")
    return "%s: %s" % (WHOLE.get(before, before), _shown(after)) if colon else text
