"""GIMP and Krita without a screen: open files, and see what they make of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from roots import Root
from workplace import Workplace, workplace

INSIDE = Path(__file__).parent / "inside"


@dataclass(frozen=True)
class Opened:
    """A file as an application sees it."""

    tree: dict[str, Any]
    """Size, precision and layers, the topmost first, groups with their `children`."""
    pixels: np.ndarray
    """Flattened, (height, width, 3), uint8 or uint16."""
    log: str


def open_in_gimp(root: Root, files: Sequence[Path]) -> list[Opened]:
    """Open `files` in one GIMP 3, flatten, and read the pixels as 16-bit values (its 8 bits times 257)."""
    with workplace() as place:
        script = Path(shutil.copy(INSIDE / "gimp_flatten.py", place.folder))
        opened = _to_open(place, files)
        done = root.run(
            [
                *("gimp-console", "-n", "-i", "--quit", "--batch-interpreter=python-fu-eval"),
                *("-b", f"exec(open('{script}').read())"),
            ],
            {**place.environment, "SOFTLIGHT_FILES": json.dumps(opened)},
        )
        return [_flat_in_gimp(Path(out), done.stdout + done.stderr) for _, out in opened]


def open_in_krita(root: Root, files: Sequence[Path]) -> list[Opened]:
    """Open `files` in one Krita and read their projections at the documents' own depths."""
    with workplace() as place:
        script = Path(shutil.copy(INSIDE / "krita_flatten.py", place.folder))
        opened = _to_open(place, files)
        done = root.run(
            ["kritarunner", "-s", script.stem, "-f", "flatten_all"],
            {
                **place.environment,
                "QT_QPA_PLATFORM": "offscreen",
                "PYTHONPATH": str(script.parent),
                "SOFTLIGHT_FILES": json.dumps(opened),
            },
        )
        return [_flat_in_krita(Path(out), done.stdout + done.stderr) for _, out in opened]


def _to_open(place: Workplace, files: Sequence[Path]) -> list[tuple[str, str]]:
    """Return for each file where it lies in this home, and a folder for what is found out."""
    opened = []
    for number, file in enumerate(files):
        out = place.folder / f"opened-{number}"
        out.mkdir()
        opened.append((shutil.copy(file, place.pictures), str(out)))
    return opened


def _flat_in_gimp(out: Path, log: str) -> Opened:
    tree, raw = _results(out, log)
    return Opened(tree, np.frombuffer(raw, np.uint16).reshape(tree["height"], tree["width"], 3), log)


def _flat_in_krita(out: Path, log: str) -> Opened:
    tree, raw = _results(out, log)
    depth = {"U8": np.uint8, "U16": np.uint16}[tree["precision"]]
    size = tree["height"], tree["width"]
    if tree["model"] == "GRAYA":
        grey = np.frombuffer(raw, depth).reshape(*size, 2)[..., :1]
        return Opened(tree, np.repeat(grey, 3, axis=2), log)
    # Integer pixels are blue, green, red, alpha.
    return Opened(tree, np.frombuffer(raw, depth).reshape(*size, 4)[..., 2::-1], log)


def _results(out: Path, log: str) -> tuple[dict[str, Any], bytes]:
    tree = out / "tree.json"
    assert tree.exists(), f"the application wrote no result:\n{log[-3000:]}"
    return json.loads(tree.read_text("utf-8")), (out / "pixels.raw").read_bytes()
