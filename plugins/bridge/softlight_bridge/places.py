"""Where the engine and the plug-ins meet: the runtime folder, the log and the user's configuration.

Both sides call these functions, each in its own Python, and must come to the same answers.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile

from softlight_bridge.errors import BridgeError

LONGEST_SOCKET = 100
"""Bytes of a Unix socket's path: the kernels end at 108 (Linux) and 104 (macOS) with a zero byte."""
_CS_DARWIN_USER_TEMP_DIR = 65537
"""From macOS's unistd.h; Python has no name for it."""
FLATPAK = "/.flatpak-info"
"""Exists in a Flatpak's sandbox."""
OUTSIDE = ("flatpak-spawn", "--host")
"""Starts a program outside a Flatpak's sandbox, if the user has allowed it to talk to the portal."""
LARGEST_LOG = 1000000
"""Bytes; a longer log becomes ``engine.log.1`` when an engine starts."""


def runtime_folder() -> str:
    """Return the folder for the key, the socket and the state file; made on demand, for this user alone.

    Raises
    ------
    BridgeError
        When it cannot be made, or is a link, another user's, or open to others.
    """
    folder = _runtime_folder()
    try:
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        found = os.lstat(folder)
    except OSError as error:
        raise BridgeError(
            f"Softlight's runtime folder '{folder}' cannot be made ({error.strerror or error}); "
            "make room or correct the rights of the folder above it."
        ) from None
    if not stat.S_ISDIR(found.st_mode):
        raise BridgeError(f"'{folder}' must be a folder and is not; remove it and try again.")
    if os.name == "posix" and (found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077):
        raise BridgeError(
            f"Softlight's runtime folder '{folder}' is not this user's alone; remove it, or give it to "
            "yourself with the mode 700, and try again."
        )
    return folder


def _runtime_folder() -> str:
    if os.name == "nt":
        return os.path.join(_local_app_data(), "softlight", "run")
    if sys.platform == "darwin":
        # Not $TMPDIR, which a host may have changed: both sides must find the same folder.
        return os.path.join(os.confstr(_CS_DARWIN_USER_TEMP_DIR) or "/tmp", "softlight")
    # A program that was started by cron or sudo has no XDG_RUNTIME_DIR, or another user's.
    for session in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.geteuid()}"):
        try:
            if os.path.isabs(session) and os.stat(session).st_uid == os.geteuid():
                return os.path.join(session, "softlight")
        except OSError:
            continue
    return f"/tmp/softlight-{os.geteuid()}"


def state_path() -> str:
    """Return the path of the state file: the running engine's address, process, protocol and version."""
    return os.path.join(runtime_folder(), "engine.json")


def key_path() -> str:
    """Return the path of the key, which the running engine wrote."""
    return os.path.join(runtime_folder(), "key")


def lock_path() -> str:
    """Return the path of the file that the one engine of this user holds locked for its life."""
    return os.path.join(runtime_folder(), "engine.lock")


def socket_path() -> str:
    """Return the path of the Unix socket.

    Raises
    ------
    BridgeError
        When it is longer than sockets may be.
    """
    path = os.path.join(runtime_folder(), "engine.sock")
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        raise BridgeError(
            f"The path '{path}' is too long for a socket; set XDG_RUNTIME_DIR to a folder with a shorter "
            "path."
        )
    return path


def config_folder() -> str:
    """Return the user's configuration folder for Softlight, which may not exist."""
    if os.name == "nt":
        return os.path.join(_local_app_data(), "softlight")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/softlight")
    return os.path.join(_absolute("XDG_CONFIG_HOME", "~/.config"), "softlight")


def log_folder() -> str:
    """Return the user's log folder for Softlight, which may not exist; as platformdirs names it."""
    if os.name == "nt":
        return os.path.join(_local_app_data(), "softlight", "Logs")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Logs/softlight")
    return os.path.join(_absolute("XDG_STATE_HOME", "~/.local/state"), "softlight", "log")


def log_path() -> str:
    """Return the path of the engine's log."""
    return os.path.join(log_folder(), "engine.log")


def open_log() -> int | None:
    """Return a descriptor that appends to the engine's log, or None where no log can be kept."""
    path = log_path()
    try:
        os.makedirs(log_folder(), mode=0o700, exist_ok=True)
        try:
            if os.path.getsize(path) > LARGEST_LOG:
                os.replace(path, path + ".1")
        except OSError:
            pass  # There is none yet, or (on Windows) a running engine has it open.
        if os.name == "nt":
            from softlight_bridge.windows import open_to_append

            return open_to_append(path)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        return None


def neutral_folder() -> str:
    """Return a folder to work in that holds no modules of anyone's and keeps no disk busy."""
    return tempfile.gettempdir() if os.name == "nt" else "/"


def _absolute(variable: str, default: str) -> str:
    if os.path.exists(FLATPAK):
        # The sandbox has folders of its own, and the engine runs outside.
        variable = "HOST_" + variable
    path = os.environ.get(variable, "")
    return path if os.path.isabs(path) else os.path.expanduser(default)


def _local_app_data() -> str:
    return os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
