"""Whether real Krita's window stays alive while a filter runs on 24 megapixels of 16 bits.

Prints the longest times for which the event loop did not come round; a busy machine has its own, so that only
what no machine excuses is asserted.

Run:   python -m pytest -s -m hosts tests/hosts/test_krita_gaps.py
Needs: what `roots.py` needs; 60 s.
"""

from __future__ import annotations

import pytest
from krita_application import install, play
from roots import Root
from workplace import workplace

pytestmark = [pytest.mark.hosts, pytest.mark.all_hosts]


def test_the_window_stays_alive(trixie: Root) -> None:
    with workplace() as place:
        install(place, "krita_driver")
        found = play(trixie, place, "krita_gaps").found
    assert not found["said"][1], found["said"][0]
    for phase in ("idle", "run", "drawn", "undo", "preview"):
        print(phase, sorted(found[phase], reverse=True)[:5])
    longest = max(seconds for seconds, _ in found["run"])
    assert longest < found["seconds"] / 4
