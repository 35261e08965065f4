"""Undo and redo in Krita of a run, a Re-run and a Bake: each is one step for the user."""

import os

from krita_tools import close, docker, open_picture, perform, seen, select, set_values, until, walk

PICTURE = os.environ["SOFTLIGHT_PICTURE"]
MASK = os.environ["SOFTLIGHT_MASK"]


def scenario(found):
    docker().show()
    yield from until(docker().isVisible, "the docker")
    document = yield from open_picture(PICTURE)
    yield from select(document, MASK, document.width(), document.height())
    states = [seen(document)]
    for step in (docker().run, weaker, docker().desk.bake):
        sentence, failed = yield from perform(step)
        assert not failed, sentence
        states.append(seen(document))
    found["states"] = states
    found["undone"] = yield from walk(document, "edit_undo", states[-2::-1])
    found["redone"] = yield from walk(document, "edit_redo", states[1:])
    found["undone_again"] = yield from walk(document, "edit_undo", states[-2::-1])
    yield from close(document)


def weaker():
    set_values(strength=0.5)
    docker().run_again()
