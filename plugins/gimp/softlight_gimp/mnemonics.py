"""Letters to reach a widget with Alt, each used once in a dialog."""

from __future__ import annotations

from string import ascii_lowercase

DIALOG_LETTERS = "rcluspo"
"""Mnemonics of the buttons: Reset, Cancel, Load, rUn, Save, Preview, and OK."""


def with_mnemonics(labels: list[str]) -> list[str]:
    """Mark in each label a letter that no other one and no button of the dialog has.

    A label in signs that no key reaches gets a letter behind it, as is usual in Japanese and Chinese.
    """
    taken, marked = set(DIALOG_LETTERS), []
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


def _key(letter: str) -> bool:
    """Whether a keyboard of Latin letters, such as é or ß, has a key for it."""
    return letter.isalpha() and letter < "\u0250"
