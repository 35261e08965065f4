"""Installed models in the runtime: opened safely, cast, and on a GPU tried against the CPU."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, numpy_helper

from softlight.errors import ModelError
from softlight.runtime import Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.library import InstalledFile
from softlight_models.store import Store
from tests.core.runtime.scripted_onnxruntime import CPU, CUDA, DML, Device, Outputs, ScriptedOnnxruntime
from tests.installed_models import install, places
from tests.model_store import own_store
from tests.published_networks import abpn, codeformer, lama, network, told_occluder, upscaler

ROLE = "skin-retouch"


def runtime_on(
    folder: Path, devices: dict[str, Device], passed: PassedChecks | None = None
) -> tuple[Runtime, ScriptedOnnxruntime]:
    scripted = ScriptedOnnxruntime(devices)
    checks = PassedChecks(None) if passed is None else passed
    return Runtime(store=Store(places(folder)), onnxruntime=scripted, passed_checks=checks), scripted


def grey() -> dict[str, np.ndarray]:
    return {"image": np.zeros((1, 3, 512, 512), np.float32)}


def darker(nth: int, outputs: Outputs) -> Outputs:
    return [output * np.float32(0.9) for output in outputs]


# --- on a GPU ---


def test_a_gpu_must_agree_with_this_machines_cpu(tmp_path: Path) -> None:
    install(tmp_path, "abpn-512", abpn())
    good, wrong = Device(), Device(run=darker)
    for device, name in ((good, "cuda"), (wrong, "cpu")):
        runtime, _ = runtime_on(tmp_path, {CUDA: device})
        assert runtime.session(ROLE).rung.name == name
    (note,) = runtime.notes
    assert note.startswith("The abpn-512 model runs on the CPU: CUDA gave a wrong result on the golden tile")


def test_what_has_passed_is_not_tried_again_until_the_file_is_another(tmp_path: Path) -> None:
    passed = PassedChecks(tmp_path / "self-checks.json")
    other = network("(float[1,3,512,512] x) => (float[1,3,512,512] y)", "y = Mul (x, half)")
    for number, (content, runs) in enumerate(((abpn(), 1), (abpn(), 0), (other, 1))):
        folder = tmp_path / str(number)  # the content counts, not the place
        install(folder, "abpn-512", content)
        device, processor = Device(), Device()
        runtime_on(folder, {CUDA: device, CPU: processor}, passed)[0].session(ROLE)
        assert (device.runs, processor.runs) == (runs, runs)


def test_errors_are_judged_against_the_range_of_an_output(tmp_path: Path) -> None:
    """LaMa gives 0..255: an error of one level of 255 is none of one."""
    lama = network(
        "(float[1,3,512,512] image, float[1,1,512,512] mask) => (float[1,3,512,512] output)",
        "seen = Mul (image, mask)\n output = Mul (seen, levels)",
    )
    install(tmp_path, "lama-512", lama)
    for error, name in ((0.2, "cuda"), (30, "cpu")):
        device = Device(
            run=lambda nth, outputs, error=error: [output + np.float32(error) for output in outputs]
        )
        runtime, _ = runtime_on(tmp_path, {CUDA: device})
        assert runtime.session("skin-inpainting").rung.name == name


def test_directml_is_told_the_sizes_by_the_files_own_names(tmp_path: Path) -> None:
    install(tmp_path, "upscale-x4", upscaler(4, size="h,w"))
    runtime, scripted = runtime_on(tmp_path, {DML: Device()})
    session = runtime.session("background-restoration")
    assert session.rung.name == "directml"
    session.run(input=np.zeros((1, 3, 256, 256), np.float32))
    session.run(input=np.ones((1, 3, 64, 32), np.float32))
    overrides = [made.options.overrides for made in scripted.created if made.provider == DML]
    assert overrides == [{"batch_size": 1, "h": 256, "w": 256}, {"batch_size": 1, "h": 64, "w": 32}]


def test_a_suspicious_answer_of_a_gpu_is_checked_against_the_cpu(tmp_path: Path) -> None:
    def zeros_at_second(nth: int, outputs: Outputs) -> Outputs:
        return [np.zeros_like(output) for output in outputs] if nth >= 2 else outputs

    install(tmp_path, "abpn-512", abpn())
    runtime, _ = runtime_on(tmp_path, {CUDA: Device(run=zeros_at_second)})
    answer = runtime.session(ROLE).run(**grey())["pred_mg"]
    np.testing.assert_allclose(answer[0, :, 0, 0], (0.6, 0.5, 0.4), atol=1e-6)
    assert runtime.session(ROLE).rung.name == "cpu"


def test_a_constant_answer_of_the_cpu_is_its_answer(tmp_path: Path) -> None:
    content = network(
        "(float[1,3,512,512] image) => (float[1,3,512,512] pred_mg)",
        "nothing = Sub (image, image)\n pred_mg = Add (nothing, half)",
    )
    install(tmp_path, "abpn-512", content)
    processor = Device()
    runtime, _ = runtime_on(tmp_path, {CPU: processor})
    assert (runtime.session(ROLE).run(**grey())["pred_mg"] == 0.5).all()
    assert processor.runs == 1


# --- tensors ---


@pytest.mark.parametrize("kind", ["float", "float16", "double"])
def test_floating_types_are_cast(tmp_path: Path, kind: str) -> None:
    signature = f"({kind}[1,3,512,512] image) => ({kind}[1,3,512,512] pred_mg)"
    install(tmp_path, "abpn-512", network(signature, "pred_mg = Neg (image)"))
    answer = runtime_on(tmp_path, {})[0].session(ROLE).run(image=np.full((1, 3, 512, 512), 0.25, np.float32))
    assert answer["pred_mg"].dtype == np.float32
    assert (answer["pred_mg"] == -0.25).all()


def test_a_file_that_gives_another_shape_than_it_declares(tmp_path: Path) -> None:
    content = network(
        "(float[1,3,512,512] image) => (float[1,3,rows,columns] pred_mg)",
        "pred_mg = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (image)",
    )
    install(tmp_path, "abpn-512", content)
    session = runtime_on(tmp_path, {})[0].session(ROLE)
    with pytest.raises(
        ModelError, match=r"gave the output pred_mg in the shape \(1, 3, 256, 256\)"
    ) as raised:
        session.run(**grey())
    assert str(raised.value).endswith("; choose another model for its role.")


def test_a_double_input_must_be_a_double(tmp_path: Path) -> None:
    install(tmp_path, "codeformer-512", codeformer())
    session = runtime_on(tmp_path, {})[0].session("face-restoration")
    face = np.zeros((1, 3, 512, 512), np.float32)
    with pytest.raises(TypeError, match="weight of the codeformer-512 model is float32; float64 is due"):
        session.run(input=face, weight=np.ones(1, np.float32))


# --- files ---


def with_weights_in(location: str) -> tuple[bytes, bytes]:
    """A network whose only weight lies in another file, and that file."""
    weight = np.full((1, 3, 1, 1), 0.5, np.float32)
    model = onnx.load_model_from_string(
        network(
            "(float[1,3,512,512] image) => (float[1,3,512,512] pred_mg)",
            "pred_mg = Add (image, weight)",
            weight=weight,
        )
    )
    (tensor,) = model.graph.initializer
    tensor.raw_data = numpy_helper.to_array(tensor).tobytes()
    external_data_helper.set_external_data(tensor, location, 0, weight.nbytes)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    return model.SerializeToString(), weight.tobytes()


def shelve(folder: Path, model: bytes, data: bytes) -> Store:
    """A store with a model of two files, put there as an import would."""
    own = places(folder)
    own.own_entries.mkdir(parents=True)
    contents = {"model.onnx": model, "weights.bin": data}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    (own.own_entries / "trial.toml").write_text(
        'role = "skin-retouch"\ncontract = "abpn-512"\ntitle = "Trial"\nuse_when = "A test runs."\n'
        'vendor = "Tests"\npreference = 50\norigin = "made for this test"\n'
        '[licence]\nspdx = "CC0-1.0"\nlimit = "none"\nterms = "Free for any use."\n'
        f'[[files]]\nnetwork = "model"\nname = "model.onnx"\nsha256 = "{digests["model.onnx"]}"\n'
        f'[[files]]\nname = "weights.bin"\nsha256 = "{digests["weights.bin"]}"\n',
        "utf-8",
    )
    store = Store(own)
    store.library.folder("trial").mkdir(parents=True)
    for name, content in contents.items():
        (store.library.folder("trial") / name).write_bytes(content)
    files = [InstalledFile(name, len(content), digests[name]) for name, content in contents.items()]
    assert store.library.add(store.entry("trial"), files)
    return store


def test_weights_in_a_file_beside_the_model(tmp_path: Path) -> None:
    store = shelve(tmp_path, *with_weights_in("weights.bin"))
    runtime = Runtime("cpu", store=store, passed_checks=PassedChecks(None))
    assert (runtime.session(ROLE).run(**grey())["pred_mg"] == 0.5).all()
    changed = store.library.folder("trial") / "weights.bin"
    changed.write_bytes(np.full((1, 3, 1, 1), 9, np.float32).tobytes())
    assert runtime.model(ROLE).files.id is None
    (note,) = runtime.notes
    assert "weights.bin of Trial was changed" in note


@pytest.mark.parametrize(
    "location", ["../weights.bin", "../../secret", "/etc/passwd", "C:\\secret", "other.bin"]
)
def test_weights_elsewhere_are_never_opened(tmp_path: Path, location: str) -> None:
    """Even if such a file got past the import."""
    store = shelve(tmp_path, *with_weights_in(location))
    (tmp_path / "models" / "weights.bin").write_bytes(bytes(12))
    runtime = Runtime("cpu", store=store, passed_checks=PassedChecks(None))
    assert runtime.model(ROLE).files.id is None
    (note,) = runtime.notes
    assert "wants weights from" in note and location in note


def test_a_model_that_runs_nowhere_leaves_its_role_to_the_embedded_one(tmp_path: Path) -> None:
    unknown = onnx.load_model_from_string(
        network(
            "(float[1,3,512,512] image, float[1,1,512,512] mask) => (float[1,3,512,512] output)",
            "seen = Mul (image, mask)\n output = Mul (seen, levels)",
        )
    )
    unknown.graph.node[-1].domain = "com.example"
    unknown.opset_import.append(onnx.helper.make_opsetid("com.example", 1))
    with pytest.raises(AssertionError, match="runs on no device"):
        install(tmp_path, "lama-512", unknown.SerializeToString())
    runtime = Runtime("cpu", store=Store(places(tmp_path)), passed_checks=PassedChecks(None))
    assert runtime.model("skin-inpainting").files.id is None
    (note,) = runtime.notes
    assert note.startswith("The lama-512 model runs on no device") and "\n" not in note
    assert note.endswith("; choose another model for its role.")


def test_a_role_without_any_model_says_what_to_do(tmp_path: Path) -> None:
    runtime = Runtime("cpu", store=Store(places(tmp_path)), passed_checks=PassedChecks(None))
    sentence = "No model for age is installed; `softlight models list`"
    with pytest.raises(ModelError, match=sentence):
        runtime.model("age")


def test_a_role_without_any_model_may_be_done_without(tmp_path: Path) -> None:
    store = own_store.store(tmp_path)
    runtime = Runtime("cpu", store=store, passed_checks=PassedChecks(None))
    assert runtime.optional("parsing")[0] is runtime.model("parsing")
    assert runtime.optional("face-occlusion") == (None, ())
    content = told_occluder()
    own_store.write_entry(store.places, "first", content, contract="xseg-256", role="face-occlusion")
    own_store.put(store, "first", content)
    assert runtime.optional("face-occlusion")[0] is not None


# --- which of several ---


def test_the_choice_between_two_installed_models_counts_at_once(tmp_path: Path) -> None:
    store = own_store.store(tmp_path)
    for model, sign, preference in (("first", "Identity", 20), ("second", "Neg", 10)):
        content = network("(float[1,3,512,512] x) => (float[1,3,512,512] y)", f"y = {sign} (x)")
        own_store.write_entry(
            store.places, model, content, contract="abpn-512", role=ROLE, preference=preference
        )
        own_store.put(store, model, content)
    runtime = Runtime("cpu", store=store, passed_checks=PassedChecks(None))
    ones = {"image": np.ones((1, 3, 512, 512), np.float32)}

    def answer() -> float:
        return float(runtime.session(ROLE).run(**ones)["pred_mg"].mean())

    assert answer() == 1  # the preferred one
    session = runtime.session(ROLE)
    assert runtime.session(ROLE) is session
    own_store.again(store).choose(ROLE, "second")
    assert answer() == -1
    own_store.again(store).choose(ROLE, None)
    assert answer() == 1


def test_the_next_best_is_used_when_the_best_does_not_fit(tmp_path: Path) -> None:
    store = own_store.store(tmp_path)
    for model, content, preference in (("foreign", lama(), 20), ("fitting", abpn(), 10)):
        own_store.write_entry(
            store.places, model, content, contract="abpn-512", role=ROLE, preference=preference
        )
        own_store.put(store, model, content)
    runtime = Runtime("cpu", store=store, passed_checks=PassedChecks(None))
    assert runtime.model(ROLE).files.id == "fitting"
    (note,) = runtime.notes
    assert "does not fit its contract abpn-512 (it takes image, mask instead of image)" in note
