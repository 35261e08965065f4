"""What was found is not looked for twice, and does not pile up."""

from __future__ import annotations

import pytest

from softlight.runtime.memory import KEPT, MORE, Memory


def test_what_was_found_is_not_looked_for_again() -> None:
    memory, looked = Memory(), []

    def find() -> str:
        looked.append(1)
        return "a face"

    assert [memory.recall(b"photo", find) for _ in range(3)] == ["a face"] * 3
    assert len(looked) == 1


def test_what_was_used_last_stays() -> None:
    memory = Memory()
    for number in range(KEPT):
        memory.recall(b"%d" % number, lambda number=number: number)
    assert memory.recall(b"0", lambda: -1) == 0
    memory.recall(b"new", lambda: 0)
    assert memory.recall(b"0", lambda: -1) == 0
    assert memory.recall(b"1", lambda: -1) == -1


def test_a_failure_is_not_kept() -> None:
    memory = Memory()

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):
        memory.recall(b"photo", fail)
    assert memory.recall(b"photo", lambda: "found") == "found"


def test_what_was_found_beside_goes_with_the_very_thing() -> None:
    memory, faces = Memory(), [["a face"] for _ in range(MORE + 1)]
    assert memory.beside(faces[0], "parsing", lambda: "its parsing") == "its parsing"
    assert memory.beside(faces[0], "parsing", lambda: "another") == "its parsing"
    assert memory.beside(faces[0], "wear", lambda: "its wear") == "its wear"
    assert memory.beside(["a face"], "parsing", lambda: "of its equal") == "of its equal"
    for number, face in enumerate(faces):
        memory.beside(face, "parsing", lambda number=number: number)
    assert memory.beside(faces[1], "parsing", lambda: -1) == 1
    assert memory.beside(faces[0], "parsing", lambda: "anew") == "anew"


def test_nothing_is_kept_beside_after_a_failure() -> None:
    memory, face = Memory(), object()

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):
        memory.beside(face, "parsing", fail)
    assert memory.beside(face, "parsing", lambda: "found") == "found"
