"""What holds for the whole repository."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RUNTIMES = {"cpu": "onnxruntime", "directml": "onnxruntime-directml", "cuda": "onnxruntime-gpu"}


def distribution(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return match[0].lower()


def requirements(extra: str | None) -> list[str]:
    listed: list[str] = PROJECT["dependencies"] if extra is None else PROJECT["optional-dependencies"][extra]
    return listed


@pytest.mark.parametrize(("extra", "runtime"), RUNTIMES.items())
def test_each_back_end_installs_exactly_one_onnxruntime(extra: str, runtime: str) -> None:
    both = requirements(None) + requirements(extra)
    # The extra `cpu` names it twice, as Intel Macs have an older one.
    assert {distribution(one) for one in both if distribution(one).startswith("onnxruntime")} == {runtime}


def test_nothing_else_installs_an_onnxruntime() -> None:
    for extra in PROJECT["optional-dependencies"].keys() - RUNTIMES.keys():
        assert not [one for one in requirements(extra) if distribution(one).startswith("onnxruntime")]


def test_directml_is_pinned_to_its_last_wheel() -> None:
    assert requirements("directml") == ["onnxruntime-directml==1.24.4"]


def test_the_version_is_written_alike_everywhere() -> None:
    import softlight

    assert PROJECT["version"] == softlight.__version__


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.decode("utf-8").split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_nothing_of_a_developers_machine_is_committed() -> None:
    # Spelt in pieces, so that this file does not find itself.
    patterns = [
        "/" + "work/",
        "/" + "home/[a-z]",
        "/" + "root/",
        r"\bpypi\." + r"org\b",
        "files.python" + "hosted",
        "hugging" + r"face\.co\b",
        "index" + "-url",
    ]
    forbidden = re.compile("|".join(patterns))
    # Where models come from is what the catalogue is about.
    about_hosts = "model_store/softlight_models/catalogue/"
    found = []
    for path in tracked():
        if path.relative_to(ROOT).as_posix().startswith(about_hosts):
            continue
        text = path.read_bytes()
        if b"\0" in text[:8000]:
            continue
        for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), 1):
            if forbidden.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []
