"""Models in a store of a test's own, ready to run: the road is the user's, from import to session."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from softlight.runtime import Model, Runtime
from softlight.runtime.self_check import PassedChecks
from softlight_models.contracts import contract
from softlight_models.contracts.describe import Contract
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
    runtime = runtime_with(folder, {contract_name: files})
    model = runtime.model(promise.role)
    assert model.contract is promise, runtime.notes
    return model


def runtime_with(folder: Path, models: Mapping[str, Mapping[str, bytes] | bytes]) -> Runtime:
    """Import models, by their contracts, into a new store in `folder`, and return what runs them on the CPU.

    Parameters
    ----------
    folder : Path
    models : mapping
        By name of the contract, what `install` takes.
    """
    own = places(folder)
    own.own_entries.mkdir(parents=True)
    for contract_name, files in models.items():
        _prepare(folder, contract(contract_name), {"model": files} if isinstance(files, bytes) else files)
    store = Store(own)
    for contract_name in models:
        store.import_files(
            [folder / contract_name], model=_entry(contract_name), accepted=[_entry(contract_name)]
        )
        store.choose(contract(contract_name).role, _entry(contract_name))
    return Runtime("cpu", store=store, passed_checks=PassedChecks(None))


def _entry(contract_name: str) -> str:
    return f"trial-{contract_name}"


def _prepare(folder: Path, promise: Contract, contents: Mapping[str, bytes]) -> None:
    """Write the files of a model, and the entry that describes it."""
    assert sorted(contents) == sorted(network.name for network in promise.networks)
    text = [
        f'role = "{promise.role}"\ncontract = "{promise.name}"\ntitle = "{promise.name}"\n'
        'use_when = "A test runs."\nvendor = "Tests"\nyear = 2026\npreference = 50\n'
        'origin = "made for this test"\n'
        '[licence]\nspdx = "CC0-1.0"\nlimit = "none"\nterms = "Free for any use."'
    ]
    source = folder / promise.name
    source.mkdir()
    for network, content in contents.items():
        name = f"{network}.onnx"
        (source / name).write_bytes(content)
        text.append(
            f'[[files]]\nnetwork = "{network}"\nname = "{name}"\nsize = {len(content)}\n'
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"'
        )
    path = places(folder).own_entries / f"{_entry(promise.name)}.toml"
    path.write_text("\n".join(text), "utf-8")
