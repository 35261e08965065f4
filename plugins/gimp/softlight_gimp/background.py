"""Work beside the user interface: a thread for the engine, while everything of GIMP stays in the main one.

GIMP's API and GTK belong to the main thread. What the work needs of them is handed over to it, and what it
tells (progress, its end) arrives there too.

So does Python's garbage collector: left alone, it runs in whichever thread makes an object, and would look
into GTK's objects, or end them, while the main thread is at work on them (Krita was seen to crash so).
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from gi.repository import GLib

from softlight_bridge.client import Progress
from softlight_bridge.errors import Cancelled

T = TypeVar("T")


class Work(Generic[T]):
    """A call that runs in a thread of its own, from the moment it is made.

    Parameters
    ----------
    call : callable
        Takes a `Progress` and, for what only the main thread may do, a function that does a call there and
        returns what it returns.
    on_progress : callable
        Told the share that is done and what happens, in the main thread.
    on_end : callable
        Told the result, or the exception, in the main thread; not when the work was dropped.
    """

    def __init__(
        self,
        call: Callable[[Progress, Callable[[Callable[[], Any]], Any]], T],
        on_progress: Progress,
        on_end: Callable[[T | None, Exception | None], None],
    ) -> None:
        self._call, self._on_progress, self._on_end = call, on_progress, on_end
        self._cancelled = threading.Event()
        self._dropped = False
        self._told: tuple[float, str] | None = None
        self._thread = threading.Thread(target=self._run, name="softlight", daemon=True)
        gc.disable()
        self._thread.start()

    def cancel(self) -> None:
        """Stop as soon as the engine can; `on_end` is then told `Cancelled`."""
        self._cancelled.set()

    def drop(self) -> None:
        """Stop, and tell nothing any more."""
        self._dropped = True
        self._cancelled.set()

    def _run(self) -> None:
        result: T | None = None
        problem: Exception | None = None
        try:
            result = self._call(self._progress, self._in_main_thread)
        except Exception as error:
            problem = error
        GLib.idle_add(self._end, result, problem)

    def _end(self, result: T | None, problem: Exception | None) -> bool:
        if not self._dropped:
            self._on_end(result, problem)
        gc.collect()
        return GLib.SOURCE_REMOVE

    def _progress(self, done: float, text: str) -> None:
        if self._cancelled.is_set():
            raise Cancelled()
        # One message at a time: the newest replaces one that the main thread has not come to yet.
        waiting, self._told = self._told, (done, text)
        if waiting is None:
            GLib.idle_add(self._tell)

    def _tell(self) -> bool:
        told, self._told = self._told, None
        if told is not None and not self._dropped and not self._cancelled.is_set():
            self._on_progress(*told)
        return GLib.SOURCE_REMOVE

    def _in_main_thread(self, call: Callable[[], Any]) -> Any:
        done = threading.Event()
        outcome: list[Any] = [None, None]

        def perform() -> bool:
            if not self._cancelled.is_set():
                try:
                    outcome[0] = call()
                except Exception as error:
                    outcome[1] = error
            done.set()
            return GLib.SOURCE_REMOVE

        GLib.idle_add(perform)
        done.wait()
        if self._cancelled.is_set():
            raise Cancelled()
        if outcome[1] is not None:
            raise outcome[1]
        return outcome[0]
