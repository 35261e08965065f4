"""docs/models-contracts.md: every contract, and what it was run on by the tests that wrote the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from softlight_models.catalogue import read_catalogue
from softlight_models.contracts import CONTRACTS, Contract, Tensor

DOCUMENT = Path(__file__).parents[3] / "docs" / "models-contracts.md"

OPENING = """\
# What networks promise, and what was run

A catalogue entry names a *contract*: which tensors a network takes and gives, in which order and range. Code
asks for a *role*; an adapter in `core/softlight/roles/` knows the contracts of its role. A file whose tensors
do not fit its contract is refused before it runs.

*Real* weights are files as their authors published them, or conversions of them. *Stand-ins* are real
networks wrapped to the signature of one that could not be had where these tests were written. *Generated*
networks are made by the tests with the published signature; they compute something whose right answer is
known, so that a wrong range, order or place fails.

Made by `SOFTLIGHT_CONTRACTS=write python -m pytest tests/core/roles`.
"""


@dataclass(frozen=True)
class Run:
    """A test has run a contract end to end, through the store, the runtime and its role."""

    contract: str
    kind: str
    """``real``, ``stand-in`` or ``generated``."""
    what: str
    """Which network, and what was shown on it: one line."""


def missing(runs: Iterable[Run]) -> set[str]:
    """Return the contracts that nothing was run for."""
    return {contract.name for contract in CONTRACTS} - {run.contract for run in runs}


def text(runs: Iterable[Run]) -> str:
    """Return the whole document."""
    by_contract: dict[str, set[Run]] = {}
    for run in runs:
        by_contract.setdefault(run.contract, set()).add(run)
    parts = [OPENING]
    for role in sorted({contract.role for contract in CONTRACTS}):
        parts += [f"## {role}\n", "| contract | entries | takes | gives | run on |", "|---|---|---|---|---|"]
        for contract in CONTRACTS:
            if contract.role == role:
                ordered = sorted(
                    by_contract[contract.name], key=lambda run: (run.kind != "real", run.kind, run.what)
                )
                shown = "<br>".join(f"**{run.kind}**: {run.what}" for run in ordered)
                entries = ", ".join(entries_of(contract)) or "none: embedded, or the user's own"
                cells = (
                    contract.name,
                    entries,
                    _tensors(contract, "inputs"),
                    _tensors(contract, "outputs"),
                    shown,
                )
                parts.append(f"| {' | '.join(cells)} |")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def entries_of(contract: Contract) -> tuple[str, ...]:
    """Return the catalogue's entries that have this contract."""
    return tuple(entry.id for entry in read_catalogue().entries if entry.contract == contract.name)


def _tensors(contract: Contract, side: str) -> str:
    told = []
    for network in contract.networks:
        name = f"*{network.name}*: " if len(contract.networks) > 1 else ""
        tensors: tuple[Tensor, ...] = getattr(network, side)
        told.append(name + "<br>".join(_tensor(tensor, meaning=side == "inputs") for tensor in tensors))
    return "<br>".join(told)


def _tensor(tensor: Tensor, meaning: bool) -> str:
    shape = " × ".join(map(str, tensor.shape)) or "one value"
    kind = "" if tensor.dtype == "float32" else f" {tensor.dtype}"
    return f"`{tensor.name}` {shape}{kind}" + (f": {tensor.meaning}" if meaning else "")
