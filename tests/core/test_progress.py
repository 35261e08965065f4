"""Long steps repeat their share, so that they can be cancelled, but not more often than is of use."""

from __future__ import annotations

import pytest

from softlight.errors import Cancelled
from softlight.progress import part, ticking


def test_a_tick_repeats_the_last_share() -> None:
    said: list[tuple[float, str]] = []
    report, tick = ticking(lambda share, text: said.append((share, text)), "Working", seconds=0)
    report(0.25)
    tick()
    assert said == [(0.25, "Working")] * 2


def test_ticks_in_quick_succession_say_nothing() -> None:
    said: list[float] = []
    report, tick = ticking(lambda share, text: said.append(share), "Working", seconds=3600)
    report(0.25)
    for _ in range(5):
        tick()
    report(0.5)
    assert said == [0.25, 0.5]


def test_a_tick_cancels() -> None:
    def cancel(share: float, text: str) -> None:
        raise Cancelled

    _, tick = ticking(cancel, "Working", seconds=0)
    with pytest.raises(Cancelled):
        tick()


def test_a_step_tells_its_share_of_the_job_and_no_end_before_the_end() -> None:
    said: list[tuple[float, str]] = []

    def progress(share: float, text: str) -> None:
        said.append((share, text))

    for start, end in ((0.0, 0.25), (0.25, 1.0)):
        step = part(progress, start, end)
        step(0.0, "Working")
        step(0.5, "Working")
        step(1.0, "Done")
    assert said == [
        (0.0, "Working"), (0.125, "Working"), (0.25, "Working"), (0.625, "Working"), (1.0, "Done"),
    ]  # fmt: skip
