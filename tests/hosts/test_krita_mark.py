"""The mark "edited with AI" in real Krita, whose scripts cannot write it: the user is told, nothing is lost.

Run:   python -m pytest -m hosts tests/hosts/test_krita_mark.py
Needs: what `roots.py` needs; some 30 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import find_root
from krita_application import KRITAS, Played, extend, install, play
from marked_photos import marked_photos
from PIL import Image
from workplace import workplace

from softlight.files import read_picture
from tests.extra_filter import MARKED

pytestmark = pytest.mark.hosts

UNMARKED = (
    "Krita lets no plug-in write a picture's metadata, so that what you export does not say that it was "
    "edited with AI; say it where you publish the picture."
)


@pytest.fixture(scope="module", params=KRITAS)
def krita(request: pytest.FixtureRequest) -> Iterator[Played]:
    with workplace() as place:
        extend(place, install(place, "krita_driver") / "softlight_krita", MARKED)
        mask = place.folder / "mask.raw"
        np.full((90, 120), 255, np.uint8).tofile(mask)
        picture = marked_photos(place.pictures)["plain"]
        yield play(
            find_root(request.param), place, "krita_mark", SOFTLIGHT_PICTURE=picture, SOFTLIGHT_MASK=str(mask)
        )


def test_the_user_is_told(krita: Played) -> None:
    assert krita.found["run"] == [UNMARKED, False]
    assert krita.found["again"] == [UNMARKED, False]
    assert krita.found["switched_off"] == ["The group is renewed.", False]


def test_the_layers_are_there(krita: Played) -> None:
    assert krita.found["layers"] == ["Background", "Marked glow"]
    before, after = (read_picture(krita.out / f"{name}.png").pixels for name in ("before", "after"))
    assert (after.astype(int) - before)[160:250, 180:300, :3].mean() > 3


@pytest.mark.parametrize("kind", ["png", "webp", "jpg", "tif"])
def test_an_export_has_the_metadata_that_it_would_have_had(krita: Played, kind: str) -> None:
    before, after = (metadata(krita.out / f"{name}.{kind}") for name in ("before", "after"))
    assert after == before
    assert "DigitalSourceType" not in after, "then the sentence is no longer true"


def test_the_photo_had_some(krita: Played) -> None:
    # Krita 5.1 leaves EXIF out of WebP.
    assert any("Zoe" in metadata(krita.out / f"after.{kind}") for kind in ("png", "webp", "jpg"))


def test_krita_ends_well(krita: Played) -> None:
    assert krita.exit_code == 0 and "Traceback" not in krita.log
    assert not (krita.out / "crash.txt").read_text("utf-8")


def metadata(path: Path) -> str:
    """What a file says of the photo, less the moments at which it was written."""
    with Image.open(path) as image:
        told = {name: image.info[name] for name in sorted(image.info) if "date" not in name.lower()}
        told["exif"] = dict(image.getexif())
    return str({**told, "exif": {tag: text for tag, text in told["exif"].items() if tag != 306}})
