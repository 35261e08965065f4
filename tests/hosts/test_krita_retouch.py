"""Skin retouch in real Krita: what is seen is the core's result, at 8 and 16 bits, whole faces and a brush.

And Face restore on all of the portrait, and Edit attributes.

Run:   python -m pytest -m hosts tests/hosts/test_krita_retouch.py
Needs: what `roots.py` needs; some 40 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import find_root
from krita_application import KRITAS, Played, install, play
from numpy.typing import NDArray
from one_retouch import ALLOWED, CHOSEN, deep_portrait, painted, reference, shallow
from workplace import workplace

pytestmark = pytest.mark.hosts

DEPTHS: dict[str, type[Any]] = {"U8": np.uint8, "U16": np.uint16}
FILTERS = {"restored": ("restore", "Face restore"), "edited": ("edit", "Edit attributes")}
CELLS = [*itertools.product(DEPTHS, ("whole", "brush")), *(("U16", place) for place in FILTERS)]
STRENGTHS = 1.0, 128 / 255
"""Half is 128 of 255 in Krita."""


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    photo = deep_portrait()
    height, width = photo.shape[:2]

    def prepare(out: Path) -> None:
        for depth, pixels in (("U8", shallow(photo)), ("U16", photo)):
            opaque = np.full((height, width, 1), np.iinfo(pixels.dtype).max, pixels.dtype)
            stored = np.concatenate([pixels[..., ::-1], opaque], axis=2)
            (out / f"photo-{depth}.raw").write_bytes(stored.tobytes())
        (out / "mask.raw").write_bytes(painted(photo).tobytes())

    root = find_root(request.param)
    told = {"SOFTLIGHT_SIZE": json.dumps([width, height]), "SOFTLIGHT_EDIT": json.dumps(CHOSEN["edit"])}
    with workplace() as place:
        install(place, "krita_driver")
        yield play(root, place, "krita_retouch", prepare, **told)


def seen(krita: Played, depth: str, place: str, number: int) -> NDArray[Any]:
    pixels = np.fromfile(krita.out / f"{depth}-{place}-{number}.raw", DEPTHS[depth])
    return pixels.reshape(*deep_portrait().shape[:2], 4)[..., 2::-1]


@pytest.mark.parametrize(("depth", "place"), CELLS)
def test_the_picture_is_the_cores_result(krita: Played, depth: str, place: str) -> None:
    told = krita.found[f"{depth}-{place}"]
    name, label = FILTERS.get(place, ("retouch", "Skin retouch"))
    if place != "edited":  # whose sentence is that its mark cannot be kept
        assert told["run"] == [f"{label} is done.", False]
        assert told["again"] == ["The group is renewed.", False]
    photo = np.ascontiguousarray(seen(krita, depth, place, 0))
    brush = painted(photo) if place == "brush" else None
    # 5.1 has no masks in its API: they lie in the layers' alpha.
    masks = photo.dtype if krita.found["version"].startswith("5.1") else np.uint8
    for number, strength in enumerate(STRENGTHS, 1):
        shown = seen(krita, depth, place, number)
        # Where a restoration's mask of 16 bits lies between two of 8: 2 pixels of 160,000 were 17 levels off.
        nudges = (0, -1, 1) if place in FILTERS else (0,)
        found = [reference(photo, brush, strength, masks, name, nudge) for nudge in nudges]
        off = np.min([np.abs(shown.astype(int) - expected) for expected, _ in found], axis=0).max()
        touched = found[0][1]
        print(f"Krita {krita.found['version']}, {depth}, {place}, opacity {strength:.2f}: {off} levels off")
        assert off <= ALLOWED[photo.dtype.name]
        assert np.array_equal(shown[~touched], photo[~touched])


@pytest.mark.parametrize(("depth", "place"), CELLS)
def test_one_undo_for_each_step(krita: Played, depth: str, place: str) -> None:
    told = krita.found[f"{depth}-{place}"]
    assert told["undone"] == told["states"][::-1]


def test_a_restoration_is_a_face_above_its_background(krita: Played) -> None:
    _, group = krita.found["U16-restored"]["layers"]
    names = [child["name"] for child in group["children"]]
    assert names == ["Face restore (background)", "Face restore"]


def test_its_first_layer_is_soft_light(krita: Played) -> None:
    photo, group = krita.found["U8-whole"]["layers"]
    assert (photo["name"], group["name"], group["pass_through"]) == ("Background", "Skin retouch", True)
    assert group["children"][0]["blend"] == "soft_light_pegtop_delphi"
    assert [child["blend"] for child in group["children"][1:]] in ([], ["normal"])


def test_each_filter_keeps_its_own_values(krita: Played) -> None:
    assert krita.found["said"] == ["Skin retouch is done.", False]
    assert krita.found["record"]["blemishes"] == 0.5, "the menu ran it with other values than were set"
    assert krita.found["shown"] == [["dewrinkle", 0.75], ["dewrinkle", 0.75], ["retouch", 0.5]]


def test_krita_ends_well(krita: Played) -> None:
    assert krita.exit_code == 0 and "Traceback" not in krita.log
    assert not (krita.out / "crash.txt").read_text("utf-8")
