"""Work in threads: results in order, few of them waiting, and an error ends it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from softlight.filters.threads import in_threads


def test_results_come_in_the_order_of_their_parts() -> None:
    second = threading.Event()

    def work(part: int) -> int:
        # The first part ends after the second, where there is more than one thread.
        if part == 0:
            second.wait(0.2)
        second.set()
        return -part

    assert list(in_threads(work, range(20))) == [-part for part in range(20)]
    assert list(in_threads(work, [])) == []


def test_parts_are_asked_for_as_they_are_needed() -> None:
    asked = []

    def parts() -> Iterator[int]:
        for part in range(1000):
            asked.append(part)
            yield part

    results = in_threads(lambda part: part, parts())
    assert next(results) == 0
    assert len(asked) < 500
    results.close()
    assert len(asked) < 500


def test_an_error_ends_the_work() -> None:
    begun = []

    def work(part: int) -> None:
        begun.append(part)
        raise ValueError(str(part))

    with pytest.raises(ValueError, match="0"):
        list(in_threads(work, range(1000)))
    assert len(begun) < 500
