"""A model opened on one rung of the ladder."""

from __future__ import annotations

import contextlib
import io
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlight.runtime.providers import CUDA, Rung, provider_options, session_options
from softlight.runtime.self_check import Arrays
from softlight_models.contracts import Contract

Shape = tuple[int, int, int]


class RungUnavailable(RuntimeError):
    """onnxruntime made a session, but not on the device that was asked for."""


class LoadedModel:
    """A model opened on one rung of the ladder; may be called from any thread.

    Parameters
    ----------
    onnxruntime : module
    content : bytes
        The verified ONNX file.
    contract : Contract
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

    def __init__(self, onnxruntime: Any, content: bytes, contract: Contract, rung: Rung, device: int) -> None:
        self.rung = rung
        self._onnxruntime = onnxruntime
        self._content = content
        self._contract = contract
        self._device = device
        self._lock = threading.Lock()
        # A rung with fixed shapes has one session per shape; all others have one, under the tile's shape.
        self._sessions: dict[Shape, Any] = {contract.tile: self._create(contract.tile)}

    def run(self, arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        """Run the model; the arrays have been checked against the contract."""
        names = [tensor.name for tensor in self._contract.outputs]
        if not self.rung.gpu:
            values = self._sessions[self._contract.tile].run(names, dict(arrays))
        else:
            # DirectML crashes when two threads use a session at once (Deep-Live-Cam#430).
            with self._lock:
                values = self._session_for(arrays).run(names, dict(arrays))
        return dict(zip(names, values, strict=True))

    def _session_for(self, arrays: Arrays) -> Any:
        if not self.rung.fixed_shapes:
            return self._sessions[self._contract.tile]
        batch, _, height, width = next(iter(arrays.values())).shape
        shape = (batch, height, width)
        if shape not in self._sessions:
            self._sessions[shape] = self._create(shape)
        return self._sessions[shape]

    def _create(self, shape: Shape) -> Any:
        if self.rung is CUDA and hasattr(self._onnxruntime, "preload_dlls"):
            # Finds CUDA and cuDNN in NVIDIA's wheels. It prints what it misses; the session's providers tell.
            with contextlib.redirect_stdout(io.StringIO()):
                self._onnxruntime.preload_dlls()
        session = self._onnxruntime.InferenceSession(
            self._content,
            sess_options=session_options(self._onnxruntime, self.rung, shape),
            providers=[self.rung.provider],
            provider_options=[provider_options(self.rung, self._device)],
            enable_fallback=0,  # onnxruntime's own fall-back prints to stdout and hides the cause
        )
        actual = session.get_providers()
        if not actual or actual[0] != self.rung.provider:
            raise RungUnavailable(f"onnxruntime put the session on {actual[0] if actual else 'nothing'}")
        return session
