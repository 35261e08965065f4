"""The runtime: the model of each role, opened once and kept until another is to be used."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from softlight.errors import ModelError
from softlight.runtime import devices, installation, models, reference
from softlight.runtime.loaded_model import LoadedModel
from softlight.runtime.memory import Memory
from softlight.runtime.models import Model, ModelFiles, NetworkFile
from softlight.runtime.providers import CPU, LADDER, Provider, Rung, rungs
from softlight.runtime.self_check import PassedChecks
from softlight.runtime.session import Session
from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.contracts import CONTRACTS
from softlight_models.errors import ModelStoreError

if TYPE_CHECKING:
    from softlight_models.library import InstalledModel
    from softlight_models.store import Store

ROLES = tuple(sorted({contract.role for contract in CONTRACTS}))
"""Everything that code may ask for."""


def passed_checks_path() -> Path:
    """Return the file in which passed self-checks are remembered."""
    return platformdirs.user_cache_path("softlight", appauthor=False) / "self-checks.json"


class Runtime:
    """Keeps one model per role, each on the best device that agrees with the CPU; safe from any thread.

    Parameters
    ----------
    provider : {"auto", "directml", "cuda", "cpu"}
        Where to begin. What fails is left for the CPU, with a note.
    device : int
        Number of the GPU: DXGI's order for DirectML (0 drives the primary display), CUDA's for CUDA.
    models : BundledModels, optional
        The embedded models. Default: those of the package.
    store : Store, optional
        Where installed models come from. Default: the user's store; none at all if `models` is given.
    onnxruntime : module, optional
        Default: the installed one, imported here.
    passed_checks : PassedChecks, optional
        Where passed self-checks are remembered. Default: a file in the user's cache folder.

    Raises
    ------
    ModelError
        If onnxruntime is missing, too old, or installed twice.
    """

    def __init__(
        self,
        provider: Provider = "auto",
        *,
        device: int = 0,
        models: BundledModels | None = None,
        store: Store | None = None,
        onnxruntime: Any = None,
        passed_checks: PassedChecks | None = None,
    ) -> None:
        self.memory = Memory()
        self.models = BundledModels() if models is None else models
        self.store = user_store() if models is None and store is None else store
        self._onnxruntime = installation.load() if onnxruntime is None else onnxruntime
        self._device = device
        self._passed = PassedChecks(passed_checks_path()) if passed_checks is None else passed_checks
        self._lock = threading.Lock()
        self._in_use: dict[str, Model] = {}
        self._passed_over: dict[str, tuple[str, ...]] = {}  # by role: why not the model that was wanted
        self._notes: list[str] = []
        self.available_providers: tuple[str, ...] = tuple(self._onnxruntime.get_available_providers())
        self.ladder = rungs(provider, self.available_providers)
        for rung in LADDER:
            if rung.name == provider and rung not in self.ladder:
                self._notes.append(
                    f"{rung.label} was asked for, but the installed onnxruntime has none of it; "
                    f"the CPU is used. It comes with the package {rung.package}."
                )

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what does not run where, or by which model, it was meant to; each once."""
        found = list(self._notes)
        for role, model in sorted(self._in_use.items()):
            found += [*self._passed_over[role], *model.notes]
        return tuple(dict.fromkeys(found))

    def model(self, role: str) -> Model:
        """Return what `role` uses now: the user's choice, else the best that is installed, else the embedded.

        The store is asked each time, which costs milliseconds; a model is opened again only when the answer
        has changed. A filter asks once per job and keeps the answer.

        Raises
        ------
        ModelError
            If there is no model, or none that can be used.
        """
        with self._lock:
            model, causes = self._find(role)
            self._in_use[role], self._passed_over[role] = model, causes
            return model

    def optional(self, role: str) -> tuple[Model | None, tuple[str, ...]]:
        """Return what a role uses, `None` for nothing, and why what is installed for it cannot be used."""
        if not self._is_embedded(role) and self._best(role) is None:
            return None, () if self.store is None else tuple(self.store.notes(role))
        try:
            return self.model(role), ()
        except ModelError as error:
            return None, (str(error),)

    def session(self, role: str) -> Session:
        """Return the session of a role whose model is one network; see `model`."""
        return self.model(role).session()

    def opened(self, candidate: InstalledModel) -> Model:
        """Open an installed model, whichever its role uses.

        Raises
        ------
        ModelError
            If it runs nowhere.
        ModelStoreError
            If a file of it cannot be read.
        """
        return self._open(models.installed(candidate))

    def fingerprint(self) -> str:
        """Return a text that changes when a role is to use another model than before."""
        found = ((role, self._best(role)) for role in ROLES)
        return " ".join(f"{role} {model.key}" for role, model in found if model is not None)

    def _find(self, role: str) -> tuple[Model, tuple[str, ...]]:
        """Return the model, and why those that stand before it are not used."""
        before = self._in_use.get(role)
        model: Model | None = None
        refused: dict[str, str] = {}  # why, by id
        while model is None and (candidate := self._best(role, refused)) is not None:
            if before is not None and before.is_of(candidate):
                model = before
                continue
            try:
                model = self.opened(candidate)
            except (ModelError, ModelStoreError) as error:
                refused[candidate.entry.id] = str(error)
        stored = () if self.store is None else self.store.notes(role)
        causes = (*stored, *refused.values())
        return model or self._embedded(role, before, causes), causes

    def _is_embedded(self, role: str) -> bool:
        return role in {*SHIPPED_ROLES, *self.models.roles()}

    def _embedded(self, role: str, before: Model | None, causes: Sequence[str]) -> Model:
        if not self._is_embedded(role):
            nothing = (
                f"No model for {role} is installed; `softlight models list` shows what can be downloaded."
            )
            raise ModelError(causes[0] if causes else nothing)
        if before is not None and before.files.id is None:
            return before
        try:
            return self._open(models.embedded(self.models, role))
        except ModelStoreError as error:
            raise ModelError(str(error)) from None

    def _best(self, role: str, without: Collection[str] = ()) -> InstalledModel | None:
        return None if self.store is None else self.store.best(role, without)

    def _open(self, files: ModelFiles) -> Model:
        notes: list[str] = []
        sessions = {name: self._session(file, notes) for name, file in files.networks.items()}
        return Model(files, sessions, notes)

    def _session(self, file: NetworkFile, notes: list[str]) -> Session:
        def open_on(rung: Rung) -> LoadedModel:
            return LoadedModel(self._onnxruntime, file.source, file.binding, rung, self._device)

        def check_key(rung: Rung) -> str:
            device = devices.fingerprint(rung, self._device)
            return f"{file.key} onnxruntime {self._onnxruntime.__version__} {rung.name} {device}"

        def note(sentence: str) -> None:
            if sentence not in notes:
                notes.append(sentence)

        network = file.binding.network
        if file.golden is None:
            compared = reference.computed(lambda: open_on(CPU), network)
        else:
            compared = reference.released(file.golden)
        return Session(
            file.label, network, compared, self.ladder, open_on, self._passed, check_key, note, file.remedy
        )


def user_store() -> Store:
    """Return the store of whoever runs this."""
    # Imported here: it needs more than the bare Python in which the runtime can be tried.
    from softlight_models.store import Store

    return Store()
