"""A language that nobody speaks, made of the template: what is asked of the catalogue comes out changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softlight_bridge import translation
from tools.translation import pseudo
from tools.translation.catalogue import TEMPLATE, read


def catalogue_in(folder: Path) -> Path:
    """Put the language into a folder in the place of German, and return the folder."""
    path = folder / "de" / "LC_MESSAGES" / f"{translation.DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(pseudo.compiled(read(TEMPLATE)))
    return folder


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of languages with that one alone."""
    return catalogue_in(tmp_path_factory.mktemp("locale"))


@pytest.fixture(scope="module")
def spoken(locales: Path) -> Iterator[None]:
    """That language in this process, and English again afterwards."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(translation, "LOCALES", str(locales))
        translation._catalogue.cache_clear()
        translation.speak(["de"])
        yield
        translation.speak([])
        translation._catalogue.cache_clear()
