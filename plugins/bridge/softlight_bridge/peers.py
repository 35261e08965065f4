"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import os
import socket
import struct
import sys


def same_user(descriptor: int) -> bool:
    """Whether the process at the other end of a connected Unix socket runs as this user.

    The folder's rights and the key keep others out already; this holds when both were given away. Where the
    system cannot tell, the answer is yes.
    """
    with socket.socket(fileno=os.dup(descriptor)) as twin:
        if sys.platform == "darwin":
            # struct xucred: version, uid, ...; SOL_LOCAL 0, LOCAL_PEERCRED 1 (sys/un.h).
            credentials = twin.getsockopt(0, 1, 76)
            user = struct.unpack_from("=II", credentials)[1]
        elif hasattr(socket, "SO_PEERCRED"):
            credentials = twin.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            user = struct.unpack("3i", credentials)[1]
        else:
            return True
    return bool(user == os.geteuid())
