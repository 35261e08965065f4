"""Letters for Alt: each once, none that a button of the dialog has."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from softlight_gimp.mnemonics import DIALOG_LETTERS, in_menu, with_mnemonics


@given(st.lists(st.text(st.characters(categories=["L", "Zs", "P"], exclude_characters="_"), max_size=12)))
def test_each_letter_is_used_once(labels: list[str]) -> None:
    marked = with_mnemonics(labels)
    for label, one in zip(labels, marked, strict=True):
        behind = re.fullmatch(r"(.*)\(_[A-Z]\)", one, re.DOTALL)
        assert (behind.group(1) if behind else one.replace("_", "")) == label
        assert behind is None or not any(sign.isalpha() and sign < "\u0250" for sign in label)
    letters = [label[label.index("_") + 1].lower() for label in marked if "_" in label]
    assert len(set(letters)) == len(letters)
    assert not set(letters) & set(DIALOG_LETTERS)


def test_a_label_in_signs_without_keys_gets_a_letter_behind_it() -> None:
    assert with_mnemonics(["強さ", "肌", "Haut"]) == ["強さ(_A)", "肌(_B)", "_Haut"]


def test_an_entry_of_a_menu_has_a_letter_where_there_is_a_key_for_it() -> None:
    assert in_menu("De-wrinkle") == "_De-wrinkle"
    assert in_menu("Âge") == "_Âge"
    assert in_menu("シワ除去") == "シワ除去"


def test_a_label_without_a_free_letter_stays_as_it_is() -> None:
    assert with_mnemonics(["Strength", "Texture", "Tess"]) == ["S_trength", "T_exture", "Tess"]


def test_buttons_of_another_language_keep_their_letters() -> None:
    assert with_mnemonics(["Foto", "Unten"], ("Aus_führen", "_Vorschau")) == ["Fo_to", "_Unten"]
