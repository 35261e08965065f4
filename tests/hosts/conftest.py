"""Real applications for the tests below; see `roots.py` for where they come from.

A test that needs a root file system other than `trixie` and `bookworm` carries the marker `all_hosts` as
well: `python3 dev.py test` leaves it out, `python3 dev.py hosts` runs it.
"""

from collections.abc import Iterator

import pytest
from gimp210 import Gimp210, gimp210
from krita_application import KRITAS
from krita_docker import PHOTO, show_docker
from krita_sitting import Sitting, sitting
from roots import NoHosts, Root, root
from windows_python import ENGINE, OLDEST, NoWindows, WindowsPython, windows_python
from workplace import Workplace, workplace


def find_root(name: str) -> Root:
    """The root file system `name`, or a skip that says why not."""
    try:
        return root(name)
    except NoHosts as reason:
        pytest.skip(str(reason))


def find_gimp210(place: Workplace) -> Gimp210:
    """GIMP 2.10 with gimpfu and the plug-in in this home, or a skip that says why not."""
    try:
        return gimp210(place)
    except NoHosts as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def trixie() -> Root:
    """GIMP 3.0 and Krita 5.2."""
    return find_root("trixie")


@pytest.fixture(scope="session")
def bookworm() -> Root:
    """Krita 5.1."""
    return find_root("bookworm")


@pytest.fixture(scope="session")
def forky() -> Root:
    """GIMP 3.2 and Krita 5.3."""
    return find_root("forky")


@pytest.fixture(scope="session")
def sid() -> Root:
    """Krita 6."""
    return find_root("sid")


@pytest.fixture(scope="session")
def plain_windows() -> WindowsPython:
    """Windows' Python with all that the engine imports, and nothing of ours."""
    return find_windows(ENGINE)


@pytest.fixture(scope="session")
def plain_old_windows() -> WindowsPython:
    """Windows' Python 3.8 and its standard library."""
    return find_windows(OLDEST)


def find_windows(version: str) -> WindowsPython:
    """Windows' Python of this version, or a skip that says why not."""
    try:
        return windows_python(version)
    except NoWindows as reason:
        pytest.skip(str(reason))


@pytest.fixture
def place() -> Iterator[Workplace]:
    """A user's home."""
    with workplace() as made:
        yield made


@pytest.fixture(scope="module", params=KRITAS)
def retoucher(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    """Somebody at each Krita with a portrait open, and beside it nothing but our docker."""
    with sitting(find_root(request.param), PHOTO) as person:
        show_docker(person)
        person.choose("Settings", "Dockers", "Layers")  # so that all of ours can be seen
        yield person
