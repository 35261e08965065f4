"""The words in which hosts show models: one place, so that GIMP and Krita say the same."""

from __future__ import annotations

from softlight_bridge.models import ModelLine, Terms
from softlight_bridge.translation import _, ngettext, pgettext

_OWN = "LicenseRef-"
"""What SPDX puts before the name of a licence that is not in its list."""
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def role(name: str) -> str:
    """Return the words for a role: "Face restoration" for "face-restoration"."""
    words = name.replace("-", " ")
    return pgettext("role", words[:1].upper() + words[1:])


def limit(name: str) -> str:
    """Return what one of `models.LIMITS` means."""
    return {
        "none": _("free for any use"),
        "attribution": _("its maker must be named"),
        "copyleft": _("copyleft: what is built on it must be as free"),
        "non-commercial": _("not for commercial use"),
    }[name]


def state(line: ModelLine) -> str:
    """Return how a model stands, in two or three words."""
    if line.active:
        return pgettext("state", "in use, your choice") if line.chosen else pgettext("state", "in use")
    return {
        "embedded": pgettext("state", "comes with Softlight"),
        "installed": pgettext("state", "installed"),
        "damaged": pgettext("state", "damaged"),
        "partial": pgettext("state", "incomplete"),
        "available": pgettext("state", "not installed"),
        "import-only": pgettext("state", "only by import"),
        "forbidden": pgettext("state", "not allowed"),
    }[line.state]


def size(count: int | None) -> str:
    """Return a size as people read it: "340 MB"; "unknown" for None."""
    if count is None:
        return pgettext("size", "unknown")
    for unit, name in _UNITS:
        if count >= unit:
            whole = count / unit
            return f"{whole:.1f} {name}" if whole < 10 else f"{whole:.0f} {name}"
    return ngettext("{count} byte", "{count} bytes", count).format(count=count)


def licence(agreed: Terms) -> str:
    """Return a licence as it stands in a list: its name, and the limit that most users stumble over."""
    name = agreed.licence[len(_OWN) :] if agreed.licence.startswith(_OWN) else agreed.licence
    if agreed.limit == "non-commercial":
        return _("{licence}, not commercial").format(licence=name)
    return name


def removal(line: ModelLine) -> str:
    """Return the question whether a model shall really be deleted."""
    if line.size_on_disk:
        told = _("Remove {title}, which frees {size}? It can be downloaded or imported again.")
        return told.format(title=line.title, size=size(line.size_on_disk))
    return _("Remove {title}? It can be downloaded or imported again.").format(title=line.title)


def maker(line: ModelLine) -> str:
    """Return who made a model and when: "TencentARC, 2022"."""
    return line.vendor if line.year is None else f"{line.vendor}, {line.year}"


def terms(agreed: Terms) -> str:
    """Return what a user reads before a download, one fact a line."""
    lines = [
        _("Size: {size}").format(size=size(agreed.size)),
        _("Licence: {licence}").format(licence=agreed.licence),
        _("Use: {limit}").format(limit=limit(agreed.limit)),
        agreed.text,
    ]
    return "\n".join(line for line in lines if line)
