"""The words in which hosts show models: one place, so that GIMP and Krita say the same."""

from __future__ import annotations

from softlight_bridge.models import ModelLine, Terms

_LIMITS = {
    "none": "free for any use",
    "attribution": "its maker must be named",
    "copyleft": "copyleft: what is built on it must be as free",
    "non-commercial": "not for commercial use",
}
_STATES = {
    "embedded": "comes with Softlight",
    "installed": "installed",
    "damaged": "damaged",
    "partial": "incomplete",
    "available": "not installed",
    "import-only": "only by import",
    "forbidden": "not allowed",
}
_OWN = "LicenseRef-"
"""What SPDX puts before the name of a licence that is not in its list."""
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def role(name: str) -> str:
    """Return the words for a role: "Face restoration" for "face-restoration"."""
    words = name.replace("-", " ")
    return words[:1].upper() + words[1:]


def limit(name: str) -> str:
    """Return what one of `models.LIMITS` means."""
    return _LIMITS[name]


def state(line: ModelLine) -> str:
    """Return how a model stands, in two or three words."""
    if line.active:
        return "in use, your choice" if line.chosen else "in use"
    return _STATES[line.state]


def size(count: int | None) -> str:
    """Return a size as people read it: "340 MB"; "unknown" for None."""
    if count is None:
        return "unknown"
    for unit, name in _UNITS:
        if count >= unit:
            whole = count / unit
            return f"{whole:.1f} {name}" if whole < 10 else f"{whole:.0f} {name}"
    return f"{count} bytes"


def licence(agreed: Terms) -> str:
    """Return a licence as it stands in a list: its name, and the limit that most users stumble over."""
    name = agreed.licence[len(_OWN) :] if agreed.licence.startswith(_OWN) else agreed.licence
    return f"{name}, not commercial" if agreed.limit == "non-commercial" else name


def maker(line: ModelLine) -> str:
    """Return who made a model and when: "TencentARC, 2022"."""
    return line.vendor if line.year is None else f"{line.vendor}, {line.year}"


def terms(agreed: Terms) -> str:
    """Return what a user reads before a download, one fact a line."""
    lines = [
        f"Size: {size(agreed.size)}",
        f"Licence: {agreed.licence}",
        f"Use: {limit(agreed.limit)}",
        agreed.text,
    ]
    return "\n".join(line for line in lines if line)
