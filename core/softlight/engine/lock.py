"""The lock that makes it one engine per user."""

from __future__ import annotations

import os
import sys

from softlight_bridge.errors import BridgeError


class Lock:
    """A file that one process holds locked for its life; the system frees it however the process ends.

    Parameters
    ----------
    path : str

    Raises
    ------
    BridgeError
        When the file cannot be made.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BridgeError(
                f"Softlight's engine cannot write '{path}' ({error.strerror}); "
                "make room there or correct the folder's rights."
            ) from None

    def take(self) -> bool:
        """Whether this process has it now; False when another engine runs."""
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        # Between opening and locking, the last engine's folder may have been removed and made anew.
        return self.in_place()

    def in_place(self) -> bool:
        """Whether the file still lies where clients look; not so after a logout."""
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._descriptor))
        except OSError:
            return False
