"""What was shipped can be trained further: the checkpoint made of it says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="the recipes need torch, which Softlight does not")

from training import unseal  # noqa: E402 - needs torch
from training.abpn import LocalRetouching, SkinRetouching  # noqa: E402
from training.release import WEIGHTS  # noqa: E402


@pytest.fixture(scope="module")
def shipped() -> onnx.ModelProto:
    return onnx.load(WEIGHTS / "skin-retouch" / "model.onnx")


def pictures(count: int, seed: int) -> list[torch.Tensor]:
    """Smooth ones, as skin is."""
    random = torch.Generator().manual_seed(seed)
    coarse = [torch.rand(4, 3, 12, 12, generator=random) for _ in range(count)]
    return [torch.nn.functional.interpolate(c, size=96, mode="bilinear") for c in coarse]


def test_the_network_says_what_its_export_says(shipped: onnx.ModelProto) -> None:
    import onnxruntime as ort

    network = SkinRetouching()
    unseal.unfolded(network, shipped, pictures(3, seed=1))
    (image,) = pictures(1, seed=2)
    weights = torch.linspace(1, 0, 6)
    session = ort.InferenceSession(shipped.SerializeToString(), providers=["CPUExecutionProvider"])
    exported = session.run(None, {"image": image.numpy(), "weights": weights.numpy()})
    with torch.no_grad():
        found = network.eval()(image, weights)
    for mine, its in zip(found, exported, strict=True):
        np.testing.assert_allclose(mine.numpy(), its, atol=1e-5)


def test_in_training_it_says_the_same_of_the_patches_it_was_measured_on(shipped: onnx.ModelProto) -> None:
    network = SkinRetouching()
    (image,) = pictures(1, seed=1)
    unseal.unfolded(network, shipped, [image])
    weights = torch.ones(6)
    with torch.no_grad():
        evaluated = network.eval()(image, weights)
        trained = network.train()(image, weights)
    for one, other in zip(trained, evaluated, strict=True):
        torch.testing.assert_close(one, other, atol=2e-3, rtol=0)


def test_another_networks_export_is_refused(shipped: onnx.ModelProto) -> None:
    with pytest.raises(ValueError, match="not its export"):
        unseal.unfolded(LocalRetouching(widths=(16, 32)), shipped, pictures(1, seed=1))


def test_a_recipe_goes_on_from_it(tmp_path: Path) -> None:
    from training import recipe

    network = SkinRetouching()
    recipe.save(tmp_path / "a.pt", **recipe.untimed(network, 700))
    state = recipe.load(tmp_path / "a.pt")
    assert state is not None
    assert (state["step"], state["spent"]) == (700, 0.0)
    recipe.optimiser_of(network).load_state_dict(state["optimiser"])
