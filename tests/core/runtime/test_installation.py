"""An onnxruntime of the wrong kind: none, two, incomplete, too old. Each is a real folder on sys.path."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from softlight.errors import ModelError
from softlight.runtime import installation


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty site-packages in place of the real one."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    for name in [name for name in sys.modules if name.partition(".")[0] == "onnxruntime"]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


def install(site: Path, name: str, version: str, module: str | None = None) -> None:
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if module is not None:
        (site / "onnxruntime").mkdir(exist_ok=True)
        (site / "onnxruntime" / "__init__.py").write_text(module)


GOOD = "__version__ = '1.31.1'\nclass InferenceSession: ..."


def sentence() -> str:
    with pytest.raises(ModelError) as raised:
        installation.load()
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_installed_one_is_good() -> None:
    names = [distribution.name for distribution in installation.installed()]
    assert len(names) == 1
    assert installation.load().__version__ == metadata.version(names[0])


def test_none(site: Path) -> None:
    assert sentence() == f"onnxruntime is not installed; run `{sys.executable} -m pip install onnxruntime`."


def test_two_at_once(site: Path) -> None:
    install(site, "onnxruntime", "1.31.1", GOOD)
    install(site, "onnxruntime-directml", "1.24.4", GOOD)
    text = sentence()
    assert "onnxruntime-directml 1.24.4 and onnxruntime 1.31.1 are installed together" in text
    assert "-m pip uninstall -y onnxruntime-directml onnxruntime`" in text
    assert text.endswith("-m pip install onnxruntime-directml==1.24.4`.")


def test_what_uninstalling_one_of_two_leaves_behind(site: Path) -> None:
    install(site, "onnxruntime-gpu", "1.31.0")
    (site / "onnxruntime" / "capi").mkdir(parents=True)
    text = sentence()
    assert "incomplete" in text
    assert 'pip install --force-reinstall "onnxruntime-gpu[cuda,cudnn]"' in text


def test_too_old(site: Path) -> None:
    install(site, "onnxruntime", "1.9.0", GOOD.replace("1.31.1", "1.9.0"))
    text = sentence()
    assert "onnxruntime 1.9.0 is too old" in text and "--upgrade onnxruntime`" in text


def test_the_visual_c_runtime_is_named(site: Path) -> None:
    cause = "DLL load failed while importing onnxruntime_pybind11_state"
    install(site, "onnxruntime", "1.31.1", f"raise ImportError({cause!r})")
    assert "Visual C++ Redistributable" in sentence()


def test_a_broken_import_names_its_cause(site: Path) -> None:
    install(site, "onnxruntime", "1.31.1", "import no_such_module")
    text = sentence()
    assert "No module named 'no_such_module'" in text and "--force-reinstall onnxruntime`" in text


def test_a_python_in_a_folder_with_spaces_is_quoted(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", r"C:\Program Files\Python\python.exe")
    assert r'run `"C:\Program Files\Python\python.exe" -m pip' in sentence()


def test_onnxruntime_keeps_no_reports_for_its_maker(tmp_path: Path) -> None:
    code = (
        "from softlight.runtime import installation\n"
        "from softlight_models.bundled import BundledModels\n"
        "model = BundledModels().model_bytes('wrinkle-map')\n"
        "installation.load().InferenceSession(model, providers=['CPUExecutionProvider'])\n"
    )
    places = ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE")
    environment = {**os.environ, **dict.fromkeys(places, str(tmp_path))}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-I", "-c", code], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
