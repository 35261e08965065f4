"""Every contract that this version of Softlight knows."""

from __future__ import annotations

from softlight_models.contracts import attributes, faces, pixels
from softlight_models.contracts.describe import Contract, Network, Tensor
from softlight_models.errors import ModelStoreError

__all__ = ["CONTRACTS", "Contract", "Network", "Tensor", "contract"]

CONTRACTS = (*pixels.CONTRACTS, *faces.CONTRACTS, *attributes.CONTRACTS)


def contract(name: str) -> Contract:
    """Return the contract called `name`; `ModelStoreError` if this version of Softlight has none such."""
    for known in CONTRACTS:
        if known.name == name:
            return known
    raise ModelStoreError(
        f'The model contract "{name}" is unknown to this version of Softlight; update Softlight.'
    )
