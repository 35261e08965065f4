"""Skin retouch's cost from 1K to 8K, beside what memory itself allows and what smooths skin today.

    python bench/retouch.py [--runs 5] [--sizes 1K 2K 4K 8K] [--depth uint8] [--models FOLDER] [--no-peers]

One face, 400 px between the eyes at 4K (3840 x 2160) and as much larger or smaller at the other sizes: the
shipped sample of Grace Hopper, enlarged. A job is `retouch` on whole faces: pixels received to layers
returned, no files; networks are open and the faces known, as after a preview. All ways take turns, so that
other load on the machine meets all alike; the first run of each is not counted. A peer that takes longer than
--patience runs once.

The floor is the photo read once and the layers written once, at the speed at which this machine copies
memory. Memory is what a warm job adds to the resident memory at its peak, in a process of its own (Linux:
/proc/self/clear_refs). The peers are those of `skin_smoothing.py`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import cv2
import measuring
import numpy as np
from measuring import MEGA, StagedRuntime, Stages, copy_bandwidth, table
from numpy.typing import NDArray
from skin_smoothing import PEERS, NoPeer, Photo

from softlight import blend_pyramid
from softlight.faces import analysis, protection
from softlight.filters.result import ResultLayers
from softlight.filters.retouch import reach
from softlight.filters.retouch.filter import retouch, skin_view
from softlight.filters.retouch.settings import RetouchSettings
from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight.runtime import Runtime
from softlight_models.bundled import WEIGHTS, BundledModels

SIZES = {"1K": (960, 540), "2K": (1920, 1080), "4K": (3840, 2160), "8K": (7680, 4320)}
INTEROCULAR = 400 / 3840
"""Px between the eyes, of the photo's width."""
STAGES = (
    (analysis, "find", "photo known again"),
    (protection, "parse", "face parsed"),
    (reach, "of_face", "place and protection"),
    (blend_pyramid, "look", "lowest level"),
    (blend_pyramid, "area_in", "weights"),
    (blend_pyramid, "bring_up", "brought up"),
    (ResultLayers, "add", "gathered"),
    (ResultLayers, "layers", "layers solved"),
)
"""Functions and what they do, each without the networks and stages that they call; seconds of all threads
together, so that on two processors they may add up to more than the job took."""


