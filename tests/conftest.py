"""What holds for every test: it sees none of the tester's own models, and English.

And how `python3 dev.py test` shares the tests out between two processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

HOSTS = "tests/hosts/"
"""Where the tests are that drive real applications."""

# How long an example takes is a property of the machine.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


# What programs say is read by all tests: ours, and those that they start. Names of files are of all kinds.
os.environ |= {"LC_ALL": "C.UTF-8", "LANGUAGE": "C"}


@pytest.fixture(autouse=True, scope="session")
def no_models_of_the_testers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder of models, for this process and those that inherit its environment."""
    folder = tmp_path_factory.mktemp("models")
    with mock.patch.dict(os.environ, {"SOFTLIGHT_MODELS": str(folder)}):
        yield folder


def work_unit(nodeid: str) -> str:
    """What has to run in one process: a file, or all that opens windows of real applications."""
    file = nodeid.partition("::")[0]
    return HOSTS if file.startswith(HOSTS) and not file.endswith("_under_wine.py") else file


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where others run beside them, real applications begin: they wait most of the time, and end last."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: work_unit(item.nodeid) != HOSTS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """One real application at a time; every other file goes to the process that is free."""
    from xdist.scheduler import LoadScopeScheduling

    class HostsBesideTheRest(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return work_unit(nodeid)

    config.option.loadscopereorder = False
    return HostsBesideTheRest(config, log)
