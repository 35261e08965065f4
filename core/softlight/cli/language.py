"""Which language the command line speaks: the user's with people, English with machines."""

from __future__ import annotations

import gettext
import os
import sys

from softlight_bridge import translation


def speak(machine: bool) -> None:
    """Choose the language of this process; `machine` says that a program reads what is said.

    argparse has words of its own ("usage"), which it asks gettext for: our catalogue has them too.
    """
    _show_what_cannot_be_spelt()
    languages = [] if machine else translation.of_environment()
    translation.speak(languages)
    if languages and not _can_be_spelt(translation._("show this help message and exit")):
        languages = []
        translation.speak(languages)
    if languages:
        os.environ["LANGUAGE"] = ":".join(languages)
    gettext.bindtextdomain(translation.DOMAIN, translation.LOCALES)
    gettext.textdomain(translation.DOMAIN if languages else "messages")


def _show_what_cannot_be_spelt() -> None:
    """Write numbers for signs that a legacy code page lacks, rather than fail after the work is done."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _can_be_spelt(words: str) -> bool:
    """Whether the code page of whatever listens knows these signs: Japanese in one of Europe is no text."""
    try:
        for stream in (sys.stdout, sys.stderr):
            words.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
