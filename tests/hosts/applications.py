"""GIMP and Krita without a screen: open a file, and see what they make of it."""

from __future__ import annotations

import json
import shutil
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


def open_in_gimp(root: Root, file: Path) -> Opened:
    """Open `file` in GIMP 3, flatten, and read the pixels as 16-bit values (GIMP's own 8 bits times 257)."""
    with workplace() as place:
        done = root.run(
            [
                *("gimp-console", "-n", "-i", "--quit", "--batch-interpreter=python-fu-eval"),
                *("-b", f"exec(open('{_bring(place, INSIDE / 'gimp_flatten.py')}').read())"),
            ],
            {
                **place.environment,
                "SOFTLIGHT_FILE": str(_bring(place, file)),
                "SOFTLIGHT_OUT": str(place.folder),
            },
        )
        tree, raw = _results(place, done.stdout + done.stderr)
        pixels = np.frombuffer(raw, np.uint16).reshape(tree["height"], tree["width"], 3)
        return Opened(tree, pixels, done.stdout + done.stderr)


def open_in_krita(root: Root, file: Path) -> Opened:
    """Open `file` in Krita and read its projection at the document's own depth."""
    with workplace() as place:
        script = _bring(place, INSIDE / "krita_flatten.py")
        done = root.run(
            ["kritarunner", "-s", script.stem, "-f", "flatten"],
            {
                **place.environment,
                "QT_QPA_PLATFORM": "offscreen",
                "PYTHONPATH": str(script.parent),
                "SOFTLIGHT_FILE": str(_bring(place, file)),
                "SOFTLIGHT_OUT": str(place.folder),
            },
        )
        tree, raw = _results(place, done.stdout + done.stderr)
        depth = {"U8": np.uint8, "U16": np.uint16}[tree["precision"]]
        size = tree["height"], tree["width"]
        if tree["model"] == "GRAYA":
            grey = np.frombuffer(raw, depth).reshape(*size, 2)[..., :1]
            return Opened(tree, np.repeat(grey, 3, axis=2), done.stderr)
        # Integer pixels are blue, green, red, alpha.
        return Opened(tree, np.frombuffer(raw, depth).reshape(*size, 4)[..., 2::-1], done.stderr)


def _bring(place: Workplace, file: Path) -> Path:
    return Path(shutil.copy(file, place.pictures if file.parent != INSIDE else place.folder))


def _results(place: Workplace, log: str) -> tuple[dict[str, Any], bytes]:
    tree = place.folder / "tree.json"
    assert tree.exists(), f"the application wrote no result:\n{log[-3000:]}"
    return json.loads(tree.read_text("utf-8")), (place.folder / "pixels.raw").read_bytes()
