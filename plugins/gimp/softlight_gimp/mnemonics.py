"""Letters to reach a widget with Alt, each used once in a dialog."""

from __future__ import annotations

DIALOG_LETTERS = "rcluspo"
"""Mnemonics of the buttons: Reset, Cancel, Load, rUn, Save, Preview, and OK."""


def with_mnemonics(labels: list[str]) -> list[str]:
    """Mark in each label a letter that no other one and no button of the dialog has."""
    taken, marked = set(DIALOG_LETTERS), []
    for label in labels:
        free = [
            place for place, letter in enumerate(label) if letter.isalpha() and letter.lower() not in taken
        ]
        if free:
            taken.add(label[free[0]].lower())
            label = f"{label[: free[0]]}_{label[free[0] :]}"
        marked.append(label)
    return marked
