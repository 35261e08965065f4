"""Face restore's cost: one face and ten in 24 megapixels, a giant one, beside one inference at 512 px.

    python bench/restore.py [--runs 3] [--no-background]

A job is `restore` on the whole photo: pixels received to layers returned, no files; networks are open and
the faces known, as after a preview. The faces are the shipped sample of Grace Hopper, 500 px between the
eyes alone, 150 px for each of ten, and 1900 px of a face that fills 64 megapixels; the rest is grey. The
inference is that of the role's embedded model on one square, in turns with the jobs. Memory is what a warm
job adds to the resident memory at its peak (Linux: /proc/self/clear_refs).
"""

from __future__ import annotations

import argparse
import statistics
import time
from importlib.resources import as_file, files

import cv2
import numpy as np
from measuring import MEGA, table

from softlight.faces import analysis
from softlight.filters.restore.filter import restore
from softlight.filters.restore.settings import RestoreSettings
from softlight.picture import Picture
from softlight.roles import face_restoration
from softlight.runtime import Runtime

SCENES = {
    "one face": (6000, 4000, 1, 1, 500.0),
    "ten faces": (6000, 4000, 5, 2, 150.0),
    "a face 4000 px wide": (8000, 8000, 1, 1, 1900.0),
}
"""Width and height, faces across and down, and px between their eyes."""


def scene(wide: int, high: int, across: int, down: int, eyes: float, runtime: Runtime) -> Picture:
    """Return the sample's portrait as often as wanted on grey, each once in its part of the photo."""
    with as_file(files("softlight") / "samples") as samples:
        sample = cv2.imread(str(samples / "hopper.jpg"))
    assert sample is not None
    sample = np.ascontiguousarray(sample[..., ::-1])
    (face,) = analysis.find(Picture(sample), runtime)
    scale = eyes / face.interocular
    portrait = cv2.resize(sample, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    pixels = np.full((high, wide, 3), 118, np.uint8)
    height, width = min(portrait.shape[0], high // down), min(portrait.shape[1], wide // across)
    for row in range(down):
        for column in range(across):
            top = row * high // down + (high // down - height) // 2
            left = column * wide // across + (wide // across - width) // 2
            pixels[top : top + height, left : left + width] = portrait[:height, :width]
    return Picture(pixels)


def resident(name: str) -> int:
    """Return a field of /proc/self/status in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(name))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--background", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    runtime = Runtime("cpu")
    settings = RestoreSettings(background=options.background)
    model = runtime.model("face-restoration")
    square = np.random.default_rng(1).random((512, 512, 3), dtype=np.float32)
    scenes = {name: scene(*how, runtime) for name, how in SCENES.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ("one inference", *scenes)}
    memory: dict[str, int] = {}
    for turn in range(options.runs + 1):
        works = {"one inference": lambda: face_restoration.restore(model, square)}
        for name, picture in scenes.items():
            analysis.find(picture, runtime)
            works = {**works, name: lambda picture=picture: restore(picture, None, settings, runtime)}
        for name, work in works.items():
            if name in scenes:
                analysis.find(scenes[name], runtime)
            before = resident("VmRSS")
            with open("/proc/self/clear_refs", "w", encoding="ascii") as clear:
                clear.write("5")
            start = time.perf_counter()
            work()
            if turn:
                seconds[name].append(time.perf_counter() - start)
            memory[name] = resident("VmHWM") - before
    one = statistics.median(seconds["one inference"])
    rows = [
        [
            name,
            f"{statistics.median(times):.2f} s",
            f"{statistics.median(times) / one:.1f}",
            f"{memory[name] / MEGA:.0f} MB",
        ]
        for name, times in seconds.items()
    ]
    print(table(("", "median", "inferences", "memory"), rows))


if __name__ == "__main__":
    main()
