"""A folder of small pictures, good and bad, and the command that runs a recipe on them."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.core.cli.conftest import SAMPLES, command_line, environment

RECIPE = """
output = "{output}"

[[step]]
filter = "dewrinkle"

[[step]]
filter = "edit"
smile = 0.5
"""


@dataclass(frozen=True)
class Studio:
    """A folder of pictures, a recipe, and a folder for the results."""

    place: Path
    pictures: Path
    recipe: Path
    out: Path

    def command(self, *more: object) -> list[str]:
        paths = self.pictures, "--recipe", self.recipe, "--out", self.out
        return command_line("batch", *paths, "--provider", "cpu", *more)

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.place)

    def run(self, *more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*more), capture_output=True, encoding="utf-8", env=self.environment, check=False
        )

    @contextlib.contextmanager
    def started(self, *more: object) -> Iterator[subprocess.Popen[str]]:
        """The command while it works."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(
            self.command("--json", *more), encoding="utf-8", env=self.environment, **pipes
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def results(self) -> dict[str, bytes]:
        """The results by their path, without what the batch says of itself."""
        files = (one for one in self.out.rglob("*") if one.is_file())
        return {
            one.relative_to(self.out).as_posix(): one.read_bytes()
            for one in files
            if "softlight-batch" not in one.name
        }

    def ask_for(self, output: str) -> None:
        self.recipe.write_text(RECIPE.format(output=output), "utf-8")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Four portraits, two of which have one name but for the suffix, and three files that are none."""
    pictures = tmp_path / "süße Bilder"
    (pictures / "deep er").mkdir(parents=True)
    astronaut = Image.open(SAMPLES / "astronaut.png").resize((256, 256))
    hopper = Image.open(SAMPLES / "hopper.jpg").resize((256, 300))
    astronaut.save(pictures / "a.png")
    hopper.save(pictures / "b.png")
    hopper.save(pictures / "b.jpg")
    hopper.save(pictures / "deep er" / "c.tif")
    (pictures / "cut.jpg").write_bytes((SAMPLES / "hopper.jpg").read_bytes()[:5000])
    (pictures / "empty.tif").write_bytes(b"")
    (pictures / "text.png").write_text("no picture")
    (pictures / ".hidden.png").write_text("left alone")
    (pictures / "notes.txt").write_text("left alone")
    found = Studio(tmp_path, pictures, tmp_path / "recipe.toml", tmp_path / "out")
    found.ask_for(".png")
    return found
