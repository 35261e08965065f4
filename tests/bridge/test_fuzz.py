"""The fuzzer, briefly; ``python -m tests.bridge.fuzz --minutes 10`` does it thoroughly."""

from __future__ import annotations

import pytest

from tests.bridge import fuzz
from tests.bridge.ground import Ground


@pytest.mark.parametrize("seed", [1, 2])
def test_wrong_messages_harm_neither_side(ground: Ground, seed: int) -> None:
    outcomes = fuzz.run(lambda number: number < 150, seed, ground)
    # Wrong in many ways, and not all refused at the first look.
    assert len(outcomes) >= 8, outcomes
