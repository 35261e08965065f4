"""``softlight demo``: De-wrinkle on the two sample portraits that ship with Softlight."""

from __future__ import annotations

import argparse
import importlib.resources
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from softlight.cli.console import Console
from softlight.cli.targets import make_folder
from softlight_bridge.translation import _

if TYPE_CHECKING:
    from softlight.picture import Picture

SAMPLES = {"hopper": "hopper.jpg", "astronaut": "astronaut.png"}
GAP = 8
"""Pixels of white between before and after."""


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    SoftlightError
        When the pictures cannot be written or a model does not run.
    """
    folder: Path = options.out
    make_folder(folder)
    console.progress(0.0, "starting")

    from softlight.compositor import composite
    from softlight.files import read_mask, read_picture, write_picture, write_stack
    from softlight.filters.dewrinkle import DewrinkleSettings
    from softlight.filters.dewrinkle.filter import dewrinkle
    from softlight.runtime import Runtime

    runtime = Runtime(options.provider)
    written: list[Path] = []
    notes: list[str] = []
    with importlib.resources.as_file(importlib.resources.files("softlight") / "samples") as samples:
        for number, (name, photo) in enumerate(SAMPLES.items()):
            console.part(number / len(SAMPLES), (number + 1) / len(SAMPLES))
            console.progress(0.0, name)
            before = read_picture(samples / photo)
            mask = read_mask(samples / f"{name}-mask.png", before)
            stack = dewrinkle(before, mask, DewrinkleSettings(), runtime, console.progress)
            after = composite(before, stack)
            flat = {"before": before, "after": after, "before-after": side_by_side(before, after)}
            for what, picture in flat.items():
                written.append(folder / f"{name}-{what}.png")
                write_picture(written[-1], picture)
            written.append(folder / f"{name}.ora")
            lost = write_stack(written[-1], before, stack)
            notes += [note for note in (*stack.notes, *lost) if note not in notes]

    absolute = [str(path.absolute()) for path in written]
    lines = [_("Before and after, and the layers (.ora opens in GIMP and Krita):"), *absolute]
    console.result({"outputs": absolute}, lines, notes)
    return 0


def side_by_side(left: Picture, right: Picture) -> Picture:
    """Return both pictures in one, with a white gap; they have the same height, type and encoding."""
    import numpy as np

    white = 1 if left.pixels.dtype.kind == "f" else np.iinfo(left.pixels.dtype).max
    gap = np.full_like(left.pixels[:, :1], white).repeat(GAP, axis=1)
    return replace(left, pixels=np.concatenate([left.pixels, gap, right.pixels], axis=1))
