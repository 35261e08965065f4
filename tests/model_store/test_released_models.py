"""The models that ship: sealed, small, and within what DirectML 1.24 takes, checked without running them."""

from __future__ import annotations

import pytest

from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.released import CARD_FILE
from training.model_rules import violations

SHIPPED = BundledModels()


@pytest.mark.parametrize("role", SHIPPED_ROLES)
def test_a_released_model_keeps_every_rule(role: str) -> None:
    assert violations(SHIPPED.model_bytes(role), SHIPPED.entry(role).contract) == []


@pytest.mark.parametrize("role", SHIPPED_ROLES)
def test_a_released_model_has_a_golden_tile_and_a_card(role: str) -> None:
    assert SHIPPED.golden_bytes(role).startswith(b"PK")
    card = (SHIPPED.folder / role / CARD_FILE).read_text(encoding="utf-8")
    assert "licence" in card.lower()


@pytest.mark.parametrize("role", SHIPPED_ROLES)
def test_the_seal_names_the_formats_of_the_file(role: str) -> None:
    import onnx

    entry, model = SHIPPED.entry(role), onnx.load_model_from_string(SHIPPED.model_bytes(role))
    opset = next(imported.version for imported in model.opset_import if imported.domain in ("", "ai.onnx"))
    assert (entry.ir_version, entry.opset) == (model.ir_version, opset)
