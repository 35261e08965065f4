"""What the plug-in says instead of working: one sentence with cause and remedy."""

from __future__ import annotations


class Refusal(Exception):
    """The picture is not in a state to be worked on; `str()` is the sentence for the user."""


class NothingMarked(Refusal):
    """What shall say where to work is missing or empty."""


class WrongArgument(Refusal):
    """A script called a procedure with values that it does not take."""
