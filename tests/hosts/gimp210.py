"""GIMP 2.10 with gimpfu and the plug-in, driven by functions in Python 2.7 (`inside/gimp210_*.py`)."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from gimpfu_root import gimpfu_root
from numpy.typing import DTypeLike, NDArray
from PIL import Image
from roots import PATIENCE, Root
from workplace import Workplace

from softlight.compositor import composite
from softlight.encoding import from_unit, linear_to_perceptual, perceptual_to_linear, to_unit
from softlight.layers import BlendMode, Layer, LayerStack
from softlight.picture import Picture
from tests.extra_filter import overlay

DEPTHS = {1: np.uint8, 2: np.uint16, 5: np.float16, 6: np.float32}
"""By the hundreds of GIMP's numbers for precisions; those that end in 50 are on a display curve."""
LIMITS = {np.uint8: 2, np.uint16: 4, np.float16: 1e-3, np.float32: 1e-5}
"""The design's rule of agreement, in levels of integers and in shares of 1 of floats."""
INSIDE = Path(__file__).parent / "inside"
SAMPLES = Path(__file__).parents[2] / "core" / "softlight" / "samples"


@dataclass(frozen=True)
class Gimp210:
    """GIMP 2.10 in a home of its own, with the plug-in installed."""

    root: Root
    place: Workplace
    plugin: Path
    """The plug-in's folder."""

    @property
    def out(self) -> Path:
        """Where scenes write pixels."""
        return self.place.folder / "out"

    @property
    def temporary(self) -> Path:
        """Where the plug-in makes its private folders; nothing else writes here."""
        return self.place.folder / "tmp mit Zoë"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.place.environment,
            "PICTURES": str(self.place.pictures),
            "OUT": str(self.out),
            "TMPDIR": str(self.temporary),
        }

    def command(self, module: str, function: str) -> list[str]:
        """How one function of a module in `inside` is run."""
        script, answer = self.place.folder / "inside" / module, self.out / f"{function}.json"
        probe = f'(python-fu-softlight-probe RUN-NONINTERACTIVE "{script}" "{function}" "{answer}")'
        return ["gimp-console-2.10", "-n", "-i", "-b", probe, "-b", "(gimp-quit 0)"]

    def run(self, module: str, function: str, timeout: float = PATIENCE) -> tuple[Any, str]:
        """Run one function of a module in `inside`; return what it returned, and what GIMP said."""
        done = self.root.run(self.command(module, function), self.environment, timeout)
        return self.answer(function, done.stdout + done.stderr), done.stdout + done.stderr

    def start(self, module: str, function: str) -> subprocess.Popen[bytes]:
        """Start one function; `answer` tells what it returned."""
        return self.root.start(self.command(module, function), self.environment)

    def answer(self, function: str, log: str = "") -> Any:
        """Return what a function returned."""
        path = self.out / f"{function}.json"
        assert path.exists(), f"GIMP wrote no answer:\n{log[-3000:]}"
        found = json.loads(path.read_text("utf-8"))
        assert "traceback" not in found, f"{found['traceback']}\n{log[-3000:]}"
        return found["result"]

    def pixels(self, dumped: dict[str, Any], depth: DTypeLike = np.uint8) -> NDArray[Any]:
        """Return the pixels that a scene wrote."""
        height, width, pixel_bytes = dumped["shape"]
        stored = np.fromfile(self.out / dumped["file"], depth)
        return stored.reshape(height, width, pixel_bytes // stored.itemsize)

    def layers(
        self, group: dict[str, Any], depth: DTypeLike = np.uint8, linear: bool = False
    ) -> tuple[Layer, ...]:
        """Return the layers of a group, the lowest first, in values on the display curve."""
        found = []
        for entry in reversed(group["children"]):
            pixels, mask = self.pixels(entry["pixels"], depth), self.pixels(entry["mask"], depth)[..., 0]
            assert np.array_equal(pixels[..., -1] > 0, mask > 0), "alpha is full where the mask is, else 0"
            colours = linear_to_perceptual(to_unit(pixels[..., :-1])) if linear else pixels[..., :-1]
            x, y = entry["offset"]
            found.append(Layer(entry["name"], colours, mask, BlendMode(entry["mode"]), 1.0, (x, y)))
        return tuple(found)

    def left_over(self) -> list[Path]:
        """Return what the plug-in left in the folder for temporary files."""
        return list(self.temporary.glob("softlight-*"))

    def processes(self, word: str) -> list[int]:
        """Return the processes of this home whose command line has `word` in it."""
        found = []
        for number in self.place.processes():
            try:
                command = Path(f"/proc/{number}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            except OSError:
                continue
            if any(word in part for part in command) and command[0] != "bwrap":
                found.append(number)
        return found

    def wait_for_process(self, word: str, patience: float = PATIENCE) -> list[int]:
        """Return the processes of this home with `word` in their command line, as soon as there are any."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            found = self.processes(word)
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no process with {word!r} came")


def extend(host: Gimp210, *filters: str) -> None:
    """Let the installed plug-in use a command line with the tests' own filter, and `filters` beside it."""
    folder = host.place.folder / "overlay"
    folder.mkdir()
    added = overlay(folder, str(host.place.folder / "python"), *filters)
    listed = subprocess.run(added.listing, capture_output=True, check=True).stdout
    (host.plugin / "filters.json").write_bytes(listed)
    settings = host.plugin / "engine.json"
    described = json.loads(settings.read_text("utf-8"))
    settings.write_text(json.dumps({**described, "cli": added.cli}), "utf-8")


def missed(
    photo: NDArray[Any], shown: NDArray[Any], layers: Sequence[Layer], opacity: float, linear: bool
) -> float:
    """By how much GIMP misses the reference compositor at worst, both rounded to the image's own depth.

    Parameters
    ----------
    photo, shown : ndarray
        Stored values of what lies below the layers and of what GIMP makes of it, where the photo is seen.
    layers : sequence of Layer
        In values on the display curve.
    opacity : float
        Of every layer.
    linear : bool
        Whether the image stores linear light. GIMP blends on sRGB's curve all the same.
    """
    colours = 1 if photo.shape[2] < 3 else 3
    values = to_unit(photo).astype(np.float32)
    if linear:
        values[..., :colours] = linear_to_perceptual(values[..., :colours])
    stack = LayerStack("", tuple(replace(layer, opacity=opacity) for layer in layers))
    expected = composite(Picture(values), stack).pixels[..., :colours]
    expected = from_unit(perceptual_to_linear(expected) if linear else expected, photo.dtype)
    difference = np.abs(shown[..., :colours].astype(float) - expected.astype(float))
    seen = photo[..., -1] > 0 if photo.shape[2] in (2, 4) else np.ones(photo.shape[:2], bool)
    return float(difference[seen].max())


def gimp210(place: Workplace, photo: Path = SAMPLES / "hopper.jpg") -> Gimp210:
    """Install the plug-in into a new home and put a portrait and its mask beside.

    Raises
    ------
    NoHosts
        When GIMP 2.10 with gimpfu cannot be had here.
    """
    root = gimpfu_root()
    profile = place.gimp_profile("2.10")
    place.install_plugins("--gimp")
    host = Gimp210(root, place, profile / "plug-ins" / "softlight")
    probe = profile / "plug-ins" / "gimp210_probe.py"
    shutil.copy(INSIDE / probe.name, probe)
    probe.chmod(0o755)
    (place.folder / "inside").mkdir()
    for script in INSIDE.glob("gimp210_*.py"):
        shutil.copy(script, place.folder / "inside")
    host.out.mkdir()
    host.temporary.mkdir()
    with Image.open(photo) as opened:
        opened.convert("RGB").save(place.pictures / "portrait.png")
    mask = photo.with_name(f"{photo.stem}-mask.png")
    shutil.copy(mask, place.pictures / "mask.png")
    return host
