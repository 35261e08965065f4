"""Krita's settings file, changed in one line: every other byte stays as it is.

Krita itself merges what it writes with what it finds in the file, so a running Krita keeps our line (seen in
5.2.9); it reads it at its next start.
"""

from __future__ import annotations

import re

GROUP = "python"


def value(content: bytes, group: str, key: str) -> str | None:
    """Return the value of a key in a group (the part before all groups is called ``""``), or `None`."""
    lines = content.splitlines(keepends=True)
    found = None
    for index in _of_group(lines, group):
        if matched := _entry(key).match(lines[index]):
            # The last one counts, as for Krita.
            found = _unescaped(matched[1].decode("utf-8", "replace").strip())
    return found


def with_plugin(content: bytes, name: str) -> bytes:
    """Return the settings with a Python plug-in switched on."""
    key = f"enable_{name}"
    if value(content, GROUP, key) == "true":
        return content
    lines = content.splitlines(keepends=True)
    end = b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"
    entry = f"{key}=true".encode()
    if there := [index for index in _of_group(lines, GROUP) if _entry(key).match(lines[index])]:
        for index in there:
            lines[index] = entry + lines[index][len(lines[index].rstrip(b"\r\n")) :]
        return b"".join(lines)
    for index, line in enumerate(lines):
        if _header(line) == GROUP:
            if not line.endswith((b"\n", b"\r")):
                lines[index] = line + end
            return b"".join([*lines[: index + 1], entry + end, *lines[index + 1 :]])
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += end
    return b"".join([*lines, *([end] if lines else []), f"[{GROUP}]".encode(), end, entry, end])


def without_plugin(content: bytes, name: str) -> bytes:
    """Return the settings without a trace of a Python plug-in: its switch, and an emptied group."""
    lines = content.splitlines(keepends=True)
    entry = _entry(f"enable_{name}")
    kept = [i for i in _of_group(lines, GROUP) if not entry.match(lines[i])]
    gone = [i for i in _of_group(lines, GROUP) if entry.match(lines[i])]
    if gone and not any(lines[i].strip() for i in kept):
        # Only empty lines are left of the group; the one before it came with it.
        start = max(i for i in range(gone[0]) if _header(lines[i]) == GROUP)
        gone += [start]
        if start > 0 and not lines[start - 1].strip():
            gone += [start - 1]
    return b"".join(line for i, line in enumerate(lines) if i not in gone)


def without_group(content: bytes, group: str) -> bytes:
    """Return the settings without a whole group: what a plug-in has remembered."""
    lines = content.splitlines(keepends=True)
    gone = {i for i, line in enumerate(lines) if _header(line) == group} | set(_of_group(lines, group))
    return b"".join(line for i, line in enumerate(lines) if i not in gone)


def _of_group(lines: list[bytes], group: str) -> list[int]:
    """The indices of the lines that belong to a group."""
    found, current = [], ""
    for index, line in enumerate(lines):
        header = _header(line)
        if header is not None:
            current = header
        elif current == group:
            found.append(index)
    return found


def _header(line: bytes) -> str | None:
    text = line.strip()
    # A group inside a group is written [a][b], which is none of ours.
    return text[1:-1].decode("utf-8", "replace") if text.startswith(b"[") and text.endswith(b"]") else None


def _entry(key: str) -> re.Pattern[bytes]:
    # KConfig writes flags such as [$i] behind a key.
    return re.compile(re.escape(key.encode()) + rb"\s*(?:\[\$\w+\])?\s*=(.*)", re.DOTALL)


def _unescaped(text: str) -> str:
    """Read KConfig's escapes, as far as paths have them."""
    return re.sub(r"\\(.)", lambda found: {"s": " ", "t": "\t"}.get(found[1], found[1]), text)
