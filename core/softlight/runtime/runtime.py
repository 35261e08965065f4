"""The runtime: sessions made once and kept."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import platformdirs

from softlight.errors import ModelError
from softlight.runtime import devices, installation
from softlight.runtime.loaded_model import LoadedModel
from softlight.runtime.providers import LADDER, Provider, Rung, rungs
from softlight.runtime.self_check import PassedChecks, read_golden
from softlight.runtime.session import Session
from softlight_models.bundled import BundledModels
from softlight_models.errors import ModelStoreError


def passed_checks_path() -> Path:
    """Return the file in which passed self-checks are remembered."""
    return platformdirs.user_cache_path("softlight", appauthor=False) / "self-checks.json"


class Runtime:
    """Keeps one session per role, each on the best device that agrees with the CPU; safe from any thread.

    Parameters
    ----------
    provider : {"auto", "directml", "cuda", "cpu"}
        Where to begin. What fails is left for the CPU, with a note.
    device : int
        Number of the GPU: DXGI's order for DirectML (0 drives the primary display), CUDA's for CUDA.
    models : BundledModels
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
        onnxruntime: Any = None,
        passed_checks: PassedChecks | None = None,
    ) -> None:
        self.models = BundledModels() if models is None else models
        self._onnxruntime = installation.load() if onnxruntime is None else onnxruntime
        self._device = device
        self._passed = PassedChecks(passed_checks_path()) if passed_checks is None else passed_checks
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._notes: list[str] = []
        self.available_providers: tuple[str, ...] = tuple(self._onnxruntime.get_available_providers())
        self.ladder = rungs(provider, self.available_providers)
        for rung in LADDER:
            if rung.name == provider and rung not in self.ladder:
                self._note(
                    f"{rung.label} was asked for, but the installed onnxruntime has none of it; "
                    f"the CPU is used. It comes with the package {rung.package}."
                )

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what did not run where it was meant to, each once."""
        return tuple(self._notes)

    def session(self, role: str) -> Session:
        """Return the session of `role`; the same one each time.

        Raises
        ------
        ModelError
            If the model is missing, is not the released file, or runs on no device.
        """
        with self._lock:
            if role not in self._sessions:
                self._sessions[role] = self._make(role)
            return self._sessions[role]

    def _make(self, role: str) -> Session:
        try:
            entry = self.models.entry(role)
            content = self.models.model_bytes(role)
            golden = read_golden(self.models.golden_bytes(role))
        except ModelStoreError as error:
            raise ModelError(str(error)) from None

        network = entry.contract.network()

        def open_model(rung: Rung) -> LoadedModel:
            return LoadedModel(self._onnxruntime, content, network, rung, self._device)

        def check_key(rung: Rung) -> str:
            device = devices.fingerprint(rung, self._device)
            version = self._onnxruntime.__version__
            return f"{entry.model.sha256} {entry.golden.sha256} onnxruntime {version} {rung.name} {device}"

        return Session(role, network, golden, self.ladder, open_model, self._passed, check_key, self._note)

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes.append(sentence)
