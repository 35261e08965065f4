"""The manual is built as a site, whole, and shows nothing that would have to be fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="Sphinx is not installed; the extras 'docs' and 'test' bring it")
pytest.importorskip("myst_parser", reason="MyST is not installed")
pytest.importorskip("furo", reason="Furo is not installed")

from tools import manual

FAULTS = """
A [link](nowhere.md), one to a [heading](privacy.md#that-is-not-there), and one to a
[file](../core/nothing.py). ![A picture](missing.png) <img src="absent.png" alt="another">
"""


def test_the_site_is_whole_and_needs_no_network(tmp_path: Path) -> None:
    assert manual.build(tmp_path) == 0
    pages = {page.stem for page in manual.DOCS.glob("*.md")}
    assert pages <= {page.stem for page in tmp_path.glob("*.html")}
    cards = {folder.name for folder in manual.WEIGHTS.iterdir() if (folder / "MODEL_CARD.md").exists()}
    assert cards == {page.stem for page in (tmp_path / "model-cards").glob("*.html")}
    pictures = {path.name for path in (tmp_path / "_images").iterdir()}
    assert {"gimp-painted.png", "krita-painted.png", "gimp-terms.png"} <= pictures
    assert manual.fetched_from_elsewhere(tmp_path) == []


def test_broken_links_and_missing_pictures_are_errors(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    manual.stage(source)
    with (source / "privacy.md").open("a", encoding="utf-8") as page:
        page.write(FAULTS)
    (source / "forgotten.md").write_text("# In no list\n", "utf-8")
    assert manual.render(source, tmp_path / "site") != 0
    said = capfd.readouterr().err
    for fault in (
        "nowhere.md",
        "that-is-not-there",
        "nothing.py",
        "missing.png",
        "absent.png",
        "forgotten.md",
    ):
        assert fault in said, f"nobody heard of {fault}"


def test_what_a_page_would_fetch_is_found(tmp_path: Path) -> None:
    page = '<script src="https://cdn.example/a.js"></script><img src="a.png"><a href="https://example.org">'
    (tmp_path / "page.html").write_text(page, "utf-8")
    (tmp_path / "a.css").write_text("@import url('//fonts.example/f.css'); b{background:url(x.png)}", "utf-8")
    assert len(manual.fetched_from_elsewhere(tmp_path)) == 2
