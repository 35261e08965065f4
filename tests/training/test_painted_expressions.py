"""What the evaluation of painted expressions says of paintings whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the evaluations' tables come with what runs on torch")

from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks
from tests.core.filters.conftest import SAMPLES, opened
from training.evaluation.painted_expressions import fine, person, results


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime("cpu", passed_checks=PassedChecks(None))


def test_the_same_photo_twice_is_no_smile(runtime: Runtime) -> None:
    """By both ways that only add; one that replaces loses what 84 px between the eyes cannot hold."""
    photo = opened(SAMPLES / "hopper.jpg")
    one = person(photo, photo, runtime)
    found = results(one, runtime)
    np.testing.assert_array_equal(found["moved"], photo)
    np.testing.assert_array_equal(found["difference"], photo)
    face = one.subject.face
    lost = fine(found["replaced"], face).std() / fine(photo, face).std()
    assert lost < 0.8
