"""A model opened on one rung of the ladder."""

from __future__ import annotations

import contextlib
import io
import threading
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from softlight.runtime.providers import CUDA, Rung, provider_options, session_options
from softlight.runtime.self_check import Arrays
from softlight_models.contracts.fitting import Binding

Sizes = tuple[tuple[str, int], ...]
"""The named sizes of a call."""


class RungUnavailable(RuntimeError):
    """onnxruntime made a session, but not on the device that was asked for."""


class LoadedModel:
    """A model opened on one rung of the ladder; may be called from any thread.

    Parameters
    ----------
    onnxruntime : module
    source : bytes or Path
        The verified ONNX file. A path where it may have weights in other files of its folder.
    binding : Binding
        What the file calls the tensors of its contract.
    rung : Rung
    device : int
        Number of the GPU.

    Raises
    ------
    RungUnavailable
        If the session does not run where it should.
    Exception
        Whatever onnxruntime raises.
    """

    def __init__(
        self, onnxruntime: Any, source: bytes | Path, binding: Binding, rung: Rung, device: int
    ) -> None:
        self.rung = rung
        self._onnxruntime = onnxruntime
        self._source = source
        self._binding = binding
        self._network = binding.network
        self._device = device
        self._lock = threading.Lock()
        # A rung with fixed shapes has one session per size; all others have one, under the usual sizes.
        self._sessions: dict[Sizes, Any] = {self._network.usual: self._create(self._network.usual)}

    def run(self, arrays: Arrays) -> dict[str, NDArray[Any]]:
        """Run the model; the arrays have been checked against the contract."""
        feed = {
            theirs.name: arrays[ours.name].astype(theirs.dtype, copy=False)
            for ours, theirs in zip(self._network.inputs, self._binding.inputs, strict=True)
        }
        names = [theirs.name for theirs in self._binding.outputs]
        if not self.rung.gpu:
            values = self._sessions[self._network.usual].run(names, feed)
        else:
            # DirectML crashes when two threads use a session at once (Deep-Live-Cam#430).
            with self._lock:
                values = self._session_for(arrays).run(names, feed)
        return {
            ours.name: value.astype(ours.dtype, copy=False)
            for ours, value in zip(self._network.outputs, values, strict=True)
        }

    def _session_for(self, arrays: Arrays) -> Any:
        if not self.rung.fixed_shapes:
            return self._sessions[self._network.usual]
        sizes = self._network.sizes({name: array.shape for name, array in arrays.items()})
        key = tuple(sorted(sizes.items()))
        if key not in self._sessions:
            self._sessions[key] = self._create(key)
        return self._sessions[key]

    def _create(self, sizes: Sizes) -> Any:
        if self.rung is CUDA and hasattr(self._onnxruntime, "preload_dlls"):
            # Finds CUDA and cuDNN in NVIDIA's wheels. It prints what it misses; the session's providers tell.
            with contextlib.redirect_stdout(io.StringIO()):
                self._onnxruntime.preload_dlls()
        session = self._onnxruntime.InferenceSession(
            str(self._source) if isinstance(self._source, Path) else self._source,
            sess_options=session_options(
                self._onnxruntime, self.rung, self._binding.free_dimensions(dict(sizes))
            ),
            providers=[self.rung.provider],
            provider_options=[provider_options(self.rung, self._device)],
            enable_fallback=0,  # onnxruntime's own fall-back prints to stdout and hides the cause
        )
        actual = session.get_providers()
        if not actual or actual[0] != self.rung.provider:
            raise RungUnavailable(f"onnxruntime put the session on {actual[0] if actual else 'nothing'}")
        return session
