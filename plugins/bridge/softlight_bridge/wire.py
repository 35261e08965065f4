"""Messages over a connection: a JSON header and raw blobs, with a bound on everything that arrives.

A header is one frame of `multiprocessing.connection`; a blob is as many frames as it takes. Nothing is ever
unpickled. How long a blob must be follows from the header, and its memory is taken as it arrives, so that a
peer who declares gigabytes has to send them.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any, Iterator, Sequence

from softlight_bridge.errors import WireError
from softlight_bridge.messages import Bytes

LARGEST_HEADER = 1000000
"""Bytes of a header, which has some hundred."""
CHUNK = 1 << 18
"""Bytes of a blob sent at once: 0.8 to 1.1 GB/s on a Unix socket, where 4 MB gave 0.6, since the standard
library takes memory anew for what is left of a frame at every read."""
SLOWEST = 4000000
"""Bytes a second that a living peer takes or gives; a blob may take this long, and `PATIENCE` on top."""
PATIENCE = 30.0
"""Seconds that a message may take whatever its size: a machine that swaps is slow without being dead."""

_GONE = (EOFError, OSError, RuntimeError, AssertionError, ValueError, TypeError)
"""What a connection raises when the peer has gone, when `Line.abort` broke a call off, or when the framing is
garbage; the standard library is not of one mind on Windows."""


class LineLost(WireError):
    """The peer has gone, or the call was broken off."""


class Line:
    """One connection, for one reader and one writer at a time; `abort` may come from any thread."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self.connection = connection
        self._guard = threading.Lock()
        self._aborted = False

    def send(self, header: dict[str, Any], blobs: Sequence[Bytes] = ()) -> None:
        """Send a message.

        Raises
        ------
        LineLost
            When the peer has gone, or does not take it in time.
        WireError
            When the header is too long.
        """
        text = json.dumps(header, allow_nan=False).encode("utf-8")
        if len(text) > LARGEST_HEADER:
            raise WireError("A message to Softlight's engine is too long; use fewer or shorter settings.")
        views = [memoryview(blob).cast("B") for blob in blobs]
        with self.deadline(PATIENCE + sum(len(view) for view in views) / SLOWEST):
            try:
                self.connection.send_bytes(text)
                for view in views:
                    for start in range(0, len(view), CHUNK):
                        self._check()
                        self.connection.send_bytes(view[start : start + CHUNK])
            except _GONE as error:
                raise _broken(error) from error

    def receive_header(self) -> dict[str, Any]:
        """Wait for a header and return it; who waits for a reply calls `poll` first.

        Raises
        ------
        LineLost
            When the peer has gone.
        WireError
            When it sends anything but a JSON object of at most `LARGEST_HEADER` bytes.
        """
        with self.deadline(PATIENCE):
            text = self._receive(LARGEST_HEADER)
        try:
            header = json.loads(text.decode("utf-8"))
        except (ValueError, RecursionError):
            raise WireError("A message was garbled on its way.") from None
        if not isinstance(header, dict):
            raise WireError("A message was garbled on its way.")
        return header

    def receive_blob(self, size: int) -> bytearray:
        """Receive `size` bytes, which the header has declared and the caller has found sensible.

        Raises
        ------
        LineLost
            When the peer has gone, or sends more.
        """
        blob = bytearray()
        with self.deadline(PATIENCE + size / SLOWEST):
            while len(blob) < size:
                chunk = self._receive(min(CHUNK, size - len(blob)))
                if not chunk:
                    raise LineLost("A message was cut off on its way.")
                blob += chunk
        return blob

    def _receive(self, largest: int) -> bytes:
        self._check()
        try:
            return self.connection.recv_bytes(largest)
        except _GONE as error:
            raise _broken(error) from error

    def poll(self, seconds: float) -> bool:
        """Whether something can be received, or the peer has gone, within this time."""
        self._check()
        try:
            return self.connection.poll(seconds)
        except _GONE as error:
            raise _broken(error) from error

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Abort what is still under way after this time; `aborted` says at its end whether that was done."""
        done = threading.Event()

        def watch() -> None:
            if not done.wait(seconds):
                self.abort()
                # On Windows an abort misses a call that has not quite begun.
                while not done.wait(0.1):
                    self.abort()

        watcher = threading.Thread(target=watch, name="softlight-deadline", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            # Or a line might be aborted that was just found to be in time.
            watcher.join()

    def abort(self) -> None:
        """Break off what any thread is sending or receiving here; the connection is useless from then on."""
        with self._guard:
            self._aborted = True
            if self.connection.closed:
                return
            if os.name == "nt":
                from softlight_bridge.windows import cancel_io

                cancel_io(self.connection.fileno())
                return
            # A duplicate, since closing the socket object must not close the connection under its reader.
            # The peer may have hung up before.
            with socket.socket(fileno=os.dup(self.connection.fileno())) as twin, suppress(OSError):
                twin.shutdown(socket.SHUT_RDWR)

    def _check(self) -> None:
        if self._aborted:
            raise LineLost("The connection was broken off.")

    @property
    def aborted(self) -> bool:
        """Whether `abort` was called, by a deadline or by a user."""
        return self._aborted

    def close(self) -> None:
        """Hang up."""
        with self._guard:
            self.connection.close()


def _broken(error: BaseException) -> LineLost:
    return LineLost(f"The connection was lost ({str(error) or type(error).__name__}).")
