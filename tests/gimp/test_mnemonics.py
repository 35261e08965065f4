"""Letters for Alt: each once, none that a button of the dialog has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from softlight_gimp.mnemonics import DIALOG_LETTERS, with_mnemonics


@given(st.lists(st.text(st.characters(categories=["L", "Zs", "P"], exclude_characters="_"), max_size=12)))
def test_each_letter_is_used_once(labels: list[str]) -> None:
    marked = with_mnemonics(labels)
    assert [label.replace("_", "") for label in marked] == labels
    letters = [label[label.index("_") + 1].lower() for label in marked if "_" in label]
    assert len(set(letters)) == len(letters)
    assert not set(letters) & set(DIALOG_LETTERS)


def test_a_label_without_a_free_letter_stays_as_it_is() -> None:
    assert with_mnemonics(["Strength", "Texture", "Tess"]) == ["S_trength", "T_exture", "Tess"]
