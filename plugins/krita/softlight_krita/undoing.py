"""One undo for Re-run and Bake, although Krita's scripts cannot join the two changes that they make.

Krita keeps the removal of the old group and the addition of the new one as steps of their own, between which
the picture has neither. So whoever undoes the addition, or does the removal again, has the other half done
as well.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from krita import Document, Krita

from softlight_krita.nodes import identity, idle, is_open, walk
from softlight_krita.qt import QtCore

LOOK, QUICK = 400, 20
"""Milliseconds between two looks at which groups there are, while there is something to look for; and when
the user has just undone something."""
MOST = 32
"""Replacements that are remembered: further back hardly anybody undoes."""


class Replacement(NamedTuple):
    """A group whose place another one, or a baked layer, has taken; ids of nodes."""

    root: str
    old: str
    new: str


class Undoing(QtCore.QObject):
    """Takes the second step after the first one, in one window.

    Parameters
    ----------
    parent : QObject
    """

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        self._known: list[Replacement] = []
        self._there: set[str] = set()
        self._asked: Any = None
        self._actions: list[Any] = []
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)

    def remember(self, document: Document, old: str, new: str) -> None:
        """Treat as one step that the node `new` was put into the place of `old`."""
        if not self._actions:
            # Not before: a docker is made earlier than its window's actions.
            self._actions = [Krita.instance().action(name) for name in ("edit_undo", "edit_redo")]
            for action in self._actions:
                action.triggered.connect(lambda _=False, action=action: self._ask(action))
        self._known = [*self._known, Replacement(identity(document.rootNode()), old, new)][-MOST:]
        self._there = _nodes(document)
        self._timer.start()

    def _ask(self, action: Any) -> None:
        """The user undoes something, or does it again: Krita may still be at it."""
        self._asked = action
        self._timer.setInterval(QUICK)

    def _look(self) -> None:
        document = Krita.instance().activeDocument()
        if document is None or not is_open(document) or not idle(document):
            return
        before, self._there = self._there, _nodes(document)
        action, self._asked = self._asked, None
        self._timer.setInterval(LOOK)
        here = [one for one in self._known if one.root == identity(document.rootNode())]
        if action is not None and any(self._half(one, before, action) for one in here):
            # Krita drops an undo while it cannot lock the picture: then the next look finds the half again.
            self._there = before
            action.trigger()
        elif action is None and not self._actions[1].isEnabled():
            # Nothing can be done again: what is not there now was undone for good.
            self._known = [one for one in self._known if one not in here or one.new in self._there]
            if not self._known:
                self._timer.stop()

    def _half(self, one: Replacement, before: set[str], action: Any) -> bool:
        """Whether there was one of the two before this action, and neither now."""
        gone = one.new if action is self._actions[0] else one.old
        other = one.old if action is self._actions[0] else one.new
        return gone in before and other not in before and not {gone, other} & self._there


def _nodes(document: Document) -> set[str]:
    return {identity(node) for node in walk(document.rootNode())}
