"""Real applications for the tests below; see `roots.py` for where they come from."""

import pytest
from roots import NoHosts, Root, root


@pytest.fixture(scope="session")
def trixie() -> Root:
    """GIMP 3.0 and Krita 5.2, or a skip that says why not."""
    try:
        return root("trixie")
    except NoHosts as reason:
        pytest.skip(str(reason))
