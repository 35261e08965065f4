"""What an engine keeps in memory: many jobs in a row, each on a photo and a mask of its own.

    python bench/engine_memory.py [--jobs 100] [--megapixels 2] [--stroke 0.05]

De-wrinkle by the bridge alone, from one host, in one engine. Printed are megabytes of both processes:
resident (RSS) while nothing is done, and the engine's peak (VmHWM) so far. `--megapixels 24 --stroke 2
--jobs 3` is the job of `bench/bridge.py`. Linux only.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from plain_host import PlainHost, at_home, scene

# isort: split
# What plain_host has put on the path.
from workplace import workplace

from softlight_bridge.client import Engine

SETTLING = 0.5
"""Seconds after which an engine has let go of what belonged to a job."""


def megabytes(process: int, what: str) -> int:
    """A line of ``/proc/PID/status``."""
    for line in Path(f"/proc/{process}/status").read_text("ascii").splitlines():
        if line.startswith(f"{what}:"):
            return round(int(line.split()[1]) / 1024)
    raise KeyError(what)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--megapixels", type=float, default=2)
    parser.add_argument("--stroke", type=float, default=0.05)
    options = parser.parse_args()
    host = PlainHost(*scene(options.megapixels, options.stroke))
    told = {number for step in (1, 10) for number in range(step, 10 * step + 1, step)} | {options.jobs}
    print("| jobs | seconds | engine | its peak | its open files | its threads | host |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with workplace() as place, at_home(place):
        engine = Engine((sys.executable, "-I", "-m", "softlight.engine"), "the benchmark")
        begun, first = time.monotonic(), None
        for number in range(1, options.jobs + 1):
            layers = engine.run(host.job(number % 100), host.read).layers
            assert layers, "a job that changes nothing proves nothing"
            del layers
            process = place.engine_process()
            first = first or process
            assert process is not None and process == first, "the engine died"
            if number in told:
                time.sleep(SETTLING)
                counts = [len(os.listdir(f"/proc/{process}/{what}")) for what in ("fd", "task")]
                own, peak = (megabytes(process, what) for what in ("VmRSS", "VmHWM"))
                cells = [number, f"{time.monotonic() - begun:.0f}", own, peak, *counts]
                cells.append(megabytes(os.getpid(), "VmRSS"))
                print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
