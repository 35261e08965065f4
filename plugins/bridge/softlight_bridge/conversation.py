"""One talk with the engine, about a job, faces or models, in a thread of its own.

The host's thread only waits for news and so can always call the progress callback, whatever the engine, the
disk or the system are doing; pixels are read and progress is told in that thread, because hosts want it so.
"""

from __future__ import annotations

import abc
import queue
import threading
import time
from typing import Any, Callable, NamedTuple

from softlight_bridge import faces, models, packing, places
from softlight_bridge.errors import BridgeError, EngineStopped, WireError
from softlight_bridge.launcher import reach
from softlight_bridge.messages import Box, Job, PixelFormat, Preview, Raster, Result
from softlight_bridge.wire import Line, LineLost

TICK = 0.1
"""Seconds between two calls of the progress callback when there is no news."""
LONGEST_SILENCE = 60.0
"""Seconds: a living engine says something every half second, unless the machine is swapping."""
LEAVING = 2.0
"""Seconds that the host waits for the talk to end once it was broken off."""


class _News(NamedTuple):
    done: float
    text: str


class _Question(NamedTuple):
    box: Box


class _Outcome(NamedTuple):
    value: Any
    error: BaseException | None


class Conversation(abc.ABC):
    """From reaching the engine to its answer; a subclass knows what is asked and what is answered.

    Parameters
    ----------
    command : tuple of str
        What starts the engine.
    host : str
        Who asks.
    packed
        The message to begin with.
    """

    kept = "nothing was changed, and the next run starts it again"
    """What an engine leaves behind that dies in the middle."""
    relief = "close other programs and try again"
    """What helps where memory is short."""

    def __init__(self, command: tuple[str, ...], host: str, packed: packing.Packed) -> None:
        self._command, self._host, self._packed = command, host, packed
        self._events: queue.Queue[_News | _Question | _Outcome] = queue.Queue()
        self._answers: queue.Queue[Raster] = queue.Queue()
        self._given_up = threading.Event()
        self._guard = threading.Lock()
        self._line: Line | None = None

    def hold(
        self,
        progress: Callable[[float, str], None],
        read_pixels: Callable[[Box], Raster] | None = None,
    ) -> Any:
        """Return the answer; what the callbacks raise ends the talk and comes through."""
        thread = threading.Thread(target=self._talk, name="softlight-job", daemon=True)
        thread.start()
        news = _News(0.0, "Starting the engine")
        try:
            while True:
                try:
                    event = self._events.get(timeout=TICK)
                except queue.Empty:
                    event = news
                if isinstance(event, _Question):
                    assert read_pixels is not None
                    self._answers.put(read_pixels(event.box))
                elif isinstance(event, _Outcome):
                    if event.error is not None:
                        raise event.error
                    return event.value
                else:
                    news = event
                progress(news.done, news.text)
        finally:
            # After a result there is nothing left to break off.
            end = time.monotonic() + LEAVING
            while thread.is_alive() and time.monotonic() < end:
                self._break_off()
                thread.join(0.05)

    def _break_off(self) -> None:
        self._given_up.set()
        with self._guard:
            if self._line is not None:
                self._line.abort()

    def _talk(self) -> None:
        try:
            line = reach(self._command, self._host, self._given_up)
            with self._guard:
                self._line = line
            try:
                if not self._given_up.is_set():
                    self._events.put(_Outcome(self._exchange(line), None))
            finally:
                line.close()
        except LineLost:
            self._events.put(_Outcome(None, stopped(self.kept)))
        except WireError as error:
            log = places.log_path()
            sentence = f"{error} Update Softlight and its plug-ins; the engine's log is '{log}'."
            self._events.put(_Outcome(None, BridgeError(sentence)))
        except MemoryError:
            sentence = f"There is not enough memory for this; {self.relief}."
            self._events.put(_Outcome(None, BridgeError(sentence)))
        except BaseException as error:
            self._events.put(_Outcome(None, error))

    def _exchange(self, line: Line) -> Any:
        """Say what is asked, and return what the engine answers."""
        self._send(line, self._packed)
        while True:
            header = self._next(line)
            if header.get("type") == "progress":
                self._events.put(_News(*packing.unpack_progress(header)))
            elif header.get("type") == "error":
                raise packing.unpack_error(header)
            else:
                found = self._hear(line, header)
                if found is not None:
                    return found

    @abc.abstractmethod
    def _hear(self, line: Line, header: dict[str, Any]) -> Any:
        """Return what an answer holds, or None after a message that was not the last."""

    def _send(self, line: Line, packed: packing.Packed) -> None:
        try:
            line.send(*packed)
        except LineLost:
            # An engine that refuses a job says why before it hangs up.
            if not self._given_up.is_set() and line.poll(0):
                header = line.receive_header()
                if header.get("type") == "error":
                    raise packing.unpack_error(header) from None
            raise

    def _next(self, line: Line) -> Any:
        end = time.monotonic() + LONGEST_SILENCE
        while not line.poll(1.0):
            if time.monotonic() > end:
                raise EngineStopped(
                    "Softlight's engine no longer answers; nothing was changed. End its process and try "
                    f"again; its log is '{places.log_path()}'."
                )
        return line.receive_header()


