"""Which file stands for a role: one that the user has installed, or the embedded one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from softlight.runtime.self_check import Golden, read_golden
from softlight.runtime.session import Session
from softlight_models.bundled import BundledModels
from softlight_models.contracts import Contract, contract
from softlight_models.contracts.describe import MODEL
from softlight_models.contracts.fitting import Binding, as_described, fit
from softlight_models.library import InstalledModel
from softlight_models.onnx_scan import scan
from softlight_models.onnx_shapes import with_shapes

REINSTALL = "run `softlight doctor` and reinstall Softlight"
CHOOSE = "choose another model for its role"


@dataclass(frozen=True)
class NetworkFile:
    """One network of a model, verified and ready to be opened."""

    label: str
    """What the model is called in a sentence: "The … model runs on the CPU"."""
    source: bytes | Path
    binding: Binding
    key: str
    """Changes with the content."""
    golden: Golden | None
    """The golden tile of the release; `None` for public models, which have none."""
    remedy: str
    """What to do when it runs nowhere."""


@dataclass(frozen=True)
class ModelFiles:
    """A model whose files were verified and fit its contract."""

    id: str | None
    """Its catalogue entry; `None` if it is embedded."""
    contract: Contract
    title: str
    key: str
    """Changes with the content."""
    networks: dict[str, NetworkFile]


@dataclass(frozen=True, eq=False)
class Model:
    """The model that a role uses now. Made by `softlight.runtime.Runtime.model`."""

    files: ModelFiles
    sessions: dict[str, Session]
    notes: list[str]
    """Sentences on what does not run where it was meant to; its sessions add to them."""

    @property
    def contract(self) -> Contract:
        """Which promise its networks keep."""
        return self.files.contract

    def is_of(self, model: InstalledModel) -> bool:
        """Return whether these are the files of an installed model."""
        return (self.files.id, self.files.key) == (model.entry.id, model.key)

    def session(self, network: str = MODEL) -> Session:
        """Return the session of one of the contract's networks."""
        return self.sessions[network]


def embedded(models: BundledModels, role: str) -> ModelFiles:
    """Read the model of `role` that ships with Softlight.

    Raises
    ------
    ModelStoreError
        If it is missing or not the released one.
    ModelError
        If its golden tile cannot be read.
    """
    entry = models.entry(role)
    content = models.model_bytes(role)
    spans = {tensor.name: tensor.high - tensor.low for tensor in entry.contract.network().outputs}
    golden = replace(read_golden(models.golden_bytes(role)), spans=spans)
    key = f"{entry.model.sha256} {entry.golden.sha256}"
    file = NetworkFile(role, content, as_described(entry.contract.network()), key, golden, REINSTALL)
    return ModelFiles(None, entry.contract, entry.title, key, {MODEL: file})


def installed(model: InstalledModel) -> ModelFiles:
    """Verify, scan and compare with its contract every file of an installed model.

    Raises
    ------
    ModelStoreError
        If a file was changed, is dangerous to open, or holds another network than its contract describes.
    """
    promise = contract(model.entry.contract)
    beside = [file.name for file in model.entry.files if file.network is None]
    networks = {}
    for network in promise.networks:
        path = model.open_verified(network.name)
        found = scan(path, beside)
        binding = fit(path, promise, network, found.inputs, found.outputs)
        single = len(promise.networks) == 1
        label = model.entry.title if single else f"{model.entry.title} {network.name}"
        key = f"{model.key} {network.name} against the CPU"
        source = _reopened(path, binding) if network.misdeclared else path
        networks[network.name] = NetworkFile(label, source, binding, key, None, CHOOSE)
    return ModelFiles(model.entry.id, promise, model.entry.title, model.key, networks)


def _reopened(path: Path, binding: Binding) -> bytes:
    """Return a file's content with its contract's shapes instead of those that it declares."""
    network = binding.network
    pairs = zip((*binding.inputs, *binding.outputs), (*network.inputs, *network.outputs), strict=True)
    return with_shapes(path.read_bytes(), {theirs.name: ours.shape for theirs, ours in pairs})
