"""One request for a file, read by a thread of its own so that the caller can leave at any moment."""

from __future__ import annotations

import contextlib
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from softlight_models.faults import BY_HAND, Changed, Fault, host_of, of_error, of_status, silent, too_slow
from softlight_models.network import NetworkRules, ask, new_session, proxy_for

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 20
"""Read at most this much at once. Of 16 kB to 1 MB, 512 kB and more were the fastest: 1 GB in 1.4 s, not
2.0."""
WAITING = 4
"""Chunks between the two threads of a download: at most 4 MB, whatever the file."""
COMPRESSED_CHUNK = 1 << 14
"""gzip grows by 1000 at most, so a bomb gets 16 MB of memory before it is found out."""
BLINK = 0.1
"""Seconds after which a caller that waits is asked whether it still wants to."""

Watch = Callable[[], None]
"""Called at least every `BLINK` seconds while one waits; whatever it raises comes through."""


Keep = Callable[[bytes], bytes]
"""Stores what has come in, and returns what of it is new."""


@dataclass(frozen=True)
class Answer:
    """What a source says before it sends."""

    start: int
    """Offset of the first byte that follows."""
    total: int | None
    """Length of the whole file."""
    etag: str | None = None
    modified: str | None = None
    content_type: str = ""


class Transfer:
    """The bytes of `url` from `start` on, or from zero if the source cannot do otherwise.

    Parameters
    ----------
    url : str
        ``https://``, ``http://`` or ``file://``.
    start : int
        How many bytes are there already.
    rules : NetworkRules
    accept : str, optional
        Media types for the Accept header.

    Whoever leaves the context may forget the reader thread, even while it hangs in a name look-up that
    nothing can interrupt: from then on it stores nothing. It stores the bytes itself, so that receiving and
    writing on one processor take as long as hashing on another: 1 GB in 1.3 s of two busy ones, not 1.4 s.
    """

    def __init__(self, url: str, start: int, rules: NetworkRules, accept: str = "*/*") -> None:
        self._url = url
        self._start = start
        self._rules = rules
        self._accept = accept
        self._items: queue.Queue[Answer | bytes | Exception | None] = queue.Queue(WAITING)
        self._keep: Keep = _nothing
        self._wanted = threading.Event()
        self._left = threading.Event()
        self._keeping = threading.Lock()
        self._response: requests.Response | None = None
        self._thread = threading.Thread(target=self._read, name="softlight download", daemon=True)

    def __enter__(self) -> Transfer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._keeping:
            self._left.set()
        response = self._response
        if response is not None:
            # Wakes the reader from its wait for the next byte.
            with contextlib.suppress(Exception):
                response.raw.shutdown()

    def answer(self, watch: Watch) -> Answer:
        """Return what the source says; `Fault` if that is not the file or a part of it."""
        item = self._next(watch, self._rules.connect_seconds + self._rules.silence_seconds)
        assert isinstance(item, Answer)
        return item

    def chunks(self, watch: Watch, keep: Keep | None = None) -> Iterator[bytes]:
        """Yield what the source sends and `keep` has stored; `Fault` if the line breaks, is silent or drips.

        Parameters
        ----------
        watch : callable
        keep : callable, optional
            Called in the reader's thread, before the chunk is yielded and never after the context was left.
            What it raises comes through. Default: nothing is stored.
        """
        if keep is not None:
            self._keep = keep
        self._wanted.set()
        seconds = self._rules.silence_seconds
        since, received = time.monotonic(), 0
        while True:
            item = self._next(watch, seconds)
            if item is None:
                return
            assert isinstance(item, bytes)
            received += len(item)
            yield item
            now = time.monotonic()
            if now - since >= seconds:
                if received < self._rules.slowest * (now - since):
                    raise too_slow(host_of(self._url), self._rules.slowest)
                since, received = now, 0

    def _next(self, watch: Watch, seconds: float) -> Answer | bytes | None:
        until = time.monotonic() + seconds
        while True:
            try:
                item = self._items.get(timeout=BLINK)
            except queue.Empty:
                watch()
                if time.monotonic() > until:
                    raise silent(host_of(self._url), self._rules.silence_seconds) from None
                continue
            if isinstance(item, Exception):
                raise item
            return item

    # The reader thread.

    def _read(self) -> None:
        with contextlib.suppress(_Left):
            self._put(self._ended())

    def _ended(self) -> Exception | None:
        """Read to the end, and return how it ended: whatever it is, it is the caller's to hear."""
        try:
            if urlsplit(self._url).scheme == "file":
                self._read_file()
            else:
                self._read_http()
            return None
        except _Left:
            raise
        except _NotKept as error:
            return error.reason
        except Fault as fault:
            return fault
        except Exception as error:
            silence = self._rules.silence_seconds
            # What is no fault of the line is a defect of ours, and must look like one.
            return of_error(error, self._url, silence, proxy_for(self._url)) or error

    def _read_http(self) -> None:
        headers = {"Accept": self._accept}
        if self._start:
            headers["Range"] = f"bytes={self._start}-"
        with new_session() as session, ask(session, self._url, self._rules, headers) as response:
            self._response = response
            self._put(_understood(response, self._start, self._url))
            # The server was asked not to compress; one that does so all the same is unpacked.
            packed = response.headers.get("content-encoding", "identity").lower() != "identity"
            amount = COMPRESSED_CHUNK if packed else CHUNK
            # read1 gives what has arrived: a slow line shows progress, and its silence is seen.
            while chunk := response.raw.read1(amount, decode_content=packed):
                self._hand_on(chunk)

    def _read_file(self) -> None:
        path = Path(url2pathname(urlsplit(self._url).path))
        try:
            with path.open("rb") as file:
                self._put(Answer(file.seek(self._start), path.stat().st_size))
                while chunk := file.read(CHUNK):
                    self._hand_on(chunk)
        except OSError as error:
            raise Fault(
                f"{path} cannot be read ({error.strerror or type(error).__name__})", BY_HAND
            ) from None

    def _hand_on(self, chunk: bytes) -> None:
        # Only when the answer was found right.
        while not self._wanted.wait(BLINK):
            if self._left.is_set():
                raise _Left
        with self._keeping:
            if self._left.is_set():
                raise _Left
            try:
                chunk = self._keep(chunk)
            except Exception as error:
                # Whatever it is, the caller's own function raised it: the caller gets this very object back
                # from `chunks`, and nothing here takes a full disk, or a defect, for a fault of the line.
                raise _NotKept(error) from None
        self._put(chunk)

    def _put(self, item: Answer | bytes | Exception | None) -> None:
        while not self._left.is_set():
            try:
                self._items.put(item, timeout=BLINK)
                return
            except queue.Full:
                continue
        raise _Left


class _Left(Exception):
    """Nobody waits for the bytes any more."""


class _NotKept(Exception):
    """The caller did not take them, which is no fault of the line."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


def _nothing(chunk: bytes) -> bytes:
    return chunk


def _understood(response: requests.Response, start: int, url: str) -> Answer:
    headers = response.headers
    status = response.status_code
    total: int | None
    if status == 200:
        first, total = 0, _whole(headers.get("content-length"))
        if headers.get("content-encoding", "identity").lower() != "identity":
            total = None  # It counts the compressed bytes.
    elif status == 206:
        match = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", headers.get("content-range", ""))
        if not match or int(match[1]) != start:
            raise Changed(f"{host_of(url)} sent another part of the file than it was asked for", BY_HAND)
        first, total = start, _whole(match[3])
    elif status == 416:
        raise Changed(f"{host_of(url)} has nothing to go on with (416)", BY_HAND)
    else:
        raise of_status(status, headers.get("retry-after"), url)
    return Answer(
        start=first,
        total=total,
        etag=headers.get("etag"),
        modified=headers.get("last-modified"),
        content_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) <= 18 else None
