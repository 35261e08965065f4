"""A call of the engine in a thread of its own, watched from Krita's.

The thread never touches an object of Krita's or Qt's: the two sides share a few plain values, and Krita's
side looks at them from its timer.

Python's garbage collector runs in whichever thread makes an object, and looks into Qt's objects while Krita
may be changing them in its own: that has crashed Krita 5.2. So it is off while such a thread lives.
"""

from __future__ import annotations

import gc
import threading
from typing import Callable, Generic, TypeVar

from softlight_bridge.client import Progress, ReadPixels
from softlight_bridge.errors import Cancelled
from softlight_bridge.messages import Box, Raster

Result = TypeVar("Result")

LOOK = 0.1
"""Seconds after which a thread that waits for pixels looks whether it was cancelled."""
LAST_BREATH = 1.0
"""Seconds that a thread which has its result is waited for at most; it takes some microseconds."""
THREAD = "softlight"


class EngineCall(Generic[Result]):
    """One call; it begins at once.

    Parameters
    ----------
    call : callable
        Takes `read_pixels` and `progress` and returns the result: `Engine.run` with its job.
    """

    def __init__(self, call: Callable[[ReadPixels, Progress], Result]) -> None:
        self._cancelled = threading.Event()
        self._answered = threading.Event()
        self._asked: Box | None = None
        self._pixels: Raster | None = None
        self._progress: tuple[float, str] = (0.0, "")
        self._outcome: Callable[[], Result] | None = None
        # Only the thread knows `call`, which knows who made this object: a circle would keep the pixels until
        # Python collects garbage (30 MB after 60 runs). A daemon, since Krita may quit meanwhile.
        self._thread = threading.Thread(target=self._work, args=(call,), name=THREAD, daemon=True)
        gc.disable()
        self._thread.start()

    @property
    def progress(self) -> tuple[float, str]:
        """Share that is done and what happens now."""
        return self._progress

    @property
    def wanted(self) -> Box | None:
        """The part of the photo that the thread waits for, or None."""
        return None if self._answered.is_set() else self._asked

    @property
    def finished(self) -> bool:
        return self._outcome is not None

    def give(self, pixels: Raster) -> None:
        """Answer `wanted`."""
        self._pixels = pixels
        self._answered.set()

    def cancel(self) -> None:
        """Ask the thread to end; it does within a fifth of a second, or when the engine speaks again."""
        self._cancelled.set()

    def join(self, seconds: float) -> None:
        """Wait for the thread's end."""
        self._thread.join(seconds)

    def close(self) -> None:
        """Cancel what still runs, and let Python collect garbage again unless a thread of ours lives."""
        self.cancel()
        if self.finished:
            self.join(LAST_BREATH)
        if not any(thread.name == THREAD for thread in threading.enumerate()):
            gc.enable()

    def result(self) -> Result:
        """Return what the call returned, or raise what it raised."""
        assert self._outcome is not None
        return self._outcome()

    def _work(self, call: Callable[[ReadPixels, Progress], Result]) -> None:
        try:
            value = call(self._read, self._tell)
            self._outcome = lambda: value
        except BaseException as error:
            failure = error  # `error` itself is gone after the clause

            def fail() -> Result:
                raise failure

            self._outcome = fail

    def _read(self, box: Box) -> Raster:
        self._asked = box
        while not self._answered.wait(LOOK):
            self._check()
        assert self._pixels is not None
        pixels, self._pixels = self._pixels, None
        return pixels

    def _tell(self, done: float, text: str) -> None:
        self._progress = (done, text)
        self._check()

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled()
