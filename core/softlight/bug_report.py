"""One file to attach to a bug report: how every model fares on every device, and nobody's name.

No path is kept: of what lies in a folder only the last part of its name, and no name of the user or machine.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from softlight import doctor
from softlight.doctor import ModelReport, Report
from softlight.progress import Progress, part, silent
from softlight.runtime.devices import fingerprint
from softlight.runtime.providers import CPU, LADDER, Provider

_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/]{1,2}[^\\/\s'\"<>|:*?;,()]+)+[\\/]")
"""What leads to a file: folders, with the last stroke. Blanks are taken care of where they are quoted."""
_QUOTED = re.compile(r"(['\"])(?:[A-Za-z]:)?[\\/][^'\"\n]*[\\/]([^'\"\\/\n]*)\1")
_SHORTEST = 3
"""Letters of a name that is replaced: a user called "a" would take every word apart."""


def every_device(
    examine: Callable[..., Report] = doctor.examine, progress: Progress = silent
) -> Mapping[Provider, Report]:
    """Try every model on every device that onnxruntime was built for; the CPU is what others are compared to.

    Parameters
    ----------
    examine : callable
        As `doctor.examine`.
    progress : Progress
    """
    first = examine("cpu", every_installed=True)
    found: dict[Provider, Report] = {"cpu": first}
    others: list[Provider] = [
        name
        for name in ("directml", "cuda")
        if any(rung.name == name and rung.provider in first.providers for rung in LADDER)
    ]
    for number, name in enumerate(others):
        said = part(progress, (number + 1) / (len(others) + 1), (number + 2) / (len(others) + 1))
        said(0.0, f"trying every model on {name}")
        found[name] = examine(name, every_installed=True)
    return found


def text_of(reports: Mapping[Provider, Report]) -> str:
    """Return the file's text."""
    first = next(iter(reports.values()))
    lines = [
        f"Softlight {first.softlight}",
        f"Python {platform.python_version()} {platform.architecture()[0]}",
        f"{platform.system()} {platform.release()} {platform.version()} {platform.machine()}",
        f"Processor {fingerprint(CPU, 0)}, {os.cpu_count()} threads",
        f"Memory {_memory()}",
        f"Display {fingerprint(LADDER[0], 0)}",
        f"onnxruntime {', '.join(first.onnxruntime) or 'not installed'}",
        f"Providers {', '.join(first.providers) or 'none'}",
    ]
    for name, report in reports.items():
        lines += ["", f"On {name}:", "", _row("model", "ran on", "ms a tile", "dB", "largest error")]
        lines += [_row(*_cells(model)) for model in report.models]
        lines += [f"{model.role}: {model.problem}" for model in report.models if model.problem]
        lines += [*report.notes, *report.problems]
    return anonymous("\n".join(lines)) + "\n"


def anonymous(text: str, names: Iterable[str] | None = None) -> str:
    """Return a text without paths, and without names of the user and of the machine.

    Parameters
    ----------
    text : str
    names : iterable of str, optional
        Default: the login, the home folder's name and the host's.
    """
    text = _QUOTED.sub(r"\1\2\1", text)
    for folder in sorted({str(Path.home()), str(Path.cwd())}, key=len, reverse=True):
        if len(folder) > _SHORTEST:
            text = text.replace(folder, "")
    text = _PATH.sub("", text)
    for name in _own_names() if names is None else names:
        if len(name) >= _SHORTEST:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text


def _own_names() -> list[str]:
    found = [Path.home().name, platform.node(), platform.node().partition(".")[0]]
    with contextlib.suppress(OSError, KeyError, ImportError):  # a container's user need not have a name
        found.append(getpass.getuser())
    return sorted({name for name in found if name}, key=len, reverse=True)


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"


def _cells(model: ModelReport) -> tuple[str, ...]:
    return (
        f"{model.role}: {model.id or 'embedded'}",
        model.device or "nowhere",
        "" if model.milliseconds is None else f"{model.milliseconds:.1f}",
        "" if model.psnr is None else f"{model.psnr:.1f}",
        "" if model.max_error is None else f"{model.max_error:.2g}",
    )


def _row(model: str, device: str, *numbers: str) -> str:
    return f"{model:<44} {device:<10} " + " ".join(f"{number:>13}" for number in numbers)
