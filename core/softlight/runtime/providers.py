"""The ladder: where a network may run, best first, and the session options of each rung."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Provider = Literal["auto", "directml", "cuda", "cpu"]
"""What a user may ask for."""


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder."""

    name: str
    label: str
    """As it stands in a sentence."""
    provider: str
    """onnxruntime's name of the execution provider."""
    package: str = "onnxruntime"
    """The distribution that brings the provider."""
    options: tuple[tuple[str, str], ...] = ()
    """Options of the provider, beside the number of the device."""
    gpu: bool = False
    """It is a numbered device, and one thread at a time may use a session on it."""
    fixed_shapes: bool = False
    """A session is compiled for one shape."""
    optimisation: Literal["ORT_ENABLE_ALL", "ORT_ENABLE_BASIC"] = "ORT_ENABLE_ALL"


DIRECTML = Rung(
    name="directml",
    label="DirectML",
    provider="DmlExecutionProvider",
    package="onnxruntime-directml",
    gpu=True,
    # A DirectML session is optimised for the first shape it sees and slow for all others (onnxruntime#14387).
    fixed_shapes=True,
)
CUDA = Rung(
    name="cuda",
    label="CUDA",
    provider="CUDAExecutionProvider",
    package="onnxruntime-gpu",
    gpu=True,
    options=(
        ("use_tf32", "0"),  # its 10-bit mantissa does not reach the agreement with the CPU
        ("cudnn_conv_algo_search", "HEURISTIC"),  # the exhaustive search takes seconds in a first run
    ),
)
CPU = Rung(name="cpu", label="the CPU", provider="CPUExecutionProvider")
CPU_BASIC = Rung(
    name="cpu-basic",
    label="the CPU with basic optimisation",
    provider="CPUExecutionProvider",
    optimisation="ORT_ENABLE_BASIC",
)
LADDER = (DIRECTML, CUDA, CPU, CPU_BASIC)


def rungs(provider: Provider, available: Iterable[str]) -> tuple[Rung, ...]:
    """Return the rungs to try, best first.

    Parameters
    ----------
    provider : {"auto", "directml", "cuda", "cpu"}
        Where to begin. The rungs of the CPU always follow.
    available : iterable of str
        What `onnxruntime.get_available_providers` lists: the package was built with it. Whether it
        works, a session's own providers tell.
    """
    offered = set(available)
    return tuple(
        rung
        for rung in LADDER
        if not rung.gpu or (rung.provider in offered and provider in ("auto", rung.name))
    )


def session_options(onnxruntime: Any, rung: Rung, sizes: Mapping[str, int]) -> Any:
    """Return onnxruntime's `SessionOptions` for a rung.

    Parameters
    ----------
    onnxruntime : module
    rung : Rung
    sizes : mapping of str to int
        What the file calls its free dimensions, and how large they are; used by rungs with fixed shapes.
    """
    options = onnxruntime.SessionOptions()
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, rung.optimisation)
    options.log_severity_level = 4  # fatal only: what goes wrong is said once, in a note
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = physical_cores()
    # Spinning threads took 50 to 65 s from other work (reference: platform facts, C3).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # DirectML does not support memory patterns, and elsewhere each new size of a picture would get a block of
    # its own: the second picture of a size took twice the memory of the first.
    options.enable_mem_pattern = False
    if rung.fixed_shapes:
        for name, size in sizes.items():
            options.add_free_dimension_override_by_name(name, size)
    return options


def provider_options(rung: Rung, device: int) -> dict[str, str]:
    """Return the options of the execution provider of `rung` on device number `device`."""
    options = dict(rung.options)
    if rung.gpu:
        options["device_id"] = str(device)
    return options


def physical_cores() -> int:
    """Return how many physical cores this process may use; 0 leaves it to onnxruntime, which counts all.

    Two threads on one core gain nothing, and more threads than a container's cores wait for each other.
    """
    if not hasattr(os, "sched_getaffinity"):
        return 0
    allowed = os.sched_getaffinity(0)
    cores = set()
    for number in allowed:
        topology = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        try:
            cores.add(topology.read_text(encoding="ascii"))
        except OSError:
            return len(allowed)
    return len(cores)
