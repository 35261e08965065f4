"""dev.py: the two commands of a fresh checkout."""

from __future__ import annotations

import ast
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = (ROOT / "dev.py").read_text("utf-8")


def load(path: Path) -> ModuleType:
    """Import a dev.py as a module of its own."""
    spec = importlib.util.spec_from_file_location("dev_under_test", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A dev.py in a checkout of its own, whose commands are noted in `calls` instead of run."""
    for name in ("dev.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    module = load(tmp_path / "dev.py")
    calls: list[list[str]] = []

    def run(command: list[str], folder: str = "") -> int:
        calls.append(command)
        if command[1:3] == ["-m", "venv"]:
            python = Path(module.python_of(command[3]))
            python.parent.mkdir(parents=True)
            python.touch()
        return module.status_of(command)  # type: ignore[no-any-return]

    monkeypatch.setattr(module, "run", run)
    module.calls = calls  # type: ignore[attr-defined]
    module.status_of = lambda command: 0  # type: ignore[attr-defined]
    return module


def kinds(calls: list[list[str]]) -> list[str]:
    return [call[2] for call in calls]


def test_an_old_python_can_parse_it() -> None:
    tree = ast.parse(SOURCE, feature_version=(3, 7))
    modern = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef, ast.Starred)
    assert [node for node in ast.walk(tree) if isinstance(node, modern)] == []
    assert SOURCE.isascii()
    annotated = [node for node in ast.walk(tree) if isinstance(node, ast.arg) and node.annotation]
    assert annotated == []


def test_the_version_is_checked_before_anything_else_is_imported() -> None:
    body = ast.parse(SOURCE).body
    check = next(number for number, node in enumerate(body) if isinstance(node, ast.If))
    imports = [node.names[0].name for node in body[:check] if isinstance(node, ast.Import)]
    assert imports == ["sys"]


def test_an_old_python_is_told_so_in_one_sentence() -> None:
    program = f"import sys; sys.version_info = (3, 10, 2); exec(open({str(ROOT / 'dev.py')!r}).read())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "dev.py: this is Python 3.10, and Softlight needs 3.11 or newer; "
        "install it from python.org and start dev.py with it.\n"
    )


def test_it_needs_only_the_standard_library() -> None:
    imports = {
        alias.name
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imports <= sys.stdlib_module_names


def test_demo_makes_an_environment_once(dev: ModuleType) -> None:
    assert dev.main(["demo", "--backend", "cpu", "--out", "here"]) == 0
    assert kinds(dev.calls) == ["venv", "pip", "softlight"]
    assert dev.calls[1][-1] == ".[cpu]"
    assert dev.calls[2][3:] == ["demo", "--out", "here"]
    dev.calls.clear()
    assert dev.main(["demo", "--backend", "cpu"]) == 0
    assert kinds(dev.calls) == ["softlight"]


def test_tests_complete_the_environment_of_the_demo(dev: ModuleType) -> None:
    dev.main(["demo", "--backend", "cpu"])
    dev.calls.clear()
    dev.main(["test"])
    assert kinds(dev.calls) == ["pip", "ruff", "ruff", "mypy", "pytest"]
    assert dev.calls[0][-1] == ".[cpu,test]"


def test_arguments_go_on_to_pytest(dev: ModuleType) -> None:
    dev.main(["test", "-k", "dev and not hosts", "tests/test_dev.py", "-x"])
    assert dev.calls[-1][2:] == ["pytest", "-n", "2", "-k", "dev and not hosts", "tests/test_dev.py", "-x"]
    dev.main(["hosts", "-x"])
    assert dev.calls[-1][2:] == ["pytest", "-m", "hosts", "-x"]


def test_the_first_failing_check_is_the_last_and_its_status_is_ours(dev: ModuleType) -> None:
    dev.status_of = lambda command: 3 if command[2] == "mypy" else 0
    assert dev.main(["test"]) == 3
    assert kinds(dev.calls)[-1] == "mypy"


def test_another_pyproject_makes_the_environment_anew(dev: ModuleType, tmp_path: Path) -> None:
    dev.main(["test"])
    leftover = tmp_path / ".venv" / "leftover"
    leftover.touch()
    with (tmp_path / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    dev.calls.clear()
    dev.main(["test"])
    assert kinds(dev.calls)[:2] == ["venv", "pip"]
    assert not leftover.exists()


def test_a_half_made_environment_is_recognised(dev: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    dev.status_of = lambda command: int(command[2] == "pip")
    with pytest.raises(SystemExit) as left:
        dev.main(["test"])
    assert str(left.value) == (
        "dev.py: installing failed for the reason that pip gives above; put it right and start again."
    )
    dev.status_of = lambda command: 0
    dev.calls.clear()
    assert dev.main(["test"]) == 0
    assert kinds(dev.calls)[:2] == ["venv", "pip"]
    assert "the last try was broken off" in capfd.readouterr().out


@pytest.mark.parametrize("content", ["", "[]", "no json", '{"made_from": 3}'])
def test_a_damaged_stamp_counts_as_half_made(dev: ModuleType, tmp_path: Path, content: str) -> None:
    dev.main(["test"])
    (tmp_path / ".venv" / dev.STAMP).write_text(content, encoding="utf-8")
    dev.calls.clear()
    dev.main(["test"])
    assert kinds(dev.calls)[:2] == ["venv", "pip"]
    assert json.loads((tmp_path / ".venv" / dev.STAMP).read_text("utf-8"))["extras"] == ["cpu", "test"]


def test_a_foreign_environment_is_left_alone(dev: ModuleType, tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "mine").touch()
    with pytest.raises(SystemExit, match="exists, but dev.py did not make it"):
        dev.main(["test"])
    assert [path.name for path in (tmp_path / ".venv").iterdir()] == ["mine"]


def test_each_back_end_has_an_environment_of_its_own(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.sys, "platform", "win32")
    dev.main(["demo"])
    assert Path(dev.calls[0][3]).name == ".venv-directml"
    assert dev.calls[1][-1] == ".[directml]"
    dev.calls.clear()
    dev.main(["demo", "--backend", "cuda"])
    assert Path(dev.calls[0][3]).name == ".venv-cuda"


@pytest.mark.skipif(sys.platform == "win32", reason="DirectML exists on Windows")
def test_directml_elsewhere_is_refused(dev: ModuleType) -> None:
    with pytest.raises(SystemExit, match="DirectML exists on Windows only"):
        dev.main(["demo", "--backend", "directml"])
    assert dev.calls == []


def test_a_python_without_venv_is_told_the_remedy(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        dev.main(["demo", "--backend", "cpu"])
    assert dev.calls == []
