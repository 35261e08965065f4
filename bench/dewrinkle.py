"""De-wrinkle's cost: it follows the brush, not the photo.

    python bench/dewrinkle.py [--runs 5] [--sizes 6 24 96]

The same stroke on the same face (the shipped sample of Grace Hopper, enlarged three times), on photos of
6, 24 and 96 MP, 8 and 16 bit. A job is `dewrinkle`: pixels received to layers returned, no files, sessions
warm, shipped weights. Times are medians of runs that take turns, so that other load on the machine meets
all alike; processor time is printed too. Memory is measured in a process of its own per photo: after a
warm-up on the smallest photo, the high-water mark of resident memory is reset (Linux:
/proc/self/clear_refs), and what the job adds to the resident memory before it is its extra memory.
Telea fills, in the crop of the layers, the pixels that they change.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from importlib.resources import as_file, files

import cv2
import measuring
import numpy as np
from measuring import MEGA, StagedRuntime, Stages, table
from numpy.typing import NDArray

from softlight.filters.dewrinkle import DewrinkleSettings
from softlight.filters.dewrinkle.filter import dewrinkle
from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight.runtime import Runtime

ENLARGEMENT = 3
DEPTHS = ("uint8", "uint16")


def job(megapixels: float, depth: str) -> tuple[Picture, NDArray[np.uint8]]:
    """A 2:3 photo with the sample in its middle, and the sample's brush mask at the same place."""
    with as_file(files("softlight") / "samples") as samples:
        photo = cv2.imread(str(samples / "hopper.jpg"))[..., ::-1]
        brush = cv2.imread(str(samples / "hopper-mask.png"), cv2.IMREAD_GRAYSCALE)
    photo, brush = (cv2.resize(np.ascontiguousarray(x), None, fx=ENLARGEMENT, fy=ENLARGEMENT,
                               interpolation=cv2.INTER_CUBIC) for x in (photo, brush))  # fmt: skip
    width = round((megapixels * MEGA / 1.5) ** 0.5)
    height = round(1.5 * width)
    pixels = np.full((height, width, 3), 128, np.uint8)
    mask = np.zeros((height, width), np.uint8)
    top, left = (height - photo.shape[0]) // 2, (width - photo.shape[1]) // 2
    pixels[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
    mask[top : top + photo.shape[0], left : left + photo.shape[1]] = brush
    if depth == "uint16":
        pixels = pixels.astype(np.uint16) * 257
    return Picture(pixels), mask


def settings() -> DewrinkleSettings:
    return DewrinkleSettings()


def telea(picture: Picture, stack: LayerStack) -> float:
    """Seconds that OpenCV's Telea takes for the pixels that the layers change, on 8 bits."""
    layers = stack.layers
    left, top = (min(layer.offset[i] for layer in layers) for i in (0, 1))
    right = max(layer.offset[0] + layer.mask.shape[1] for layer in layers)
    bottom = max(layer.offset[1] + layer.mask.shape[0] for layer in layers)
    hole = np.zeros((bottom - top, right - left), np.uint8)
    for layer in layers:
        x, y = layer.offset[0] - left, layer.offset[1] - top
        hole[y : y + layer.mask.shape[0], x : x + layer.mask.shape[1]] |= (layer.mask > 0).astype(np.uint8)
    crop = np.ascontiguousarray(picture.pixels[top:bottom, left:right])
    if crop.dtype == np.uint16:
        crop = (crop >> 8).astype(np.uint8)
    start = time.perf_counter()
    cv2.inpaint(crop, hole, 3, cv2.INPAINT_TELEA)
    return time.perf_counter() - start


def extra_memory(megapixels: float, depth: str, smallest: float) -> float:
    """Extra peak memory of one warm job in MB; runs in a process of its own."""
    runtime = Runtime()
    dewrinkle(*job(smallest, depth), settings(), runtime)
    picture, mask = job(megapixels, depth)
    return measuring.extra_memory(lambda: dewrinkle(picture, mask, settings(), runtime))


def in_child(megapixels: float, depth: str, smallest: float) -> float:
    command = [sys.executable, __file__, "--memory", depth, "--sizes", str(smallest), str(megapixels)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


def measure(sizes: Sequence[float], runs: int) -> None:
    runtime = StagedRuntime()
    runtime.stages = spent_in = Stages()
    cases = {(size, depth): job(size, depth) for depth in DEPTHS for size in sizes}
    wall, processor, classic = (defaultdict[tuple[float, str], list[float]](list) for _ in range(3))
    stages = defaultdict[tuple[float, str, str], list[float]](list)
    tiles: dict[str, int] = {}
    stored = set()
    for number in range(runs + 1):
        for case, (picture, mask) in cases.items():
            spent_in.forget()
            start, used = time.perf_counter(), time.process_time()
            stack = dewrinkle(picture, mask, settings(), runtime)
            spent, used = time.perf_counter() - start, time.process_time() - used
            stored.add((stack.settings["face_size"], len(stack.layers)))
            if number == 0:  # the warm-up
                continue
            wall[case].append(spent)
            processor[case].append(used)
            classic[case].append(telea(picture, stack))
            for role, seconds in spent_in.seconds.items():
                stages[*case, role].append(seconds)
                tiles[role] = spent_in.calls[role]
            stages[*case, "rest"].append(spent - spent_in.seconds.total())
    if len(stored) != 1:
        raise SystemExit(f"The jobs were not the same: face size and layers {stored}")
    rows = []
    for size, depth in cases:
        case, least = (size, depth), (sizes[0], depth)
        time_of, base = (float(np.median(wall[c])) for c in (case, least))
        cpu, cpu_base = (float(np.median(processor[c])) for c in (case, least))
        rows.append([
            f"{size:g}", depth, f"{time_of:.2f}", f"{time_of / base:.2f}", f"{cpu / cpu_base:.2f}",
            f"{time_of / float(np.median(classic[case])):.1f}",
            *(f"{float(np.median(stages[*case, s])):.2f}" for s in (*tiles, "rest")),
            f"{in_child(size, depth, sizes[0]):.0f}",
        ])  # fmt: skip
    header = ("MP", "depth", "job (s)", "to smallest", "processor to smallest", "to Telea",
              *(f"{role}, {count} tiles (s)" for role, count in tiles.items()), "rest (s)",
              "extra memory (MB)")  # fmt: skip
    (face, _layers) = stored.pop()
    print(f"Median of {runs} warm runs that take turns; face size found: {face:g} px\n")
    print(table(header, rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", type=float, nargs="+", default=[6, 24, 96], help="megapixels")
    parser.add_argument("--memory", metavar="DEPTH", choices=DEPTHS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print(json.dumps(extra_memory(options.sizes[-1], options.memory, options.sizes[0])))
    else:
        measure(options.sizes, options.runs)


if __name__ == "__main__":
    main()
