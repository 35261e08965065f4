"""docs/models-contracts.md leaves no contract out, and every role that has contracts has an adapter."""

from __future__ import annotations

import pytest

from softlight.alignment import TEMPLATES
from softlight.roles import age, expression, face_detection, landmarks, parsing
from softlight_models.contracts import CONTRACTS, Contract
from tests.core.roles.contract_table import DOCUMENT, Run, entries_of, missing, text


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_the_document_says_what_it_was_run_on(contract: Contract) -> None:
    lines = [
        line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith(f"| {contract.name} |")
    ]
    assert len(lines) == 1
    assert any(f"**{kind}**" in lines[0] for kind in ("real", "stand-in", "generated"))
    assert all(entry in lines[0] for entry in entries_of(contract))


def test_a_contract_that_nothing_ran_is_noticed() -> None:
    runs = [Run(contract.name, "generated", "x") for contract in CONTRACTS[1:]]
    assert missing(runs) == {CONTRACTS[0].name}
    with pytest.raises(KeyError, match=CONTRACTS[0].name):
        text(runs)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_templates_are_known(contract: Contract) -> None:
    assert contract.template is None or contract.template in TEMPLATES


@pytest.mark.parametrize(
    ("role", "adapters"),
    [
        ("face-detection", face_detection.ADAPTERS),
        ("landmarks", landmarks.ADAPTERS),
        ("parsing", parsing.ADAPTERS),
        ("age", age.ADAPTERS),
        ("expression", expression.ADAPTERS),
    ],
)
def test_every_contract_of_a_role_has_its_adapter(role: str, adapters: dict[str, object]) -> None:
    assert set(adapters) == {contract.name for contract in CONTRACTS if contract.role == role}
