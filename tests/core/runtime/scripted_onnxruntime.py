"""An onnxruntime with devices that this machine does not have, and that misbehave as real ones were seen to.

Sessions, their options and their results are those of the installed onnxruntime on the CPU; a script changes
what a device does with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

DML = "DmlExecutionProvider"
CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"

Outputs = list[NDArray[np.float32]]


def honest(nth: int, outputs: Outputs) -> Outputs:
    return outputs


@dataclass
class Device:
    """What a provider does."""

    create: Callable[[int], None] = lambda nth: None
    """Called with the number of the creation, from 1; raises what onnxruntime would."""
    starts: bool = True
    """Else the session silently runs on the CPU."""
    run: Callable[[int, Outputs], Outputs] = honest
    """Called with the number of the run on this device, from 1, and the right outputs."""
    creations: int = 0
    runs: int = 0


class RecordingOptions(onnxruntime.SessionOptions):
    """Real options that remember what cannot be read back."""

    def __init__(self) -> None:
        super().__init__()
        self.overrides: dict[str, int] = {}

    def add_free_dimension_override_by_name(self, name: str, size: int) -> None:
        super().add_free_dimension_override_by_name(name, size)
        self.overrides[name] = size


@dataclass
class Created:
    provider: str
    options: RecordingOptions
    provider_options: dict[str, str]


@dataclass
class ScriptedOnnxruntime:
    """Stands in for the module `onnxruntime`."""

    devices: dict[str, Device]
    created: list[Created] = field(default_factory=list)
    __version__: str = "1.24.4"
    SessionOptions = RecordingOptions
    ExecutionMode = onnxruntime.ExecutionMode
    GraphOptimizationLevel = onnxruntime.GraphOptimizationLevel

    def get_available_providers(self) -> list[str]:
        return [*self.devices] if CPU in self.devices else [*self.devices, CPU]

    def InferenceSession(  # onnxruntime's own name
        self,
        content: bytes,
        sess_options: RecordingOptions,
        providers: list[str],
        provider_options: list[dict[str, str]],
        enable_fallback: int,
    ) -> ScriptedSession:
        assert enable_fallback == 0
        (provider,) = providers
        device = self.devices.setdefault(provider, Device())
        device.creations += 1
        self.created.append(Created(provider, sess_options, provider_options[0]))
        device.create(device.creations)
        real = onnxruntime.InferenceSession(content, sess_options=sess_options, providers=[CPU])
        return ScriptedSession(provider, device, real)


@dataclass
class ScriptedSession:
    provider: str
    device: Device
    real: Any

    def get_providers(self) -> list[str]:
        return [self.provider, CPU] if self.device.starts and self.provider != CPU else [CPU]

    def run(self, names: list[str], arrays: dict[str, NDArray[np.float32]]) -> Outputs:
        self.device.runs += 1
        return self.device.run(self.device.runs, self.real.run(names, arrays))
