"""Memory that was freed leaves the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

FREED = """
import os
from softlight.engine.memory import give_back

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1_000_000

# Below the size from which the C library asks the system for each, and the last one stays on top of them.
pieces = [b"x" * 100_000 for _ in range(2000)]
full = resident()
del pieces[:-1]
give_back()
print(full, resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_a_job_has_freed_leaves_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    full, left = map(int, done.stdout.split())
    assert full > 200
    assert left < 50
