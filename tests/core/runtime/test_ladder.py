"""The ladder under a scripted onnxruntime: what GPUs do wrong, and where the network runs then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from softlight.errors import ModelError
from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.bundled import BundledModels
from softlight_models.contracts.pixels import SKIN_INPAINTING, WRINKLE_MAP
from tests.core.runtime.scripted_onnxruntime import CPU, CUDA, DML, Device, Outputs, ScriptedOnnxruntime
from tests.tiny_models import random_tiles

ROLE = "wrinkle-map"
TILE = random_tiles(WRINKLE_MAP, seed=2)

Make = Callable[..., Runtime]


@pytest.fixture
def runtime_on(models: BundledModels, passed: PassedChecks) -> Make:
    def make(devices: dict[str, Device], **settings: Any) -> Runtime:
        scripted = ScriptedOnnxruntime(devices)
        return Runtime(onnxruntime=scripted, models=models, passed_checks=passed, **settings)

    return make


@pytest.fixture(scope="module")
def expected(models: BundledModels) -> np.ndarray:
    return Runtime("cpu", models=models, passed_checks=PassedChecks(None)).session(ROLE).run(**TILE)["map"]


def zeros(nth: int, outputs: Outputs) -> Outputs:
    return [np.zeros_like(output) for output in outputs]


def nan(nth: int, outputs: Outputs) -> Outputs:
    return [np.full_like(output, np.nan) for output in outputs]


def noise(nth: int, outputs: Outputs) -> Outputs:
    return [np.random.default_rng(nth).random(output.shape, np.float32) for output in outputs]


def darker(nth: int, outputs: Outputs) -> Outputs:
    return [output * np.float32(0.97) for output in outputs]


def one_wrong_value(nth: int, outputs: Outputs) -> Outputs:
    outputs[0][0, 0, 7, 9] += 5 / 255
    return outputs


def wrong_shape(nth: int, outputs: Outputs) -> Outputs:
    return [output[:, :, ::2] for output in outputs]


def raising(text: str, since: int = 1) -> Callable[..., Any]:
    def fail(nth: int, outputs: Outputs | None = None) -> Outputs | None:
        if nth >= since:
            raise RuntimeError(text)
        return outputs

    return fail


DML_OUT_OF_MEMORY = "BucketizedBufferAllocator.cpp(122): Exception(1) 8007000E Not enough memory resources"
CUDA_OUT_OF_MEMORY = "Non-zero status code returned: BFCArena: Failed to allocate memory for requested buffer"


def test_a_good_gpu_is_used(runtime_on: Make, expected: np.ndarray) -> None:
    runtime = runtime_on({DML: Device(), CUDA: Device()})
    session = runtime.session(ROLE)
    np.testing.assert_array_equal(session.run(**TILE)["map"], expected)
    assert session.rung.name == "directml"
    assert runtime.notes == ()


@pytest.mark.parametrize("wrong", [zeros, nan, noise, darker, one_wrong_value, wrong_shape])
def test_a_gpu_that_fails_the_golden_tile_is_not_used(
    runtime_on: Make, expected: np.ndarray, wrong: Callable[..., Outputs]
) -> None:
    runtime = runtime_on({DML: Device(run=wrong)})
    session = runtime.session(ROLE)
    np.testing.assert_array_equal(session.run(**TILE)["map"], expected)
    assert session.rung.name == "cpu"
    (note,) = runtime.notes
    assert note.startswith("The wrinkle-map model runs on the CPU: DirectML gave a wrong result")


def test_directml_that_is_listed_but_does_not_start(runtime_on: Make) -> None:
    runtime = runtime_on({DML: Device(starts=False)})
    assert runtime.session(ROLE).rung.name == "cpu"
    assert "onnxruntime put the session on CPUExecutionProvider" in runtime.notes[0]


def test_cuda_without_its_libraries_says_what_is_missing(runtime_on: Make) -> None:
    missing = "Failed to load library libonnxruntime_providers_cuda.so: libcublasLt.so.13: cannot open"
    runtime = runtime_on({CUDA: Device(create=raising(missing))})
    assert runtime.session(ROLE).rung.name == "cpu"
    assert "libcublasLt.so.13" in runtime.notes[0]


def test_each_rung_is_tried_in_turn(runtime_on: Make) -> None:
    runtime = runtime_on({CUDA: Device(run=noise), DML: Device(starts=False)})
    assert runtime.session(ROLE).rung.name == "cpu"
    assert [note.split(": ")[1].split()[0] for note in runtime.notes] == ["DirectML", "CUDA"]


@pytest.mark.parametrize(
    ("provider", "text"),
    [
        (DML, DML_OUT_OF_MEMORY),
        (CUDA, CUDA_OUT_OF_MEMORY),
        (CUDA, "CUDA failure 2: out of memory"),
        (CUDA, "CUDA error cudaErrorMemoryAllocation"),
    ],
)
@pytest.mark.parametrize("moment", ["creation", "self-check", "run"])
def test_out_of_memory_falls_back_and_repeats_the_call(
    runtime_on: Make, expected: np.ndarray, provider: str, text: str, moment: str
) -> None:
    device = Device(create=raising(text)) if moment == "creation" else Device()
    if moment != "creation":
        device.run = raising(text, since=1 if moment == "self-check" else 2)
    runtime = runtime_on({provider: device})
    session = runtime.session(ROLE)
    np.testing.assert_array_equal(session.run(**TILE)["map"], expected)
    assert session.rung.name == "cpu"
    assert runtime.notes[0].endswith("ran out of memory.")


@pytest.mark.parametrize("code", ["887A0005", "887A0006"])
def test_a_driver_reset_falls_back(runtime_on: Make, expected: np.ndarray, code: str) -> None:
    runtime = runtime_on({DML: Device(run=raising(f"Exception(2) {code} The GPU device instance", since=3))})
    session = runtime.session(ROLE)
    session.run(**TILE)
    assert session.rung.name == "directml"
    np.testing.assert_array_equal(session.run(**TILE)["map"], expected)
    assert "the driver was reset" in runtime.notes[0]


def test_the_cpu_is_tried_with_basic_optimisation(runtime_on: Make, expected: np.ndarray) -> None:
    def fail_once(nth: int) -> None:
        if nth == 1:
            raise RuntimeError("Could not find an implementation for FusedConv")

    runtime = runtime_on({CPU: Device(create=fail_once)})
    session = runtime.session(ROLE)
    np.testing.assert_allclose(session.run(**TILE)["map"], expected, atol=1e-6)
    assert session.rung.name == "cpu-basic"
    assert runtime.notes == (
        "The wrinkle-map model runs on the CPU with basic optimisation: "
        "the CPU failed (Could not find an implementation for FusedConv).",
    )


def test_when_nothing_is_left_one_sentence_says_so(runtime_on: Make) -> None:
    runtime = runtime_on({CPU: Device(create=raising("Failed to allocate memory"))})
    with pytest.raises(ModelError, match=r"runs on no device .*; close other programs") as raised:
        runtime.session(ROLE)
    assert "\n" not in str(raised.value)


def test_memory_that_runs_out_on_the_cpu_is_one_sentence(runtime_on: Make) -> None:
    runtime = runtime_on({CPU: Device(run=raising("std::bad_alloc", since=2))})
    session = runtime.session(ROLE)
    with pytest.raises(ModelError, match="close other programs"):
        session.run(**TILE)


# --- suspicion ---


def test_a_rightly_constant_output_keeps_the_device(runtime_on: Make) -> None:
    def constant_but_for_the_golden_tile(nth: int, outputs: Outputs) -> Outputs:
        return zeros(nth, outputs) if nth == 2 else outputs

    device = Device(run=constant_but_for_the_golden_tile)
    runtime = runtime_on({DML: device})
    session = runtime.session(ROLE)
    assert not session.run(**TILE)["map"].any()
    assert session.rung.name == "directml"
    assert runtime.notes == ()
    assert device.runs == 3  # self-check, call, golden tile


@pytest.mark.parametrize("wrong", [zeros, nan])
def test_a_device_that_turns_wrong_later_is_left(
    runtime_on: Make, expected: np.ndarray, wrong: Callable[..., Outputs]
) -> None:
    def turn(nth: int, outputs: Outputs) -> Outputs:
        return wrong(nth, outputs) if nth >= 3 else outputs

    runtime = runtime_on({DML: Device(run=turn)})
    session = runtime.session(ROLE)
    session.run(**TILE)
    assert session.rung.name == "directml"
    np.testing.assert_array_equal(session.run(**TILE)["map"], expected)
    assert session.rung.name == "cpu"
    assert len(runtime.notes) == 1


def test_values_that_are_not_finite_are_never_returned(runtime_on: Make, expected: np.ndarray) -> None:
    """The device passes its golden tile again: it stays, and this one tile is computed on the CPU."""

    def overflow(nth: int, outputs: Outputs) -> Outputs:
        return nan(nth, outputs) if nth == 2 else outputs

    runtime = runtime_on({DML: Device(run=overflow)})
    session = runtime.session(ROLE)
    np.testing.assert_array_equal(session.run(**TILE)["map"], expected)
    assert session.rung.name == "directml"
    assert runtime.notes == (
        "The wrinkle-map model ran on the CPU for one tile: DirectML gave values that are not finite.",
    )


@pytest.mark.parametrize("provider", [DML, CPU])
def test_a_network_that_gives_nan_everywhere_is_an_error(runtime_on: Make, provider: str) -> None:
    golden: list[np.ndarray] = []

    def nan_but_for_the_golden_tile(nth: int, outputs: Outputs) -> Outputs:
        golden.append(outputs[0].copy())  # the first run of all is the self-check
        return outputs if np.allclose(outputs[0], golden[0], atol=1e-5) else nan(nth, outputs)

    devices = {provider: Device(run=nan_but_for_the_golden_tile)}
    devices[CPU] = Device(run=nan_but_for_the_golden_tile)
    session = runtime_on(devices).session(ROLE)
    with pytest.raises(ModelError, match="not finite for this picture"):
        session.run(**TILE)


# --- what is remembered ---


def test_a_passed_check_is_not_repeated(runtime_on: Make) -> None:
    devices = [Device(), Device()]
    for device in devices:
        runtime_on({DML: device}).session(ROLE)
    assert [device.runs for device in devices] == [1, 0]


def test_a_failed_check_is_repeated(runtime_on: Make) -> None:
    runtime_on({DML: Device(run=zeros)}).session(ROLE)
    assert runtime_on({DML: Device()}).session(ROLE).rung.name == "directml"


def test_another_device_number_is_another_device(runtime_on: Make) -> None:
    devices = [Device(), Device()]
    for number, device in enumerate(devices):
        runtime_on({DML: device}, device=number).session(ROLE)
    assert [device.runs for device in devices] == [1, 1]


def test_another_onnxruntime_is_checked_anew(models: BundledModels, passed: PassedChecks) -> None:
    devices = [Device(), Device()]
    for version, device in zip(("1.24.3", "1.24.4"), devices):
        scripted = ScriptedOnnxruntime({DML: device}, __version__=version)
        Runtime(onnxruntime=scripted, models=models, passed_checks=passed).session(ROLE)
    assert [device.runs for device in devices] == [1, 1]


# --- options of each rung ---


def test_directml_gets_its_options(runtime_on: Make) -> None:
    scripted = ScriptedOnnxruntime({DML: Device()})
    assert runtime_on({}, device=1) is not None
    runtime = Runtime(
        onnxruntime=scripted, models=runtime_on({}).models, device=1, passed_checks=PassedChecks(None)
    )
    session = runtime.session(ROLE)
    session.run(**TILE)
    (created,) = scripted.created
    assert created.provider_options == {"device_id": "1"}
    assert created.options.enable_mem_pattern is False
    assert created.options.execution_mode == scripted.ExecutionMode.ORT_SEQUENTIAL
    assert created.options.overrides == {"batch": 1, "height": 256, "width": 256}


def test_directml_compiles_one_session_per_shape(models: BundledModels) -> None:
    scripted = ScriptedOnnxruntime({DML: Device()})
    session = Runtime(onnxruntime=scripted, models=models, passed_checks=PassedChecks(None)).session(ROLE)
    for _ in range(2):
        assert session.run(image=np.zeros((2, 3, 64, 128), np.float32) + TILE["image"][:, :, :64, :128])[
            "map"
        ].shape == (2, 2, 64, 128)
    assert [created.options.overrides for created in scripted.created] == [
        {"batch": 1, "height": 256, "width": 256},
        {"batch": 2, "height": 64, "width": 128},
    ]


def test_cuda_runs_without_tf32_and_the_cpu_without_spinning(models: BundledModels) -> None:
    scripted = ScriptedOnnxruntime({CUDA: Device(run=zeros)})
    Runtime(onnxruntime=scripted, models=models, passed_checks=PassedChecks(None)).session(ROLE)
    cuda, cpu = scripted.created
    assert cuda.provider_options["use_tf32"] == "0"
    assert cpu.options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert cpu.options.inter_op_num_threads == 1
    assert cpu.options.overrides == {}


def test_asking_for_the_cpu_leaves_the_gpu_alone(runtime_on: Make) -> None:
    device = Device()
    assert runtime_on({DML: device}, provider="cpu").session(ROLE).rung.name == "cpu"
    assert device.creations == 0


def test_asking_for_what_is_not_installed_is_said(runtime_on: Make) -> None:
    runtime = runtime_on({CUDA: Device()}, provider="directml")
    assert runtime.session(ROLE).rung.name == "cpu"
    (note,) = runtime.notes
    assert "DirectML was asked for" in note and "onnxruntime-directml" in note


# --- threads ---


def test_threads_share_one_session_and_take_turns_on_directml(runtime_on: Make, expected: np.ndarray) -> None:
    busy = threading.Lock()
    overlaps: list[int] = []

    def one_at_a_time(nth: int, outputs: Outputs) -> Outputs:
        if not busy.acquire(blocking=False):
            overlaps.append(nth)
            return outputs
        time.sleep(0.002)
        busy.release()
        return outputs

    device = Device(run=one_at_a_time)
    runtime = runtime_on({DML: device})
    start = threading.Barrier(8)

    def call(_: int) -> tuple[int, np.ndarray]:
        start.wait()
        session = runtime.session(ROLE)
        return id(session), session.run(**TILE)["map"]

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(call, range(8)))
    assert len({session for session, _ in results}) == 1
    assert device.creations == 1
    assert overlaps == []
    for _, output in results:
        np.testing.assert_array_equal(output, expected)


def test_threads_that_fail_together_step_down_once(runtime_on: Make, expected: np.ndarray) -> None:
    runtime = runtime_on({DML: Device(run=raising(DML_OUT_OF_MEMORY, since=2))})
    session = runtime.session(ROLE)
    with ThreadPoolExecutor(4) as threads:
        outputs = list(threads.map(lambda _: session.run(**TILE)["map"], range(4)))
    for output in outputs:
        np.testing.assert_array_equal(output, expected)
    assert session.rung.name == "cpu"
    assert len(runtime.notes) == 1


def test_two_roles_have_two_sessions(runtime_on: Make) -> None:
    runtime = runtime_on({DML: Device()})
    filled = runtime.session("skin-inpainting").run(**random_tiles(SKIN_INPAINTING, size=64))
    assert filled["fill"].shape == (1, 3, 64, 64)
    assert runtime.session("skin-inpainting") is not runtime.session(ROLE)
