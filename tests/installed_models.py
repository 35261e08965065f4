"""Models in a store of a test's own, ready to run: the road is the user's, from import to session."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from softlight.runtime import Model, Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.contracts import contract
from softlight_models.places import Places
from softlight_models.store import Store

REAL_WEIGHTS = Path(__file__).parents[2] / "shared" / "models"
"""Third-party weights beside the checkout; they are never part of it."""


def real_weights(name: str) -> bytes:
    """The content of a file of real weights; the test is skipped where there are none."""
    path = REAL_WEIGHTS / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand")
    return path.read_bytes()


def places(folder: Path) -> Places:
    return Places(models=folder / "models", config=folder / "config", cache=folder / "cache")


def install(folder: Path, contract_name: str, files: Mapping[str, bytes] | bytes) -> Model:
    """Import a model into a new store in `folder`, and open it on the CPU.

    Parameters
    ----------
    folder : Path
    contract_name : str
    files : mapping of str to bytes, or bytes
        The content of each network of the contract, by name; of the only one.
    """
    promise = contract(contract_name)
    contents = {"model": files} if isinstance(files, bytes) else dict(files)
    assert sorted(contents) == sorted(network.name for network in promise.networks)
    own = places(folder)
    own.own_entries.mkdir(parents=True)
    text = [
        f'role = "{promise.role}"\ncontract = "{promise.name}"\ntitle = "{promise.name}"\n'
        'use_when = "A test runs."\nvendor = "Tests"\nyear = 2026\npreference = 50\n'
        'origin = "made for this test"\n'
        '[licence]\nspdx = "CC0-1.0"\nlimit = "none"\nterms = "Free for any use."'
    ]
    source = folder / "incoming"
    source.mkdir()
    for network, content in contents.items():
        name = f"{network}.onnx"
        (source / name).write_bytes(content)
        text.append(
            f'[[files]]\nnetwork = "{network}"\nname = "{name}"\nsize = {len(content)}\n'
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"'
        )
    (own.own_entries / "trial.toml").write_text("\n".join(text), "utf-8")
    store = Store(own)
    store.import_files([source], model="trial", accepted=["trial"])
    store.choose(promise.role, "trial")
    runtime = Runtime("cpu", store=store, passed_checks=PassedChecks(None))
    model = runtime.model(promise.role)
    assert model.contract is promise, runtime.notes
    return model
