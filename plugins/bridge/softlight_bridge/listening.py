"""The engine's end: a Unix socket or a named pipe that this user alone can open."""

from __future__ import annotations

import contextlib
import os
import sys
from multiprocessing import connection
from typing import Any

from softlight_bridge import places
from softlight_bridge.errors import BridgeError

WAITING = 16
"""Connections that may wait to be accepted."""


def listen() -> Any:
    """Return a listener with `accept`, `close` and `address`; authentication is the handshake's business.

    The caller holds the engine's lock, so that a socket file that lies there is nobody's.

    Raises
    ------
    BridgeError
        When the socket or pipe cannot be made.
    """
    if sys.platform == "win32":
        return _listen_on_pipe()
    path = places.socket_path()
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return connection.Listener(path, "AF_UNIX", backlog=WAITING)
    except OSError as error:
        raise BridgeError(
            f"Softlight's engine cannot listen on '{path}' ({error.strerror or error}); "
            "make room there or correct the folder's rights."
        ) from None


def _listen_on_pipe() -> Any:
    import _winapi
    import ctypes
    import secrets

    from softlight_bridge import windows

    attributes = windows.for_this_user_only()
    pipe_reject_remote_clients = 8
    base: Any = getattr(connection, "PipeListener")  # noqa: B009  (it exists on Windows only)
    winapi: Any = _winapi

    class PrivatePipeListener(base):  # type: ignore[misc, unused-ignore]
        """The standard library's, with a descriptor: its own lets everyone read and the network connect."""

        address = property(lambda self: self._address)

        def _new_handle(self, first: bool = False) -> int:
            access = winapi.PIPE_ACCESS_DUPLEX | winapi.FILE_FLAG_OVERLAPPED
            if first:
                access |= winapi.FILE_FLAG_FIRST_PIPE_INSTANCE
            mode = winapi.PIPE_TYPE_MESSAGE | winapi.PIPE_READMODE_MESSAGE | winapi.PIPE_WAIT
            handle: int = winapi.CreateNamedPipe(
                self._address, access, mode | pipe_reject_remote_clients, winapi.PIPE_UNLIMITED_INSTANCES,
                connection.BUFSIZE, connection.BUFSIZE, winapi.NMPWAIT_WAIT_FOREVER,  # type: ignore[attr-defined]
                ctypes.addressof(attributes),
            )  # fmt: skip
            return handle

    # A name that nobody can guess: who takes it first could otherwise pose as the engine.
    try:
        return PrivatePipeListener("\\\\.\\pipe\\softlight-" + secrets.token_hex(16))
    except OSError as error:
        raise BridgeError(f"Softlight's engine cannot make a named pipe ({error}).") from None
