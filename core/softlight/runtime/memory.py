"""The last few things that were found by networks, so that nobody has to look for them twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

KEPT, MORE = 8, 16
"""A photo whole, its crops around two strokes, and some photos before; a face of 478 points takes 12 kB. And
what was found beside: a parsing takes 4 MB, the wear of skin 3, what LivePortrait sees of a face 12."""

Found = TypeVar("Found")


class Memory:
    """Keeps what was found last, by a key that says of what; for small things only. Safe from any thread.

    A dialog looks for faces, then shows a preview of them with and without wrinkles, then runs the filter:
    the photo is analysed once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Any] = OrderedDict()
        # By identity, with the thing itself: while it is held, no other can have its number.
        self._more: OrderedDict[tuple[int, str], tuple[object, Any]] = OrderedDict()

    def recall(self, key: bytes, find: Callable[[], Found]) -> Found:
        """Return what was found for this key before, or what `find` finds now.

        Parameters
        ----------
        key : bytes
            A digest of all that decides what is found: of the pixels and of the models.
        find : callable
            What it raises comes through, and nothing is kept then.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                known: Found = self._kept[key]
                return known
        found = find()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def beside(self, known: object, what: str, find: Callable[[], Found]) -> Found:
        """Return what else was found of something that `recall` returned, or what `find` finds now.

        Parameters
        ----------
        known : object
            The very object: when its photo is looked through anew, this is found anew as well.
        what : str
            Tells it from what else was found of the same.
        find : callable
            What it raises comes through, and nothing is kept then.
        """
        key = id(known), what
        with self._lock:
            if key in self._more:
                self._more.move_to_end(key)
                more: Found = self._more[key][1]
                return more
        found = find()
        with self._lock:
            self._more[key] = known, found
            while len(self._more) > MORE:
                self._more.popitem(last=False)
        return found
