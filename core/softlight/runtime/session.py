"""A network that can be called, and that moves down the ladder when its device fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from softlight.errors import ModelError
from softlight.runtime import failures
from softlight.runtime.loaded_model import LoadedModel
from softlight.runtime.providers import Rung
from softlight.runtime.self_check import Agreement, Arrays, Golden, PassedChecks, compare
from softlight_models.contracts import Network

_CONSTANT = 1e-6
"""An output that spans less than this is constant: GPUs have returned nothing but zeros."""


class Session:
    """A network of one role; may be called from any thread. Made by `softlight.runtime.Runtime.session`.

    Parameters
    ----------
    role : str
    network : Network
        What its contract promises.
    golden : Golden
    ladder : sequence of Rung
        Where to try, best first.
    open_model : callable
        Opens the model on a rung, or raises.
    passed : PassedChecks
    check_key : callable
        Gives the name under which a rung's self-check is remembered.
    note : callable
        Takes a sentence for the user.

    Raises
    ------
    ModelError
        If the model runs nowhere.
    """

    def __init__(
        self,
        role: str,
        network: Network,
        golden: Golden,
        ladder: Sequence[Rung],
        open_model: Callable[[Rung], LoadedModel],
        passed: PassedChecks,
        check_key: Callable[[Rung], str],
        note: Callable[[str], None],
    ) -> None:
        self.role = role
        self.network = network
        self._golden = golden
        self._ladder = tuple(ladder)
        self._open_model = open_model
        self._passed = passed
        self._check_key = check_key
        self._note = note
        self._lock = threading.Lock()
        self._loaded = self._open_first_of(self._ladder)

    @property
    def rung(self) -> Rung:
        """Where the network runs now."""
        return self._loaded.rung

    def run(self, **arrays: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Run the network.

        Parameters
        ----------
        **arrays : ndarray
            The inputs that the contract names, of its types and shapes. Its usual sizes are the best, since
            DirectML compiles a session for each.

        Returns
        -------
        dict of str to ndarray float32
            The outputs that the contract names, all finite.

        Raises
        ------
        TypeError, ValueError
            If the arrays do not fit the contract: a defect of the caller.
        ModelError
            If no device is left, or the network gives no finite values.
        """
        _check(self.role, self.network, arrays)
        while True:
            loaded = self._loaded
            try:
                outputs = loaded.run(arrays)
            except Exception as error:  # onnxruntime's errors have no common base
                self._step_down(loaded, failures.reason(error))
                continue
            if not _is_suspicious(outputs):
                return outputs
            # The wrinkle map of clear skin is constant, too: only the golden tile tells.
            agreement = self._try_golden(loaded)
            if isinstance(agreement, str):
                self._step_down(loaded, agreement)
            elif _is_finite(outputs):
                return outputs
            else:
                return self._run_below(loaded, arrays)

    def check(self) -> Agreement:
        """Run the golden tile now, whatever is remembered, and return how well it agrees.

        Raises
        ------
        ModelError
            If no device is left.
        """
        while True:
            loaded = self._loaded
            try:
                return compare(loaded.run(self._golden.inputs), self._golden.outputs)
            except Exception as error:
                self._step_down(loaded, failures.reason(error))

    def _open_first_of(self, ladder: Sequence[Rung], because: Sequence[str] = ()) -> LoadedModel:
        """Open the model on the first rung that passes the self-check, and note why others did not serve."""
        causes = list(because)
        for rung in ladder:
            opened = self._open(rung)
            if isinstance(opened, LoadedModel):
                for cause in causes:
                    self._note(f"The {self.role} model runs on {rung.label}: {cause}.")
                return opened
            causes.append(f"{rung.label} {opened}")
        remedy = "close other programs or use a machine with more memory"
        if not any("out of memory" in cause for cause in causes):
            remedy = "run `softlight doctor` and reinstall Softlight"
        raise ModelError(f"The {self.role} model runs on no device ({'; '.join(causes)}); {remedy}.")

    def _open(self, rung: Rung) -> LoadedModel | str:
        """Return the model on a rung that passed its self-check, or why there is none."""
        try:
            loaded = self._open_model(rung)
        except Exception as error:
            return failures.reason(error)
        key = self._check_key(rung)
        if key in self._passed:
            return loaded
        agreement = self._try_golden(loaded)
        if isinstance(agreement, str):
            return agreement
        self._passed.add(key, agreement)
        return loaded

    def _try_golden(self, loaded: LoadedModel) -> Agreement | str:
        """Return the agreement if it is good enough, else what was wrong."""
        try:
            agreement = compare(loaded.run(self._golden.inputs), self._golden.outputs)
        except Exception as error:
            return failures.reason(error)
        return agreement if agreement.passes else f"gave a wrong result on the golden tile ({agreement})"

    def _step_down(self, failed: LoadedModel, cause: str) -> None:
        with self._lock:
            if self._loaded is failed:  # else another thread has moved on already
                self._loaded = self._open_first_of(self._below(failed), [f"{failed.rung.label} {cause}"])

    def _run_below(self, loaded: LoadedModel, arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        """Compute one call on a lower rung: this one is sound, but gave no finite values for these arrays."""
        for rung in self._below(loaded):
            opened = self._open(rung)
            if isinstance(opened, str):
                continue
            try:
                outputs = opened.run(arrays)
            except Exception:  # nothing is lost: the next rung is tried, and the sentence below stays true
                continue
            if _is_finite(outputs):
                self._note(
                    f"The {self.role} model ran on {rung.label} for one tile: "
                    f"{loaded.rung.label} gave values that are not finite."
                )
                return outputs
        raise ModelError(
            f"The {self.role} model gives values that are not finite for this picture; "
            "try another face size, and report the picture."
        )

    def _below(self, loaded: LoadedModel) -> tuple[Rung, ...]:
        return self._ladder[self._ladder.index(loaded.rung) + 1 :]


def _check(role: str, network: Network, arrays: Arrays) -> None:
    names = [tensor.name for tensor in network.inputs]
    if sorted(arrays) != sorted(names):
        raise TypeError(f"The {role} model takes {', '.join(names)}, not {', '.join(arrays)}.")
    network.sizes({name: array.shape for name, array in arrays.items()})
    for tensor in network.inputs:
        array = arrays[tensor.name]
        if array.dtype != tensor.dtype:
            raise TypeError(
                f"The input {tensor.name} of the {role} model is {array.dtype}; {tensor.dtype} is due."
            )
        if not np.isfinite(array).all():
            raise ValueError(f"The input {tensor.name} of the {role} model holds NaN or infinity.")


def _is_suspicious(outputs: Arrays) -> bool:
    return not _is_finite(outputs) or any(np.ptp(array) < _CONSTANT for array in outputs.values())


def _is_finite(outputs: Arrays) -> bool:
    return all(bool(np.isfinite(array).all()) for array in outputs.values())