class PictureConversation(Conversation):
    """A talk in which the engine asks once for pixels of the photo.

    Parameters
    ----------
    command, host, packed
        As `Conversation`.
    picture_size : tuple of int
        Width and height of the canvas.
    form : PixelFormat
        Of the pixels.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        host: str,
        packed: packing.Packed,
        picture_size: tuple[int, int],
        form: PixelFormat,
    ) -> None:
        super().__init__(command, host, packed)
        self._picture_size, self._format = picture_size, form

    def _exchange(self, line: Line) -> Any:
        self._events.put(_News(0.0, "Sending the picture"))
        return super()._exchange(line)

    def _hear(self, line: Line, header: dict[str, Any]) -> Any:
        if header.get("type") == "need":
            box = packing.unpack_need(header, self._picture_size)
            self._events.put(_Question(box))
            self._send(line, packing.pack_pixels(self._pixels(box)))
            return None
        return self._answer(line, header)

    @abc.abstractmethod
    def _answer(self, line: Line, header: dict[str, Any]) -> Any:
        """Return what the last message holds."""

    def _pixels(self, box: Box) -> Raster:
        while not self._given_up.is_set():
            try:
                pixels = self._answers.get(timeout=TICK)
            except queue.Empty:
                continue
            if (pixels.width, pixels.height, pixels.format) != (box.width, box.height, self._format):
                raise ValueError("read_pixels returned another size or format than it was asked for")
            return pixels
        raise LineLost("The job was given up.")


class JobConversation(PictureConversation):
    """One job, whose answer is a `Result` or a `Preview`.

    Parameters
    ----------
    command, host
        As `Conversation`.
    job : Job
    size : tuple of int, optional
        For a preview: the largest width and height.
    """

    relief = "close other programs, or paint a smaller part"

    def __init__(
        self, command: tuple[str, ...], host: str, job: Job, size: tuple[int, int] | None = None
    ) -> None:
        # Packed here, so that a raster of the wrong length is the caller's exception and not the thread's.
        super().__init__(command, host, packing.pack_job(job, size), job.picture_size, job.format)
        self._job, self._size = job, size

    def _answer(self, line: Line, header: dict[str, Any]) -> Result | Preview:
        kind = header.get("type")
        if kind == "result" and self._size is None:
            return packing.unpack_result(line, header, self._job)
        if kind == "preview" and self._size is not None:
            return packing.unpack_preview(line, header, self._job, self._size)
        raise WireError("The engine sent an unknown kind of message.")


class FacesConversation(PictureConversation):
    """One look for faces, whose answer is a `FaceList`."""

    def __init__(self, command: tuple[str, ...], host: str, request: faces.FacesRequest) -> None:
        super().__init__(command, host, faces.pack_request(request), request.picture_size, request.format)
        self._request = request

    def _answer(self, line: Line, header: dict[str, Any]) -> faces.FaceList:
        if header.get("type") == "faces":
            return faces.unpack_faces(line, header, self._request)
        raise WireError("The engine sent an unknown kind of message.")


class ModelConversation(Conversation):
    """One action of the model store, whose answer is a `ModelList`."""

    kept = "what was downloaded so far is kept; try again, and it goes on there"

    def __init__(self, command: tuple[str, ...], host: str, action: models.ModelAction) -> None:
        super().__init__(command, host, models.pack_action(action))

    def _hear(self, line: Line, header: dict[str, Any]) -> models.ModelList:
        if header.get("type") == "models":
            return models.unpack_list(header)
        raise WireError("The engine sent an unknown kind of message.")


def stopped(kept: str = Conversation.kept) -> EngineStopped:
    """Return the error for an engine that died in the middle."""
    return EngineStopped(
        f"Softlight's engine stopped in the middle of the job; {kept}. Its log is '{places.log_path()}'."
    )