def portrait(size: str, depth: str, runtime: Runtime) -> Picture:
    """The sample with the face in the upper middle."""
    with as_file(files("softlight") / "samples") as samples:
        sample = cv2.imread(str(samples / "hopper.jpg"))
    assert sample is not None
    sample = np.ascontiguousarray(sample[..., ::-1])
    (face,) = analysis.find(Picture(sample), runtime)
    width, height = SIZES[size]
    scale = INTEROCULAR * width / face.interocular
    x, y = face.points.mean(axis=0)
    matrix = np.array([[scale, 0, width / 2 - scale * x], [0, scale, 0.45 * height - scale * y]])
    pixels = cv2.warpAffine(
        sample, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if depth == "uint16":
        return Picture(pixels.astype(np.uint16) * np.uint16(257))
    return Picture(np.asarray(pixels, np.uint8))


def smallest_traffic(picture: Picture, stack: LayerStack) -> int:
    """Bytes that any such job reads and writes."""
    return picture.pixels.nbytes + sum(layer.pixels.nbytes + layer.mask.nbytes for layer in stack.layers)


class Bench:
    """Times of all ways at one size of photo."""

    def __init__(self, size: str, options: argparse.Namespace, runtime: StagedRuntime) -> None:
        self.size, self._patience, self._runtime = size, options.patience, runtime
        self.picture = portrait(size, options.depth, runtime)
        self.wall: list[float] = []
        self.processor: list[float] = []
        self.stages: defaultdict[str, list[float]] = defaultdict(list)
        self.tiles: Counter[str] = Counter()
        self.peers: dict[str, list[float]] = {} if options.no_peers else {name: [] for name in PEERS}
        # The first job, which opens the networks and finds the face.
        self.stack = retouch(self.picture, None, RetouchSettings(), runtime)
        skin = np.rint(255 * skin_view(self.picture, None, RetouchSettings(), runtime)).astype(np.uint8)
        self._photo = self._for_peers(skin)

    def _for_peers(self, skin: NDArray[np.uint8]) -> Photo:
        pixels = self.picture.pixels
        if pixels.dtype == np.uint16:
            pixels = np.rint(pixels / 257).astype(np.uint8)
        return Photo(pixels, INTEROCULAR * self.picture.width, skin)

    def run(self) -> None:
        """Let everybody have a turn."""
        stages = self._runtime.stages
        analysis.find(self.picture, self._runtime)  # in case the other sizes made it forget
        stages.forget()
        start, used = time.perf_counter(), time.process_time()
        retouch(self.picture, None, RetouchSettings(), self._runtime)
        spent, used = time.perf_counter() - start, time.process_time() - used
        self.wall.append(spent)
        self.processor.append(used)
        for stage, seconds in stages.seconds.items():
            self.stages[stage].append(seconds)
        self.stages["rest"].append(max(0.0, spent - stages.seconds.total()))
        self.tiles = Counter(stages.calls)
        for name, times in list(self.peers.items()):
            if times and times[0] > self._patience:
                continue
            try:
                (smoothed,) = PEERS[name]([self._photo])
            except NoPeer as reason:
                print(f"{name} is left out: {reason}", file=sys.stderr)
                del self.peers[name]
                continue
            times.append(smoothed.seconds)

    def peer(self, name: str) -> float:
        """Seconds of a peer; the first run is its warm-up if there are more."""
        times = self.peers[name]
        return statistics.median(times[1:] or times)


def extra_memory(size: str, depth: str, models: Path) -> float:
    """MB that a warm job adds at its peak to a process that holds the photo."""
    runtime = Runtime("cpu", models=BundledModels(models))
    retouch(portrait("1K", depth, runtime), None, RetouchSettings(), runtime)
    picture = portrait(size, depth, runtime)
    analysis.find(picture, runtime)
    return measuring.extra_memory(lambda: retouch(picture, None, RetouchSettings(), runtime))


def in_child(size: str, options: argparse.Namespace) -> float:
    command = [sys.executable, __file__, "--memory", size, "--depth", options.depth]
    done = subprocess.run(
        [*command, "--models", str(options.models)], check=True, capture_output=True, text=True
    )
    return float(json.loads(done.stdout))


def report(benches: Sequence[Bench], options: argparse.Namespace) -> None:
    bandwidth = copy_bandwidth()
    print(f"{options.depth}; medians of {options.runs} warm runs that take turns; memory is copied "
          f"at {bandwidth / 1e9:.1f} GB/s, read and written\n")  # fmt: skip
    rows = []
    for bench in benches:
        wall, traffic = statistics.median(bench.wall), smallest_traffic(bench.picture, bench.stack)
        rows.append([
            bench.size, f"{wall:.3f}", f"{statistics.median(bench.processor):.3f}",
            f"{wall / statistics.median(benches[0].wall):.2f}", f"{traffic / MEGA:.0f}",
            f"{1000 * traffic / bandwidth:.0f}", f"{wall * bandwidth / traffic:.0f}",
            f"{bench.picture.pixels.nbytes / MEGA:.0f}", f"{in_child(bench.size, options):.0f}",
        ])  # fmt: skip
    print(table(("photo", "job (s)", "processor (s)", f"to {benches[0].size}", "least traffic (MB)",
                 "floor (ms)", "job to floor", "photo (MB)", "memory above it (MB)"), rows))  # fmt: skip
    print()
    stages = list(dict.fromkeys(stage for bench in benches for stage in bench.stages))
    print(table(("stage, ms (calls)", *(bench.size for bench in benches)), [
        [stage, *(f"{1000 * statistics.median(bench.stages[stage] or [0]):.0f} ({bench.tiles[stage] or 1})"
                  for bench in benches)]
        for stage in stages
    ]))  # fmt: skip
    names = [name for name in PEERS if all(name in bench.peers for bench in benches)]
    if not names:
        return
    print()
    print(table(("seconds (ours to it)", *(bench.size for bench in benches)), [
        [name, *(f"{bench.peer(name):.2f} ({statistics.median(bench.wall) / bench.peer(name):.2f})"
                 for bench in benches)]
        for name in names
    ]))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", nargs="+", choices=tuple(SIZES), default=list(SIZES))
    parser.add_argument("--depth", choices=("uint8", "uint16"), default="uint8")
    parser.add_argument("--models", type=Path, default=WEIGHTS, help="in place of the shipped ones")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--patience", type=float, default=20, help="seconds")
    parser.add_argument("--memory", metavar="SIZE", choices=tuple(SIZES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print(json.dumps(extra_memory(options.memory, options.depth, options.models)))
        return
    runtime = StagedRuntime("cpu", models=BundledModels(options.models))
    runtime.stages = Stages()
    for owner, name, stage in STAGES:
        runtime.stages.watch(owner, name, stage)
    benches = [Bench(size, options, runtime) for size in options.sizes]
    for _ in range(options.runs):
        for bench in benches:
            bench.run()
    report(benches, options)


if __name__ == "__main__":
    main()
