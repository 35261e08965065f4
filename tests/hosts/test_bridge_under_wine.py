"""The bridge and the engine in Windows' Python: named pipes, start on demand, De-wrinkle, every end.

wine stands in for Windows. The user is called Zoë, so that every path has a letter outside ASCII, and
the engine's Python lies in a folder of its own with Softlight in it, as an installer would leave it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from windows_python import WindowsPython, finish, windows_path
from workplace import Workplace, workplace

from tests.model_shelf import shelf, write_entry
from tests.tiny_models import SKIN_INPAINTING, tiny_model

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "core/softlight/samples"
CLIENT = Path(__file__).parent / "inside/bridge_client.py"
PACKAGES = [ROOT / "core", ROOT / "model_store", ROOT / "plugins/bridge"]

pytestmark = pytest.mark.hosts


@pytest.fixture(scope="module")
def home() -> Iterator[Workplace]:
    with workplace() as place:
        yield place


@pytest.fixture(scope="module")
def windows(plain_windows: WindowsPython, home: Workplace) -> Iterator[WindowsPython]:
    mine = plain_windows.for_user(home.folder, PACKAGES)
    yield mine
    mine.leave()


@pytest.fixture(scope="module")
def job(home: Workplace) -> Path:
    """A folder with a portrait, a mask on its face, and where the engine is."""
    with Image.open(SAMPLES / "hopper.jpg") as photo:
        pixels = np.asarray(photo.convert("RGB"))
    height, width = pixels.shape[:2]
    mask = np.zeros((170, 180), np.uint8)
    mask[8:-8, 8:-8] = 255
    folder = home.pictures / "Auftrag"
    folder.mkdir()
    (folder / "picture.raw").write_bytes(pixels.tobytes())
    (folder / "mask.raw").write_bytes(mask.tobytes())
    told = {"size": [width, height], "mask_size": [180, 170], "mask_origin": [180, 150]}
    (folder / "job.json").write_text(json.dumps(told), "utf-8")
    return folder


@pytest.fixture(scope="module")
def old_windows(plain_old_windows: WindowsPython, windows: WindowsPython, home: Workplace) -> WindowsPython:
    """The Python of an old Krita, of the same user: it has the bridge, and no Softlight."""
    return plain_old_windows.for_user(home.folder, PACKAGES[-1:])


@pytest.fixture
def client(windows: WindowsPython, job: Path, home: Workplace, tmp_path: Path) -> Iterator[Client]:
    name = {"engine": [windows_path(windows.python), "-I", "-m", "softlight.engine"]}
    (job / "engine.json").write_text(json.dumps(name), "utf-8")
    yield Client(windows, job, tmp_path)
    Client(windows, job, tmp_path).do("told_to_end")


class Client:
    """Runs scenarios of `bridge_client.py` on Windows."""

    def __init__(self, windows: WindowsPython, job: Path, results: Path) -> None:
        self.windows, self.job, self.results = windows, job, results

    def start(self, scenario: str) -> subprocess.Popen[bytes]:
        return self.windows.start(CLIENT, [self.job, self.results, scenario])

    def do(self, scenario: str) -> Any:
        return json.loads(finish(self.start(scenario)))


Layers = list[tuple[str, np.ndarray, np.ndarray]]
"""Blend mode, pixels, mask."""


def layers(folder: Path, told: dict[str, Any]) -> Layers:
    found = []
    for number, layer in enumerate(told["layers"]):
        _, _, width, height = layer["box"]
        pixels = np.fromfile(folder / f"{number}.pixels", np.uint8).reshape(height, width, 4)
        found.append((layer["blend"], pixels, np.fromfile(folder / f"{number}.mask", np.uint8)))
    return found


def on_linux(job: Path, results: Path, scenario: str) -> Any:
    """Run a scenario of `bridge_client.py` here, with our own Python and an engine of its own."""
    results.mkdir()
    with workplace() as place:
        name = {"engine": [sys.executable, "-I", "-m", "softlight.engine"]}
        (job / "engine.json").write_text(json.dumps(name), "utf-8")
        command = [sys.executable, "-I", str(CLIENT), str(job), str(results), scenario]
        return json.loads(subprocess.run(command, env=place.environment, stdout=-1, check=True).stdout)


def assert_same_layers(found: Layers, expected: Layers) -> None:
    for (blend, pixels, mask), (blend_there, pixels_there, mask_there) in zip(found, expected, strict=True):
        assert blend == blend_there
        assert np.abs(pixels.astype(int) - pixels_there).max() <= 1
        assert np.abs(mask.astype(int) - mask_there).max() <= 1
    # And it is no empty agreement.
    assert found[0][0] == "soft-light" and np.abs(found[0][1][..., :3].astype(int) - 128).max() > 10


def test_a_job_gives_what_it_gives_on_linux(client: Client, job: Path, tmp_path: Path) -> None:
    windows = client.do("run")
    linux = on_linux(job, tmp_path / "linux", "run")
    assert [layer["box"] for layer in windows["layers"]] == [layer["box"] for layer in linux["layers"]]
    assert_same_layers(layers(tmp_path, windows), layers(tmp_path / "linux", linux))


def test_whole_faces_are_what_they_are_on_linux(client: Client, job: Path, tmp_path: Path) -> None:
    windows = client.do("whole_faces")
    linux = on_linux(job, tmp_path / "linux", "whole_faces")
    (face,), (expected,) = windows["faces"], linux["faces"]
    assert face["box"] == expected["box"] and abs(face["score"] - expected["score"]) < 1e-3
    assert np.abs(np.subtract(face["points"], expected["points"])).max() < 0.1, "pixels"
    thumbnail, expected_thumbnail = (
        np.fromfile(folder / "1.thumbnail", np.uint8).astype(int) for folder in (tmp_path, tmp_path / "linux")
    )
    assert np.abs(thumbnail - expected_thumbnail).max() <= 1
    assert [layer["name"] for layer in windows["layers"]] == [layer["name"] for layer in linux["layers"]]
    assert [layer["box"] for layer in windows["layers"]] == [layer["box"] for layer in linux["layers"]]
    assert_same_layers(layers(tmp_path, windows), layers(tmp_path / "linux", linux))


def test_everything_lies_in_the_users_own_folders(client: Client) -> None:
    where = client.do("where")
    assert re.fullmatch(r"\\\\\.\\pipe\\softlight-[0-9a-f]{32}", where["address"])
    assert where["runtime"] == r"C:\users\Zoë\AppData\Local\softlight\run"
    assert where["log"] == r"C:\users\Zoë\AppData\Local\softlight\Logs\engine.log"


def test_the_engine_stays_warm_between_hosts(client: Client) -> None:
    first, second = client.do("twice")
    third = client.do("run")
    assert first["engine"] == second["engine"] == third["engine"]


def test_two_hosts_that_start_it_at_once_share_one_engine(client: Client) -> None:
    both = [client.start("run"), client.start("run")]
    first, second = [json.loads(finish(process)) for process in both]
    assert first["engine"] == second["engine"]


def test_a_preview_with_the_wrinkle_map(client: Client) -> None:
    seen = client.do("preview")
    assert seen["label"] == "Wrinkle map" and max(seen["size"]) <= 300


def test_a_cancelled_job_ends_and_the_next_one_runs(client: Client) -> None:
    told = client.do("cancel")
    assert told["cancelled"] and told["after"]["layers"]


def test_a_killed_engine_is_told_and_started_again(client: Client) -> None:
    told = client.do("kill")
    assert told["kind"] == "EngineStopped"
    assert told["said"].startswith("Softlight's engine stopped in the middle of the job; nothing was changed")
    assert told["after"]["layers"] and told["after"]["engine"] != told["victim"]


def test_a_model_is_downloaded_used_and_removed(client: Client, job: Path) -> None:
    content = tiny_model(SKIN_INPAINTING)
    with shelf() as server:
        write_entry(job, "tiny", server.put("tiny.onnx", content), content)
        told = client.do("models")
    assert told["states"] == ["available", "installed", "damaged", "installed", "available"]
    assert told["used"] == [0, 1, 0, 1, 0], "each run used the model of the moment"
    assert len(set(told["engines"])) == 1, "without a new engine"
    assert told["folder"].endswith("\\softlight\\models") and "Zoë" in told["folder"]


def test_a_silent_client_is_thrown_out_and_blocks_nobody(client: Client) -> None:
    told = client.do("silent")
    assert told["engines"][0] == told["engines"][1]
    assert told["thrown_out"] is not None and told["thrown_out"] > 1


def test_an_unused_engine_ends_and_tidies_up(client: Client) -> None:
    # The last engine wrote why it could not start, with a path that holds an umlaut.
    lock = r"C:\users\Zoë\AppData\Local\softlight\run\engine.lock"
    assert client.do("unwritable").startswith(f"Softlight's engine cannot write '{lock}' (")
    told = client.do("idle")
    assert "engine.json" not in told["left"] and "key" not in told["left"]
    assert "unused for 0.02 minutes" in told["log"]
    assert "Auftrag" not in told["log"]


def test_files_that_are_read_can_be_replaced(client: Client) -> None:
    assert client.do("rewritten") == []


def test_this_user_alone_may_open_the_pipe(client: Client) -> None:
    told = client.do("rights")
    assert re.fullmatch(rf"D:P?\(A;;[^;]+;;;{re.escape(told['me'])}\)", told["rights"]), told["rights"]


def test_a_host_with_python_3_8_and_the_engine_understand_each_other(
    old_windows: WindowsPython, client: Client, job: Path, tmp_path: Path
) -> None:
    old = Client(old_windows, job, tmp_path).do("everything_imports")
    assert old["python"] == [3, 8] and "client" in old["modules"] and len(old["modules"]) > 10
    started = Client(old_windows, job, tmp_path).do("run")
    assert started["layers"] == client.do("run")["layers"]
    asked = Client(old_windows, job, tmp_path).do("whole_faces")
    assert len(asked["faces"]) == 1 and asked["layers"]
    assert Client(old_windows, job, tmp_path).do("kill")["kind"] == "EngineStopped"
