"""Letters to reach a widget with Alt, each used once in a dialog."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase

DIALOG_LETTERS = "rclso"
"""Mnemonics of GIMP's own buttons, in English: Reset, Cancel, Load, Save, and OK."""
BUTTONS = "R_un", "_Preview"
"""Our own buttons, in English."""


def with_mnemonics(labels: list[str], buttons: Iterable[str] = BUTTONS) -> list[str]:
    """Mark in each label a letter that no other one and no button of the dialog has.

    A label in signs that no key reaches gets a letter behind it, as is usual in Japanese and Chinese.
    """
    own = {button.partition("_")[2][:1].lower() for button in buttons}
    taken, marked = {*DIALOG_LETTERS, *own}, []
    for label in labels:
        free = [place for place, letter in enumerate(label) if _key(letter) and letter.lower() not in taken]
        if free:
            taken.add(label[free[0]].lower())
            label = f"{label[: free[0]]}_{label[free[0] :]}"
        elif not any(map(_key, label)):
            letter = next((letter for letter in ascii_lowercase if letter not in taken), "")
            taken.add(letter)
            label += f"(_{letter.upper()})" if letter else ""
        marked.append(label)
    return marked


def in_menu(label: str) -> str:
    """Let a menu's entry be reached with its first letter, where keyboards have a key for it."""
    return f"_{label}" if _key(label[0]) else label


def _key(letter: str) -> bool:
    """Whether a keyboard of Latin letters, such as é or ß, has a key for it."""
    return letter.isalpha() and letter < "\u0250"
