"""What Windows needs that Python's standard library lacks: pipes for one user, and waking a blocked thread.

Imported on Windows only. Handles are plain integers, as in Python's own ``_winapi``.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import wintypes
from typing import Any

_TOKEN_QUERY = 0x0008
_TOKEN_USER = 1
_SDDL_REVISION_1 = 1

_library: Any = getattr(ctypes, "WinDLL")  # noqa: B009  (it exists on Windows only)
_kernel32 = _library("kernel32", use_last_error=True)
_advapi32 = _library("advapi32", use_last_error=True)
_get_last_error: Any = getattr(ctypes, "get_last_error")  # noqa: B009

_kernel32.GetCurrentProcess.restype = wintypes.HANDLE
_kernel32.CloseHandle.argtypes = [wintypes.HANDLE]
_kernel32.LocalFree.argtypes = [ctypes.c_void_p]
_kernel32.LocalFree.restype = ctypes.c_void_p
_kernel32.CancelIoEx.argtypes = [wintypes.HANDLE, ctypes.c_void_p]
_advapi32.OpenProcessToken.argtypes = [wintypes.HANDLE, wintypes.DWORD, ctypes.POINTER(wintypes.HANDLE)]
_advapi32.GetTokenInformation.argtypes = [
    wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD),
]  # fmt: skip
_advapi32.ConvertSidToStringSidW.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]
_advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = [
    wintypes.LPCWSTR, wintypes.DWORD, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p,
]  # fmt: skip


class SecurityAttributes(ctypes.Structure):
    """``SECURITY_ATTRIBUTES``."""

    _fields_ = (
        ("nLength", wintypes.DWORD),
        ("lpSecurityDescriptor", ctypes.c_void_p),
        ("bInheritHandle", wintypes.BOOL),
    )


def own_sid() -> str:
    """Return the security identifier of the user who runs this process, such as "S-1-5-21-…"."""
    token = wintypes.HANDLE()
    _check(_advapi32.OpenProcessToken(_kernel32.GetCurrentProcess(), _TOKEN_QUERY, ctypes.byref(token)))
    try:
        size = wintypes.DWORD()
        _advapi32.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        _check(_advapi32.GetTokenInformation(token, _TOKEN_USER, buffer, size, ctypes.byref(size)))
        # TOKEN_USER begins with a pointer to the SID.
        sid = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_void_p))[0]
        text = ctypes.c_void_p()
        _check(_advapi32.ConvertSidToStringSidW(sid, ctypes.byref(text)))
        try:
            return ctypes.wstring_at(text.value or 0)
        finally:
            _kernel32.LocalFree(text)
    finally:
        _kernel32.CloseHandle(token)


def for_this_user_only() -> SecurityAttributes:
    """Return security attributes that let this user alone open what is made with them.

    The default of named pipes lets everyone read. The descriptor lives as long as the process.
    """
    descriptor = ctypes.c_void_p()
    # Protected (nothing inherited), and one entry: all rights for our own SID.
    rights = f"D:P(A;;GA;;;{own_sid()})"
    _check(
        _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
            rights, _SDDL_REVISION_1, ctypes.byref(descriptor), None
        )
    )
    attributes = SecurityAttributes()
    attributes.nLength = ctypes.sizeof(SecurityAttributes)
    attributes.lpSecurityDescriptor = descriptor
    attributes.bInheritHandle = False
    return attributes


def open_to_append(path: str) -> int:
    """Return a descriptor whose every write goes to the end of the file, in child processes too.

    With Python's own O_APPEND a child that inherits the handle writes over the file's beginning.
    """
    import _winapi
    import msvcrt

    append, synchronize, read_write_delete, open_always = 0x4, 0x100000, 0x7, 4
    winapi: Any = _winapi
    handle = winapi.CreateFile(path, append | synchronize, read_write_delete, 0, open_always, 0x80, 0)
    descriptor: int = getattr(msvcrt, "open_osfhandle")(handle, os.O_WRONLY | os.O_APPEND)  # noqa: B009
    return descriptor


def cancel_io(handle: int) -> None:
    """Break off what any thread of this process waits for on `handle`."""
    _kernel32.CancelIoEx(handle, None)


def _check(success: int) -> None:
    if not success:
        raise getattr(ctypes, "WinError")(_get_last_error())  # noqa: B009
