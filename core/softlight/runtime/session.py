"""A network that can be called, and that moves down the ladder when its device fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.errors import ModelError
from softlight.runtime import failures
from softlight.runtime.loaded_model import LoadedModel
from softlight.runtime.providers import Rung
from softlight.runtime.reference import Reference, made_up_inputs
from softlight.runtime.self_check import Agreement, Arrays, PassedChecks, compare
from softlight_models.contracts import Network
from softlight_models.contracts.describe import UNSTATED

_CONSTANT = 1e-6
"""An output that spans less than this is constant: GPUs have returned nothing but zeros."""
_FEWEST = 16
"""Values that an output must have to be suspected of that: a score alone is always constant."""


class Session:
    """A network that can be called, from any thread. Made by `softlight.runtime.Runtime.model`.

    Parameters
    ----------
    label : str
        What the model is called in a sentence.
    network : Network
        What the contract promises, at the sizes that the file fixes.
    reference : Reference
        What the device is compared with.
    ladder : sequence of Rung
        Where to try, best first.
    open_model : callable
        Opens the model on a rung, or raises.
    passed : PassedChecks
    check_key : callable
        Gives the name under which a rung's self-check is remembered.
    note : callable
        Takes a sentence for the user.
    remedy : str
        The second half of the sentence that says that the network runs nowhere.

    Raises
    ------
    ModelError
        If the model runs nowhere.
    """

    def __init__(
        self,
        label: str,
        network: Network,
        reference: Reference,
        ladder: Sequence[Rung],
        open_model: Callable[[Rung], LoadedModel],
        passed: PassedChecks,
        check_key: Callable[[Rung], str],
        note: Callable[[str], None],
        remedy: str,
    ) -> None:
        self.label = label
        self.network = network
        self._reference = reference
        self._ladder = tuple(ladder)
        self._open_model = open_model
        self._passed = passed
        self._check_key = check_key
        self._note = note
        self._remedy = remedy
        self._lock = threading.Lock()
        self._loaded = self._open_first_of(self._ladder)

    @property
    def rung(self) -> Rung:
        """Where the network runs now."""
        return self._loaded.rung

    @property
    def side(self) -> int:
        """Height and width of the usual call of a network that looks at squares."""
        first = self.network.inputs[0]
        shape = self.network.usual_shape(first)
        if len(shape) != 4 or shape[2] != shape[3]:
            raise ModelError(
                f"The {self.label} model takes pictures of {' x '.join(map(str, shape))} values, which is no "
                "square; choose another model."
            )
        return shape[2]

    def run(self, **arrays: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Run the network.

        Parameters
        ----------
        **arrays : ndarray
            The inputs that the contract names, of its types and shapes. Its usual sizes are the best, since
            DirectML compiles a session for each.

        Returns
        -------
        dict of str to ndarray
            The outputs that the contract names, of its types and shapes, all finite.

        Raises
        ------
        TypeError, ValueError
            If the arrays do not fit the contract: a defect of the caller.
        ModelError
            If no device is left, or the network gives no finite values.
        """
        sizes = _check(self.label, self.network, arrays)
        while True:
            loaded = self._loaded
            try:
                outputs = loaded.run(arrays)
            except Exception as error:  # onnxruntime's errors have no common base
                self._step_down(loaded, failures.reason(error))
                continue
            if wrong := self._misshapen(outputs, sizes):
                self._step_down(loaded, wrong)
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

    def check(self) -> Agreement | None:
        """Run the golden tile now, whatever is remembered, and return how well it agrees.

        Returns
        -------
        Agreement or None
            `None` if there is nothing to compare with: a made-up tile was run, and that is all.

        Raises
        ------
        ModelError
            If no device is left.
        """
        while True:
            loaded = self._loaded
            try:
                golden = self._reference(loaded.rung)
                if golden is None:
                    self.run(**made_up_inputs(self.network))
                    return None
                return compare(loaded.run(golden.inputs), golden.outputs, golden.spans)
            except ModelError:
                raise
            except Exception as error:
                self._step_down(loaded, failures.reason(error))

    def _open_first_of(self, ladder: Sequence[Rung], because: Sequence[str] = ()) -> LoadedModel:
        """Open the model on the first rung that passes the self-check, and note why others did not serve."""
        causes = list(because)
        for rung in ladder:
            opened = self._open(rung)
            if isinstance(opened, LoadedModel):
                for cause in causes:
                    self._note(f"The {self.label} model runs on {rung.label}: {cause}.")
                return opened
            causes.append(f"{rung.label} {opened}")
        remedy = "close other programs or use a machine with more memory"
        if not any("out of memory" in cause for cause in causes):
            remedy = self._remedy
        raise ModelError(f"The {self.label} model runs on no device ({'; '.join(causes)}); {remedy}.")

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
        if agreement is not None:
            self._passed.add(key, agreement)
        return loaded

    def _try_golden(self, loaded: LoadedModel) -> Agreement | str | None:
        """Return the agreement if it is good enough, else what was wrong; `None` if nothing can tell."""
        try:
            golden = self._reference(loaded.rung)
            if golden is None:
                return None
            agreement = compare(loaded.run(golden.inputs), golden.outputs, golden.spans)
        except Exception as error:
            return failures.reason(error)
        return agreement if agreement.passes else f"gave a wrong result on the golden tile ({agreement})"

    def _misshapen(self, outputs: Arrays, sizes: Mapping[str, int]) -> str | None:
        """Say what is wrong with the outputs' shapes: a file need not keep what it declares."""
        for tensor in self.network.outputs:
            if tensor.shape == UNSTATED:
                continue
            due, actual = self.network.shape(tensor, sizes), outputs[tensor.name].shape
            if len(due) != len(actual) or any(
                size not in (None, got) for size, got in zip(due, actual, strict=True)
            ):
                return f"gave the output {tensor.name} in the shape {actual}"
        return None

    def _step_down(self, failed: LoadedModel, cause: str) -> None:
        with self._lock:
            if self._loaded is failed:  # else another thread has moved on already
                self._loaded = self._open_first_of(self._below(failed), [f"{failed.rung.label} {cause}"])

    def _run_below(self, loaded: LoadedModel, arrays: Arrays) -> dict[str, NDArray[Any]]:
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
                    f"The {self.label} model ran on {rung.label} for one tile: "
                    f"{loaded.rung.label} gave values that are not finite."
                )
                return outputs
        raise ModelError(
            f"The {self.label} model gives values that are not finite for this picture; "
            "try another face size, and report the picture."
        )

    def _below(self, loaded: LoadedModel) -> tuple[Rung, ...]:
        return self._ladder[self._ladder.index(loaded.rung) + 1 :]


def _check(label: str, network: Network, arrays: Arrays) -> dict[str, int]:
    names = [tensor.name for tensor in network.inputs]
    if sorted(arrays) != sorted(names):
        raise TypeError(f"The {label} model takes {', '.join(names)}, not {', '.join(arrays)}.")
    sizes = network.sizes({name: array.shape for name, array in arrays.items()})
    for tensor in network.inputs:
        array = arrays[tensor.name]
        if array.dtype != tensor.dtype:
            raise TypeError(
                f"The input {tensor.name} of the {label} model is {array.dtype}; {tensor.dtype} is due."
            )
        if not np.isfinite(array).all():
            raise ValueError(f"The input {tensor.name} of the {label} model holds NaN or infinity.")
    return sizes


def _is_suspicious(outputs: Arrays) -> bool:
    return not _is_finite(outputs) or any(
        array.size >= _FEWEST and np.ptp(array) < _CONSTANT for array in outputs.values()
    )


def _is_finite(outputs: Arrays) -> bool:
    return all(bool(np.isfinite(array).all()) for array in outputs.values())
