"""The small files of the runtime folder: written whole or not at all, and read only if nobody else's."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from typing import Callable, NamedTuple, TypeVar

from softlight_bridge import places
from softlight_bridge.errors import BridgeError

KEY_BYTES = 32
LARGEST_STATE = 10000
"""Bytes; a state file has about 150."""
LONGEST_SHARING = 2.0
"""Seconds; for some ms Windows denies replacing a file that is read, and reading one that is replaced."""

T = TypeVar("T")


class State(NamedTuple):
    """What the running engine says about itself to those who look for it."""

    address: str
    """Path of the Unix socket, or name of the named pipe."""
    pid: int
    protocol: int
    version: str


def write_private(path: str, content: bytes) -> None:
    """Write a file for this user alone; readers see the old content or the new one.

    Raises
    ------
    BridgeError
        When it cannot be written, because the disk is full or the folder is not ours.
    """
    temporary = f"{path}.{os.getpid()}"
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            _once_free(lambda: os.replace(temporary, path))
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise BridgeError(
            f"Softlight's engine cannot write '{path}' ({error.strerror or error}); "
            "make room there or correct the folder's rights."
        ) from None


def read_private(path: str, largest: int) -> bytes:
    """Return the content of a file that belongs to this user alone.

    Raises
    ------
    FileNotFoundError
        When there is none.
    BridgeError
        When it cannot be read, is another user's, open to others, or longer than `largest` bytes.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    # A link could lead anywhere, and opening a fifo would wait for ever.
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(_once_free(lambda: os.open(path, flags)), "rb") as file:
            found = os.fstat(file.fileno())
            ours = os.name != "posix" or (
                found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077
            )
            if not stat.S_ISREG(found.st_mode) or not ours:
                raise BridgeError(f"'{path}' is not a file of this user alone; remove it and try again.")
            content = file.read(largest + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BridgeError(
            f"'{path}' cannot be read ({error.strerror or error}); remove it and try again."
        ) from None
    if len(content) > largest:
        raise BridgeError(f"'{path}' is damaged; remove it and try again.")
    return content


def _once_free(action: Callable[[], T]) -> T:
    """Do `action`, on Windows again and again while another process uses the file."""
    end = time.monotonic() + LONGEST_SHARING
    while True:
        try:
            return action()
        except PermissionError:
            if os.name != "nt" or time.monotonic() > end:
                raise
            time.sleep(0.005)


def new_key() -> bytes:
    """Write a new random key and return it; the engine does so whenever it starts."""
    key = os.urandom(KEY_BYTES)
    write_private(places.key_path(), key)
    return key


def read_key() -> bytes:
    """Return the running engine's key.

    Raises
    ------
    FileNotFoundError
        When there is none.
    BridgeError
        When it is unreadable, open to others, or no key.
    """
    path = places.key_path()
    key = read_private(path, KEY_BYTES)
    if len(key) != KEY_BYTES:
        raise BridgeError(f"'{path}' is damaged; remove it and try again.")
    return key


def write_state(state: State) -> None:
    """Say where the engine listens."""
    write_private(places.state_path(), json.dumps(state._asdict()).encode("utf-8"))


def read_state() -> State | None:
    """Return what the running engine wrote; None when none runs, or when the file is of no use.

    Raises
    ------
    BridgeError
        When the file is unreadable or not this user's alone.
    """
    try:
        told = json.loads(read_private(places.state_path(), LARGEST_STATE).decode("utf-8"))
        state = State(**told)
    except (FileNotFoundError, ValueError, TypeError, RecursionError):
        return None
    text = isinstance(state.address, str) and isinstance(state.version, str)
    whole = isinstance(state.pid, int) and isinstance(state.protocol, int)
    return state if text and whole and "\0" not in state.address else None
