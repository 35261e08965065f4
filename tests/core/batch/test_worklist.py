"""Which pictures, and what their results are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from softlight.batch.worklist import worklist
from softlight.errors import PictureError
from tests.core.batch.conftest import Studio


def test_results_keep_folders_and_never_meet(studio: Studio) -> None:
    jobs = worklist(studio.pictures, studio.out, ".ora")
    assert {job.name: job.target.relative_to(studio.out).as_posix() for job in jobs} == {
        "a.png": "a.ora",
        "b.jpg": "b.jpg.ora",
        "b.png": "b.png.ora",
        "cut.jpg": "cut.ora",
        "deep er/c.tif": "deep er/c.ora",
        "empty.tif": "empty.ora",
        "text.png": "text.ora",
    }


def test_results_among_the_pictures_are_no_pictures(studio: Studio) -> None:
    inside = studio.pictures / "results"
    inside.mkdir()
    (inside / "a.png").write_bytes(b"made before")
    assert "results/a.png" not in {job.name for job in worklist(studio.pictures, inside, ".png")}


def test_what_cannot_be_done_gets_one_sentence(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="^The results would lie among the pictures; "):
        worklist(studio.pictures, studio.pictures, ".png")
    with pytest.raises(PictureError, match="^There is no folder "):
        worklist(tmp_path / "none", studio.out, ".png")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PictureError, match="holds no picture"):
        worklist(tmp_path / "empty", studio.out, ".png")
