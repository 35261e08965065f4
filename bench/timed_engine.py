"""The engine with a stopwatch in it, for `bench/bridge.py`: `python bench/timed_engine.py FILE`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/hosts/inside"))

from stopwatch import Stopwatch

from softlight.engine import __main__ as engine
from softlight.engine import studio, visitor
from softlight_bridge import packing

watch = Stopwatch(sys.argv[1])
watch.watch(packing, "unpack_job", "engine: job received")
watch.watch(studio, "prepare", "engine: area found")
watch.watch(visitor, "_pixels", "engine: pixels received")
watch.watch(studio, "_digest", "engine: digest")
watch.watch(studio.Studio, "_run", "engine: filter and digest")
watch.watch(studio, "host_layers", "engine: layers made")
os._exit(engine.main([]))
