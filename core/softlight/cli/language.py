"""Which language the command line speaks: the user's with people, English with machines."""

from __future__ import annotations

import gettext
import os

from softlight_bridge import translation


def speak(machine: bool) -> None:
    """Choose the language of this process; `machine` says that a program reads what is said.

    argparse has words of its own ("usage"), which it asks gettext for: our catalogue has them too.
    """
    languages = [] if machine else translation.of_environment()
    translation.speak(languages)
    if languages:
        os.environ["LANGUAGE"] = ":".join(languages)
    gettext.bindtextdomain(translation.DOMAIN, translation.LOCALES)
    gettext.textdomain(translation.DOMAIN if languages else "messages")
