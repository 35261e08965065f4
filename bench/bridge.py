"""What a host and the bridge add to a job: where the time goes from the user's click to the layers.

    python bench/bridge.py [--runs 3] [--hosts none gimp krita] [--megapixels 24] [--stroke 2]

De-wrinkle on a photo of 24 MP with 16 bits (the shipped sample of Grace Hopper, enlarged) under a stroke that
paints 2 MP of the face: by the bridge alone, in real GIMP 3.0 and in real Krita 5.2, each installed as a user
installs them. Engine and host note on one clock when their stages begin and end. The job is the filter
itself; all else is overhead. The first job of a host is not counted, since it loads the networks. The last
table is the engine's cold start: from no engine to the first result, on a small stroke.

Needs what the tests of the real applications need; see CONTRIBUTING.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from plain_host import HOSTS, ROOT, PlainHost, at_home, scene

# isort: split
# What plain_host has put on the path.
import krita_application
from gimp3 import gimp3
from roots import root
from stopwatch import Stopwatch
from workplace import Workplace, workplace

from softlight.files import write_picture
from softlight.picture import ColourEncoding, Picture
from softlight_bridge.client import Engine
from softlight_bridge.messages import Box, Raster

Times = dict[str, list[tuple[float, float]]]
STAGES = (
    "host: mask read",
    "bridge: engine reached, mask sent",
    "engine: area found",
    "host: photo read",
    "bridge: photo sent",
    "engine: digest",
    "the job: the filter itself",
    "engine: layers made",
    "bridge: layers sent",
    "host: layers set",
    "host: remembered",
    "all the rest",
)
JOB = STAGES[6]


def read_times(path: Path) -> Times:
    """What stopwatches wrote: for each stage, when its calls began and ended."""
    times: Times = defaultdict(list)
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            what, start, end = json.loads(line)
            times[what].append((start, end))
    return times


def stages_of(whole: tuple[float, float], host: Times, engine: Times) -> dict[str, float]:
    """Seconds of each of `STAGES` in the job that lasted from `whole[0]` to `whole[1]`."""
    every = {**host, **engine}

    def within(what: str) -> list[tuple[float, float]]:
        return [span for span in every.get(what, []) if whole[0] <= span[0] and span[1] <= whole[1] + 0.01]

    def seconds(what: str) -> float:
        return sum(end - start for start, end in within(what))

    (bridge,) = within("bridge: whole")
    (received,) = within("engine: job received")
    (photo,) = within("host: photo read")
    (pixels,) = within("engine: pixels received")
    (made,) = within("engine: layers made")
    found = {
        "host: mask read": seconds("host: mask read"),
        "bridge: engine reached, mask sent": received[1] - bridge[0],
        "engine: area found": seconds("engine: area found"),
        "host: photo read": seconds("host: photo read"),
        "bridge: photo sent": pixels[1] - photo[1],
        "engine: digest": seconds("engine: digest"),
        JOB: seconds("engine: filter and digest") - seconds("engine: digest"),
        "engine: layers made": seconds("engine: layers made"),
        "bridge: layers sent": bridge[1] - made[1],
        "host: layers set": seconds("host: layers set"),
        "host: remembered": seconds("host: remembered"),
    }
    return {**found, STAGES[-1]: whole[1] - whole[0] - sum(found.values())}


def medians(host: Times, engine: Times, runs: int) -> dict[str, float]:
    """The median of each stage over the last `runs` jobs."""
    jobs = [stages_of(whole, host, engine) for whole in host["whole"][-runs:]]
    return {stage: statistics.median(job[stage] for job in jobs) for stage in STAGES}


def time_engine(place: Workplace, engine_json: Path) -> Path:
    """Let a plug-in start the engine with a stopwatch, and return the file that it will write."""
    times = place.folder / "engine-times"
    told = json.loads(engine_json.read_text("utf-8"))
    told["engine"] = [str(place.folder / "python"), str(ROOT / "bench/timed_engine.py"), str(times)]
    engine_json.write_text(json.dumps(told), "utf-8")
    return times


def in_gimp(photo: Path, mask: Path, runs: int) -> tuple[str, dict[str, float], dict[str, float]]:
    """Return a title, the stages, and other figures."""
    with gimp3(root("trixie")) as gimp:
        engine = time_engine(gimp.place, gimp.plugin / "engine.json")
        times = gimp.place.folder / "host-times"
        task = {"photo": str(photo), "mask": str(mask), "plugin": str(gimp.plugin)}
        told = gimp.run("gimp3_timed", {**task, "times": str(times), "runs": runs}, timeout=3000)
        host = read_times(times)
        ((start, end),) = host["whole procedure"]
        stages = medians(host, read_times(engine), runs)
    return f"GIMP 3.0, {told['precision']}", stages, {"called as a procedure of its own": end - start}


def in_krita(photo: Path, mask: Path, runs: int) -> tuple[str, dict[str, float], dict[str, float]]:
    """Return a title, the stages, and other figures."""
    krita_application.PATIENCE = 3000.0

    def bring(out: Path) -> None:
        (out.parent / "stopwatch.py").write_bytes((HOSTS / "inside/stopwatch.py").read_bytes())

    with workplace() as place:
        folder = krita_application.install(place, "krita_driver")
        engine = time_engine(place, folder / "softlight_krita/engine.json")
        names = {"SOFTLIGHT_PICTURE": str(photo), "SOFTLIGHT_MASK": str(mask), "SOFTLIGHT_RUNS": str(runs)}
        played = krita_application.play(root("trixie"), place, "krita_timed", bring, **names)
        host = read_times(played.out / "times")
        drawn = statistics.median(end - start for start, end in host["picture drawn"])
        stages = medians(host, read_times(engine), runs)
    return f"Krita 5.2, {played.found['encoding'][1]}", stages, {"picture drawn anew, afterwards": drawn}


def bridge_alone(host: PlainHost, runs: int) -> tuple[str, dict[str, float], dict[str, float]]:
    """Return a title, the stages, and other figures."""
    with workplace() as place, at_home(place):
        times = place.folder / "engine-times"
        engine = Engine((sys.executable, str(ROOT / "bench/timed_engine.py"), str(times)), "the benchmark")
        watch = Stopwatch(place.folder / "host-times")

        def read(box: Box) -> Raster:
            start = time.monotonic()
            pixels = host.read(box)
            watch.note("host: photo read", start)
            return pixels

        begun = time.monotonic()
        engine.preview(host.job(0), read, (900, 900))
        previewed = time.monotonic()
        engine.run(host.job(0), read)
        others = {
            "preview, cold": previewed - begun,
            "the layers after their preview": time.monotonic() - previewed,
        }
        for number in range(1, 1 + runs):
            start = time.monotonic()
            engine.run(host.job(number), read)
            watch.note("bridge: whole", start)
            watch.note("whole", start)
        stages = medians(read_times(place.folder / "host-times"), read_times(times), runs)
    return "bridge alone, u16", stages, others


def cold_start(runs: int) -> dict[str, float]:
    """Seconds from no engine to its first result, and what the same job takes afterwards."""
    host = PlainHost(*scene(2, 0.05))
    seconds = defaultdict[str, list[float]](list)
    for _ in range(runs):
        with workplace() as place, at_home(place):
            begun = time.monotonic()
            first = wait_for_job(host, 0, place.runtime / "engine.json")
            seconds["cold start to first result"].append(time.monotonic() - begun)
            seconds["of it until the engine listens (±0.1)"].append(first - begun)
            begun = time.monotonic()
            wait_for_job(host, 1, place.runtime / "engine.json")
            seconds["the same job, warm"].append(time.monotonic() - begun)
    return {what: statistics.median(values) for what, values in seconds.items()}


def wait_for_job(host: PlainHost, number: int, state: Path) -> float:
    """Run a job in a plain engine, and return when its state file was seen first."""
    seen: list[float] = []

    def progress(done: float, text: str) -> None:
        if not seen and state.exists():
            seen.append(time.monotonic())

    engine = Engine((sys.executable, "-I", "-m", "softlight.engine"), "the benchmark")
    engine.run(host.job(number), host.read, progress)
    return seen[0]


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def report(found: Sequence[tuple[str, dict[str, float], dict[str, float]]]) -> None:
    header = ["stage, seconds", *(title for title, _, _ in found)]
    rows: list[list[Any]] = [[stage, *(f"{stages[stage]:.2f}" for _, stages, _ in found)] for stage in STAGES]
    whole = [sum(stages.values()) for _, stages, _ in found]
    over = [sum(stages.values()) - stages[JOB] for _, stages, _ in found]
    rows.append(["whole", *(f"{seconds:.2f}" for seconds in whole)])
    rows.append(["overhead", *(f"{seconds:.2f}" for seconds in over)])
    rows.append(
        ["**overhead / job**", *(f"**{o / stages[JOB]:.1%}**" for o, (_, stages, _) in zip(over, found))]
    )
    print(table(header, rows), flush=True)
    for title, _, others in found:
        for what, seconds in others.items():
            print(f"\n{title}: {what}: {seconds:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--stroke", type=float, default=2)
    parser.add_argument(
        "--hosts", nargs="+", choices=["none", "gimp", "krita"], default=["none", "gimp", "krita"]
    )
    options = parser.parse_args()
    pixels, painted = scene(options.megapixels, options.stroke)
    height, width = painted.shape
    print(f"{width} x {height}, {np.count_nonzero(painted) / 1e6:.2f} MP painted, {os.cpu_count()} cores\n")
    found = []
    with workplace() as place:
        photo, mask = place.pictures / "photo.tif", place.pictures / "mask.raw"
        write_picture(photo, Picture(pixels, ColourEncoding(icc=imagecodecs.cms_profile("srgb"))))
        mask.write_bytes(painted.tobytes())
        for host in options.hosts:
            if host == "gimp":
                found.append(in_gimp(photo, mask, options.runs))
            elif host == "krita":
                found.append(in_krita(photo, mask, options.runs))
            else:
                found.append(bridge_alone(PlainHost(pixels, painted), options.runs))
    report(found)
    print()
    print(table(["engine", "seconds"], [[what, f"{s:.2f}"] for what, s in cold_start(options.runs).items()]))


if __name__ == "__main__":
    main()
