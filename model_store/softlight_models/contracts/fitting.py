"""Whether a file is what a contract describes, and what the file calls things.

The same network was exported by many people: one names its input ``input``, another ``x``; one fixes a size
that another leaves open; one computes in half precision. Those files all fit. A file with other tensors is
foreign and is refused before it is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from softlight_models.contracts.describe import UNSTATED, Contract, Network, Size, Tensor, is_size
from softlight_models.errors import ModelStoreError
from softlight_models.onnx_reader import ScannedTensor
from softlight_models.schema import printable

MOST_SHOWN = 200
"""Letters of what a file calls its tensors; a stranger's file may have a million of them."""
FLOATS = ("float16", "float32", "float64")
"""Types between which the runtime casts."""


@dataclass(frozen=True)
class Binding:
    """A network as one file has it."""

    network: Network
    """The contract's, with every size that the file fixes."""
    inputs: tuple[ScannedTensor, ...]
    """The network's inputs by the file's own names and types, in the contract's order."""
    outputs: tuple[ScannedTensor, ...]

    def free_dimensions(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Return how large the file's own named dimensions are when the contract's are `sizes`."""
        found: dict[str, int] = {}
        for tensor, ours in zip(self.inputs, self.network.inputs, strict=True):
            shape = self.network.shape(ours, sizes)
            for name, size in zip(tensor.shape or (), shape, strict=False):
                if isinstance(name, str) and name and size is not None:
                    found[name] = size
        return found


def as_described(network: Network) -> Binding:
    """Return the binding of a file that calls everything what the contract calls it."""

    def declared(tensors: Sequence[Tensor]) -> tuple[ScannedTensor, ...]:
        return tuple(ScannedTensor(tensor.name, tensor.dtype, tensor.shape) for tensor in tensors)

    return Binding(network, declared(network.inputs), declared(network.outputs))


def fit(
    path: Path,
    contract: Contract,
    network: Network,
    inputs: Sequence[ScannedTensor],
    outputs: Sequence[ScannedTensor],
) -> Binding:
    """Find the tensors of a network among those that a file declares.

    Parameters
    ----------
    path : Path
        For the error.
    contract : Contract
    network : Network
        One of the contract's.
    inputs, outputs : sequence of ScannedTensor
        What the file declares; see `onnx_scan.scan`.

    Raises
    ------
    ModelStoreError
        If a tensor is missing or of another shape or type, or the file wants an input more.
    """
    try:
        if len(inputs) != len(network.inputs):
            raise _Misfit(f"it takes {_names(inputs)} instead of {_names(network.inputs)}")
        found_inputs = _find("input", network.inputs, inputs, contract.by_position)
        found_outputs = _find("output", network.outputs, outputs, contract.by_position)
        if network.misdeclared:
            found_inputs = _as_described(network.inputs, found_inputs)
            found_outputs = _as_described(network.outputs, found_outputs)
        fixed: dict[str, int] = {}
        for tensor, found in zip(network.inputs, found_inputs, strict=True):
            _compare("input", tensor, found, fixed)
        narrowed = _narrowed(network, fixed)
        for tensor, found in zip(narrowed.outputs, found_outputs, strict=True):
            _compare("output", tensor, found, {})
    except _Misfit as misfit:
        raise ModelStoreError(
            f"The model file '{path}' does not fit its contract {contract.name} ({misfit}); "
            "get the file that the catalogue names."
        ) from None
    return Binding(narrowed, found_inputs, found_outputs)


def _as_described(tensors: Sequence[Tensor], found: Sequence[ScannedTensor]) -> tuple[ScannedTensor, ...]:
    """Return what a file declares, but the number of pictures and the open sizes as the contract has them."""

    def corrected(ours: Tensor, theirs: ScannedTensor) -> ScannedTensor:
        if theirs.shape is None or len(theirs.shape) != len(ours.shape):
            return theirs
        pairs = zip(ours.shape[1:], theirs.shape[1:], strict=True)
        sizes = (due if isinstance(due, str) else size for due, size in pairs)
        return replace(theirs, shape=(ours.shape[0], *sizes))

    return tuple(corrected(ours, theirs) for ours, theirs in zip(tensors, found, strict=True))


class _Misfit(Exception):
    """Half a sentence."""


def _find(
    kind: str, promised: Sequence[Tensor], declared: Sequence[ScannedTensor], by_position: bool
) -> tuple[ScannedTensor, ...]:
    named = {tensor.name: tensor for tensor in declared}
    if all(tensor.name in named for tensor in promised):
        return tuple(named[tensor.name] for tensor in promised)
    if by_position and len(declared) >= len(promised):
        return tuple(declared[: len(promised)])
    raise _Misfit(f"its {kind}s are {_names(declared)} instead of {_names(promised)}")


def _compare(kind: str, tensor: Tensor, found: ScannedTensor, fixed: dict[str, int]) -> None:
    """Compare type and shape, and add to `fixed` what the file fixes of the contract's named sizes."""
    if found.dtype != tensor.dtype and not (found.dtype in FLOATS and tensor.dtype in FLOATS):
        raise _Misfit(f"its {kind} {printable(found.name)} is {found.dtype} instead of {tensor.dtype}")
    if found.shape is None or tensor.shape == UNSTATED:
        return
    fits = len(found.shape) == len(tensor.shape)
    for due, size in zip(tensor.shape, found.shape, strict=False):
        if isinstance(size, str) or size < 1:  # open
            continue
        if isinstance(due, int) or kind == "input":
            fits &= is_size(due, size, fixed)
    if not fits:
        raise _Misfit(
            f"its {kind} {printable(found.name)} has the shape {_shape(found.shape)} "
            f"instead of {_shape(tensor.shape)}"
        )


def _narrowed(network: Network, fixed: Mapping[str, int]) -> Network:
    if not fixed:
        return network

    def narrow(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        known = Network(network.name, (), (), usual=tuple(fixed.items()))
        return tuple(
            replace(
                tensor,
                shape=tuple(
                    due if size is None else size
                    for due, size in zip(tensor.shape, known.shape(tensor), strict=True)
                ),
            )
            for tensor in tensors
        )

    usual = tuple((name, size) for name, size in network.usual if name not in fixed)
    return replace(network, inputs=narrow(network.inputs), outputs=narrow(network.outputs), usual=usual)


def _names(tensors: Sequence[Tensor | ScannedTensor]) -> str:
    return printable(", ".join(tensor.name for tensor in tensors), MOST_SHOWN) or "nothing"


def _shape(shape: Sequence[Size]) -> str:
    return printable(" x ".join(str(size) or "?" for size in shape), MOST_SHOWN) or "none"
