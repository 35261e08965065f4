"""Edit attributes' cost: sliders and hair on one face, small and large, beside OpenCV's own remap.

    python bench/edit.py [--runs 3]

A job is `edit` on the whole photo: pixels received to layers returned, no files; networks are open and the
faces known, as after a preview. The faces are the shipped sample of Grace Hopper: 60, 250 and 1000 px between
the eyes; the rest of 24 megapixels is grey. The peer is one `cv2.remap` by Lanczos of the square that a
face's move covers, 3.6 times as wide as the eyes are apart, which no move can do without.
"""

from __future__ import annotations

import argparse
import statistics
import time

import cv2
import numpy as np
from measuring import table
from restore import scene

from softlight.faces import analysis
from softlight.faces.prototypes import EXTENT
from softlight.filters.edit.filter import edit
from softlight.filters.edit.settings import EditSettings, HairColour
from softlight.runtime import Runtime

EYES = (60.0, 250.0, 1000.0)
"""Px between them."""
JOBS = {
    "smile": EditSettings(smile=0.7),
    "mouth": EditSettings(mouth=0.5),
    "gaze": EditSettings(gaze=0.5),
    "age": EditSettings(age=10.0),
    "five sliders": EditSettings(smile=0.5, brows=0.3, eyes=0.3, age=5.0, gender=0.3),
    "hair": EditSettings(hair_colour=HairColour.BROWN),
}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    runtime = Runtime("cpu")
    rows = []
    for eyes in EYES:
        picture = scene(6000, 4000, 1, 1, eyes, runtime)
        analysis.find(picture, runtime)
        side = round(EXTENT * eyes)
        square = np.random.default_rng(1).random((side, side, 3), dtype=np.float32)
        x, y = np.meshgrid(np.arange(side, dtype=np.float32) + 0.3, np.arange(side, dtype=np.float32) + 0.6)
        seconds: dict[str, list[float]] = {name: [] for name in ("remap", *JOBS)}
        for turn in range(options.runs + 1):
            for name, times in seconds.items():
                start = time.perf_counter()
                if name == "remap":
                    cv2.remap(square, x, y, cv2.INTER_LANCZOS4)
                else:
                    edit(picture, None, JOBS[name], runtime)
                if turn:
                    times.append(time.perf_counter() - start)
        peer = statistics.median(seconds["remap"])
        for name, times in seconds.items():
            median = statistics.median(times)
            rows.append([f"{eyes:.0f} px", name, f"{median:.2f} s", f"{median / peer:.1f}"])
    print(table(("between the eyes", "", "median", "remaps"), rows))


if __name__ == "__main__":
    main()
