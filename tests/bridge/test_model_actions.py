"""A host, a real engine and a server on loopback: download, cancel, kill, go on, import, choose, remove."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from softlight.engine.models import act
from softlight.errors import ModelError
from softlight_bridge import models as wire_models
from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError, Cancelled, EngineError, EngineStopped
from softlight_bridge.models import ModelAction, ModelLine, ModelList
from tests.bridge.ground import Ground, eventually, grey, one_sentence, trial_job
from tests.model_shelf import Shelf, shelf, write_entry
from tests.tiny_models import SKIN_INPAINTING, tiny_model

SIZE = 3_000_000
TINY = tiny_model(SKIN_INPAINTING)
CONTENT = bytes(range(256)) * (SIZE // 256)
"""No model, but nobody opens it here, and it takes its time."""


@pytest.fixture
def server(ground: Ground) -> Iterator[Shelf]:
    with shelf() as found:
        own = Path(os.environ["XDG_CONFIG_HOME"]) / "softlight" / "models.d"
        write_entry(own, "large", found.put("large.onnx", CONTENT), CONTENT, title="Large inpainting")
        write_entry(own, "limited", found.put("limited.onnx", TINY), TINY, limit="non-commercial")
        write_entry(own, "unknown", None, None, title="Unknown inpainting")
        yield found


def line(models: ModelList, name: str) -> ModelLine:
    return next(model for model in models.models if model.id == name)


def files(models: ModelList) -> list[str]:
    return sorted(path.name for path in Path(models.folder).rglob("*") if path.is_file())


def test_one_is_downloaded_chosen_and_removed(ground: Ground, server: Shelf) -> None:
    engine, told = ground.engine(), []
    first = engine.models()
    large = line(first, "large")
    assert (large.state, large.downloadable, large.installed) == ("available", True, False)
    assert large.terms == (
        "CC0-1.0",
        "none",
        "Free for any use.",
        "https://example.org/licence",
        len(CONTENT),
    )
    with pytest.raises(EngineError) as caught:
        engine.download_models(["large"], [])
    assert (caught.value.kind, caught.value.models) == (EngineError.NOT_ACCEPTED, ("large",))
    one_sentence(caught.value)
    assert server.ranges == [], "nothing is asked of a server before the terms were accepted"

    server.pace = SIZE
    after = engine.download_models(["large"], ["large"], lambda done, text: told.append((done, text)))
    assert line(after, "large").installed and line(after, "large").active
    assert server.sent == len(CONTENT) and any("MB" in text for _, text in told)
    (kept,) = Path(after.folder).rglob("large.onnx")
    assert kept.read_bytes() == CONTENT
    own = next(model.id for model in after.models if model.state == "embedded" and model.role == large.role)
    chosen = engine.choose_model(large.role, own)
    assert line(chosen, own).chosen and line(chosen, own).active and not line(chosen, "large").active
    assert line(engine.choose_model(large.role, None), "large").active
    removed = engine.remove_model("large")
    assert line(removed, "large").state == "available" and "large.onnx" not in files(removed)


def test_a_cancelled_download_goes_on_where_it_was(ground: Ground, server: Shelf) -> None:
    engine = ground.engine()
    server.pace = SIZE / 2

    def stop(done: float, text: str) -> None:
        if done > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.download_models(["large"], ["large"], stop)
    # Not installed, and in nobody's way.
    listed = engine.models()
    assert not line(listed, "large").installed and "large.onnx" not in files(listed)
    assert line(engine.download_models(["large"], ["large"]), "large").installed
    _, resumed = server.ranges
    assert int(resumed.removeprefix("bytes=").removesuffix("-")) > SIZE * 0.2


def test_an_engine_killed_in_mid_download_loses_nothing(ground: Ground, server: Shelf) -> None:
    engine = ground.engine()
    server.hold = SIZE // 2

    def kill(done: float, text: str) -> None:
        if done > 0.2 and server.hold:
            ground.kill()
            server.hold = None

    with pytest.raises(EngineStopped, match="what was downloaded so far is kept") as caught:
        engine.download_models(["large"], ["large"], kill)
    one_sentence(caught.value)
    assert line(engine.download_models(["large"], ["large"]), "large").installed
    assert int(server.ranges[-1].removeprefix("bytes=").removesuffix("-")) > SIZE * 0.2
    (kept,) = Path(engine.models().folder).rglob("large.onnx")
    assert kept.read_bytes() == CONTENT


def test_a_host_that_dies_cancels_its_download(ground: Ground, server: Shelf) -> None:
    server.hold = SIZE // 2
    code = (
        "from tests.bridge.ground import *\n"
        "def tell(done, text):\n"
        "    if done > 0.2: print('running', flush=True)\n"
        "Engine(TRIAL_ENGINE, 'Dying 1.0').download_models(['large'], ['large'], tell)\n"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    assert host.stdout is not None and host.stdout.readline()
    host.kill()
    host.wait()
    host.stdout.close()
    eventually(lambda: "Dying 1.0 has left" in ground.log)
    server.hold = None
    assert line(ground.engine().download_models(["large"], ["large"]), "large").installed


def test_two_hosts_that_want_the_same_model_share_one_download(ground: Ground, server: Shelf) -> None:
    server.pace = SIZE
    texts: list[str] = []
    outcomes = []

    def download(host: str, tell: bool) -> None:
        engine = ground.engine()._replace(host=host)
        news = (lambda done, text: texts.append(text)) if tell else (lambda done, text: None)
        outcomes.append(engine.download_models(["large"], ["large"], news))

    ground.engine().models()
    threads = [
        threading.Thread(target=download, args=("GIMP 3.0", False)),
        threading.Thread(target=download, args=("Krita 5.2", True)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [line(found, "large").installed for found in outcomes] == [True, True]
    assert len(server.ranges) == 1 and server.sent == len(CONTENT)


def test_jobs_run_beside_a_download(ground: Ground, server: Shelf) -> None:
    engine = ground.engine()
    server.hold = SIZE // 2
    begun, outcome = threading.Event(), []

    def download() -> None:
        outcome.append(engine.download_models(["large"], ["large"], lambda done, text: begun.set()))

    thread = threading.Thread(target=download)
    thread.start()
    assert begun.wait(20)
    assert engine.run(trial_job(), grey).layers
    assert not outcome
    server.hold = None
    thread.join()
    assert line(outcome[0], "large").installed


@pytest.mark.parametrize("where", ["host", "engine"])
def test_short_of_memory_nobody_is_told_to_paint_less(
    where: str, ground: Ground, server: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*anything: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched, pytest.raises((BridgeError, ModelError)) as caught:
        if where == "host":
            patched.setattr(wire_models, "unpack_list", full)
            ground.engine().models()
        else:
            act(ModelAction("download", ("large",), ("large",)), full)
    assert str(caught.value) == "There is not enough memory for this; close other programs and try again."


def test_limits_and_offline_are_switched(ground: Ground, server: Shelf) -> None:
    engine = ground.engine()
    limited = line(engine.models(), "limited")
    assert (limited.state, limited.downloadable) == ("forbidden", False) and limited.why
    with pytest.raises(EngineError, match="switched off") as caught:
        engine.download_models(["limited"], ["limited"])
    assert caught.value.kind == "ModelError" and one_sentence(caught.value)
    allowed = engine.set_model_option("non-commercial", True)
    assert allowed.non_commercial and line(allowed, "limited").downloadable
    assert line(engine.download_models(["limited"], ["limited"]), "limited").active
    # What is installed is no longer used once it is not allowed any more.
    assert not line(engine.set_model_option("non-commercial", False), "limited").active
    assert engine.set_model_option("offline", True).offline
    asked = len(server.ranges)
    with pytest.raises(EngineError, match="offline"):
        engine.download_models(["large"], ["large"])
    assert len(server.ranges) == asked, "not one connection"


def test_an_import_asks_what_it_must_know(ground: Ground, server: Shelf, tmp_path: Path) -> None:
    engine = ground.engine()
    file = tmp_path / "unknown.onnx"
    file.write_bytes(TINY + b"")
    engine.set_model_option("non-commercial", True)
    with pytest.raises(EngineError) as caught:
        engine.import_model(str(file))
    assert (caught.value.kind, caught.value.models) == (EngineError.NOT_ACCEPTED, ("limited",))
    found = engine.import_model(str(file), accepted=["limited"])
    assert line(found, "limited").installed and found.said

    strange = tmp_path / "strange" / "unknown.onnx"
    strange.parent.mkdir()
    strange.write_bytes(tiny_model(SKIN_INPAINTING, gain=0.5))
    with pytest.raises(EngineError) as caught:
        engine.import_model(str(strange), accepted=["unknown"])
    assert caught.value.kind == EngineError.NOT_CONFIRMED and "unknown" in caught.value.models
    one_sentence(caught.value)
    linked = engine.import_model(
        str(strange), "unknown", accepted=["unknown"], confirmed=True, link=True
    )  # fmt: skip
    assert line(linked, "unknown").installed and not list(Path(linked.folder).rglob("unknown.onnx"))


@pytest.mark.parametrize(
    ("path", "words"), [("model.onnx", "give the whole path"), ("/nowhere/model.onnx", "model.onnx")]
)
def test_what_cannot_be_imported_is_said(ground: Ground, path: str, words: str) -> None:
    with pytest.raises(EngineError, match=words) as caught:
        ground.engine().import_model(path)
    one_sentence(caught.value)


def test_verifying_finds_what_was_changed(ground: Ground, server: Shelf) -> None:
    engine = ground.engine()
    models = engine.download_models(["large"], ["large"])
    good = engine.verify_models(["large"])
    assert line(good, "large").state == "installed" and len(good.said) == 1
    (kept,) = Path(models.folder).rglob("large.onnx")
    with kept.open("r+b") as file:
        file.seek(1000)
        file.write(b"tampered")
    bad = engine.verify_models()
    assert line(bad, "large").state == "damaged" and not line(bad, "large").active
    assert line(bad, "large").downloadable and kept.exists(), "a failed check deletes nothing"
    assert line(engine.download_models(["large"], ["large"]), "large").state == "installed"


def test_an_engine_for_each_call_sees_what_the_others_did(ground: Ground, server: Shelf) -> None:
    """Nothing is kept in the engine: a folder that another program changed is seen at once."""
    engine: Engine = ground.engine()
    engine.models()
    pid = ground.pid()
    (Path(os.environ["XDG_CONFIG_HOME"]) / "softlight" / "models.d" / "unknown.toml").unlink()
    assert all(model.id != "unknown" for model in engine.models().models)
    assert ground.pid() == pid
