"""Reaching the engine, and starting it when it does not run.

No lock is needed here: when two hosts start an engine at once, the second one finds the lock of the first
held and leaves with the status `ALREADY_RUNS`, and both hosts reach the first.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from multiprocessing.connection import Client, Connection
from typing import Any

from softlight_bridge import places, private_files
from softlight_bridge.environment import clean_environment
from softlight_bridge.errors import BridgeError
from softlight_bridge.handshake import DEADLINE, Late, OtherProtocol, Refused, Unanswered, greet
from softlight_bridge.wire import Line

ALREADY_RUNS = 75
"""Exit status of an engine that found another one running (EX_TEMPFAIL of BSD's sysexits)."""
STARTED_BADLY = 78
"""Exit status of an engine whose last line, after `SAYS`, is a sentence for the user (EX_CONFIG)."""
SAYS = "softlight-engine: "
LONGEST_START = 60.0
"""Seconds: an engine listens after 0.1 s; a cold start on a slow disk with a virus scanner may take 20 s."""
PAUSE = 0.03
"""Seconds between two looks at an engine that starts."""
LONGEST_HANG_UPS = 8.0
"""Seconds during which an engine may hang up: one that is just ending does so once or twice, and one with too
many visitors until it has thrown out the silent ones."""


class NotRunning(BridgeError):
    """No engine runs, or it is just ending."""


def reach(command: tuple[str, ...], host: str, given_up: threading.Event) -> Line:
    """Return a line to the engine on which the handshake is done.

    Parameters
    ----------
    command : tuple of str
        What starts the engine.
    host : str
        Who asks.
    given_up : threading.Event
        Set by another thread to end the wait.

    Raises
    ------
    BridgeError
        When it cannot be started, does not answer, or refuses.
    """
    end = time.monotonic() + LONGEST_START
    child: _Child | None = None
    starting = False
    hung_up: float | None = None
    while True:
        try:
            return connect(host)
        except NotRunning:
            starting = True
            if child is None:
                child = _Child(command)
            elif child.gave_way():
                child = None
        except Unanswered as error:
            # One that has just been started may be busy reading its modules from a slow disk.
            if isinstance(error, Late) and not starting:
                raise
            hung_up = hung_up or time.monotonic()
            if time.monotonic() - hung_up > LONGEST_HANG_UPS:
                raise
        if time.monotonic() > end:
            raise BridgeError(
                f"Softlight's engine did not start within {LONGEST_START:.0f} seconds; try again. "
                f"Its log is '{places.log_path()}'."
            )
        if given_up.wait(PAUSE):
            raise NotRunning("The wait for Softlight's engine was given up.")


def connect(host: str) -> Line:
    """Return a line to the engine that runs, with the handshake done.

    Raises
    ------
    NotRunning
        When there is none.
    Late, Unanswered
        When it did not answer in time, or hung up.
    Refused
        When it has another key, or another protocol.
    BridgeError
        When it does not answer, or the runtime folder or a file in it is not ours alone.
    """
    state = private_files.read_state()
    try:
        key = private_files.read_key()
        if state is None:
            raise NotRunning("Softlight's engine does not run.")
        line = Line(_connection(state.address))
    except TimeoutError:
        pid = state.pid if state else "?"
        raise BridgeError(
            f"Softlight's engine (process {pid}) runs but takes no connection; end that process and try "
            f"again. Its log is '{places.log_path()}'."
        ) from None
    except OSError:
        # No key, no socket, or nobody behind it: what a crash or a logout leaves behind.
        raise NotRunning("Softlight's engine does not run.") from None
    try:
        greet(line, key, host)
    except BaseException as error:
        line.close()
        # An engine that has met a newer plug-in ends, and takes its key along: that is no new one.
        if isinstance(error, Refused) and not isinstance(error, OtherProtocol) and _changed(key):
            raise Unanswered("Softlight's engine was just started anew; try again.") from None
        raise
    return line


def _connection(address: str) -> Any:
    if os.name == "nt":
        return Client(address, "AF_PIPE")
    with socket.socket(socket.AF_UNIX) as unix:
        # Without a limit, a full queue of an engine that hangs would hold us for ever.
        unix.settimeout(DEADLINE)
        unix.connect(address)
        unix.setblocking(True)
        return Connection(unix.detach())


def _changed(key: bytes) -> bool:
    """Whether an engine has written a new key since `key` was read."""
    try:
        return private_files.read_key() != key
    except (FileNotFoundError, BridgeError):
        return True


class _Child:
    """An engine's process that this host has started."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._log_size = _size(places.log_path())
        self._process = _start(command)
        # Someone must wait for it: in a host that runs for days it would stay as a zombie.
        threading.Thread(target=self._process.wait, name="softlight-engine", daemon=True).start()

    def gave_way(self) -> bool:
        """Whether it ended because another engine runs already.

        Raises
        ------
        BridgeError
            When it ended for another reason.
        """
        status = self._process.poll()
        if status is None:
            return False
        if status == ALREADY_RUNS:
            return True
        last = _last_line(places.log_path(), self._log_size)
        if status == STARTED_BADLY and last.startswith(SAYS):
            raise BridgeError(last[len(SAYS) :])
        why = f"status {status}: {last}" if last else f"status {status}"
        raise BridgeError(
            f"Softlight's engine could not start ({why}); run 'softlight doctor' to see why. "
            f"Its log is '{places.log_path()}'."
        )


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    log = places.open_log()
    options: Any = {
        "env": clean_environment(os.environ),
        "cwd": places.neutral_folder(),
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL if log is None else log,
        "close_fds": True,
    }
    if os.name == "nt":
        return _start_on_windows(command, options, log)
    try:
        # A session of its own: Ctrl-C in the terminal of a host must not reach the engine.
        return subprocess.Popen(command, start_new_session=True, **options)
    except OSError as error:
        raise _not_started(command, error) from None
    finally:
        if log is not None:
            os.close(log)


def _start_on_windows(command: tuple[str, ...], options: Any, log: int | None) -> subprocess.Popen[bytes]:
    create_no_window, create_new_process_group, create_breakaway_from_job = 0x08000000, 0x200, 0x01000000
    flags = create_no_window | create_new_process_group
    try:
        try:
            # A host inside a job object would otherwise take the engine along when it ends.
            return subprocess.Popen(command, creationflags=flags | create_breakaway_from_job, **options)
        except PermissionError:
            return subprocess.Popen(command, creationflags=flags, **options)
    except OSError as error:
        raise _not_started(command, error) from None
    finally:
        if log is not None:
            os.close(log)


def _not_started(command: tuple[str, ...], error: OSError) -> BridgeError:
    return BridgeError(
        f"Softlight's engine could not be started from '{command[0]}' ({error.strerror or error}); "
        "install Softlight again, then run 'softlight plugins install'."
    )


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _last_line(path: str, start: int) -> str:
    """Return what was written last into the log after `start`, for a sentence."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            # Shorter than before: it was renamed when it had become too long.
            file.seek(max(start if size >= start else 0, size - 4000))
            # In whatever encoding a child of another locale writes.
            lines = file.read(4000).decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    found = [line.strip() for line in lines if line.strip()]
    return found[-1][:500] if found else ""
