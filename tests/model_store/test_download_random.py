"""Servers that do one wrong thing after another, by chance: the download always comes to an end."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.model_store import misbehaving_server as does
from tests.model_store.downloading import CONTENT, QUICK, run, wanted
from tests.model_store.misbehaving_server import Behaviour, honest, serving

pytestmark = pytest.mark.usefixtures("_direct")
SIZE = len(CONTENT)
OTHER = bytes(reversed(CONTENT))
HASTY = replace(QUICK, silence_seconds=0.5, first_pause=0.001, longest_pause=0.001)
"""Without a stall among the behaviours, silence only means that this machine is busy."""


def behaviour(chance: random.Random) -> Behaviour:
    place = chance.choice([0, 1, 1000, SIZE // 2, SIZE - 1, chance.randrange(SIZE)])
    return chance.choice(
        [
            honest,
            does.cut_after(place),
            does.cut_after(place),
            does.reset_after(place),
            does.cut_in_head(chance.randrange(60)),
            does.status(chance.choice([403, 404, 416, 429, 500, 502, 503])),
            does.other_content(OTHER, etag=f'"{chance.randrange(2)}"'),
            does.other_content(OTHER[:place]),
            does.says_length(place),
            does.ignores_range,
            does.refuses_range,
            does.sends_another_range,
            does.small_ranges(1 + chance.randrange(SIZE)),
            does.compressed,
            does.chunked,
            does.garbled_chunks,
            does.without_length,
            does.no_http,
            does.redirect("/again"),
        ]
    )


@pytest.mark.parametrize("seed", range(40))
def test_any_faults(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    scripts = [[behaviour(chance) for _ in range(chance.randint(1, 6))] for _ in range(chance.randint(1, 3))]
    size = chance.choice([SIZE, SIZE, None])
    target = tmp_path / "gfpgan" / "model.onnx"
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(CONTENT, *script)) for script in scripts]
        urls = [server.url() for server in servers]
        # `run` holds that nothing wrong is installed, that the old file stays, and what is left over.
        outcome = run(wanted(*urls, size=size), target, HASTY, old=b"an older good file")
        # Each source is asked a bounded number of times, however its answers mix.
        assert sum(len(server.lines) for server in servers) < 100
        # And whatever was left of it, an honest source is enough.
        last = stack.enter_context(serving(CONTENT))
        if not outcome.installed:
            target.unlink()
            assert run(wanted(*urls, last.url(), size=size), target, HASTY).installed
