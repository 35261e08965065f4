"""What is told of models, and to whom."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from tests.core.cli.conftest import command_line, environment
from tests.core.cli.models.home import MODEL, Home
from tests.model_shelf import write_entry

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders and terminals as Linux has them")


def test_the_list_shows_each_role_and_what_it_uses(home: Home) -> None:
    text = home.done("list")
    assert re.search(r"^Skin inpainting \(skin-inpainting\)$", text, re.MULTILINE)
    assert re.search(r"^\* softlight-wrinkle-map +\S+ MB +Apache-2.0 +in use$", text, re.MULTILINE)
    assert re.search(r"^  lama +208 MB +Apache-2.0 +not installed$", text, re.MULTILINE)
    assert re.search(r"^  codeformer +377 MB +S-Lab-1.0, not commercial +not allowed$", text, re.MULTILINE)
    assert str(home.models) in text and "settings non-commercial on" in text
    text.encode("cp437")
    assert not home.models.exists() and not home.entries.exists()


def test_advice_comes_with_a_role(home: Home) -> None:
    text = home.done("list", "--role", "face-restoration")
    assert "GFPGAN 1.4: " in text and "lama" not in text
    assert "There is no role" in home.refused("list", "--role", "nose")
    assert home.done("list", "--role", "age", "--installed").startswith("There is none.")


def test_show_tells_everything(home: Home) -> None:
    text = home.done("show", "gfpgan-1.4")
    for fact in (
        "TencentARC, 2022",
        "Apache-2.0: free for any use",
        "340256690 bytes",
        "https://",
        "6548e54c",
    ):
        assert fact in text
    assert home.told("show", "lama")["model"]["files"][0]["size"] == 208044816
    assert "on the package index of pip" in home.done("show", "centerface")
    write_entry(home.entries, "tiny", None, None)
    assert "not known, so it is never downloaded" in home.done("show", "tiny")
    assert "comes with" in home.done("show", "softlight-wrinkle-map").lower()
    assert 'There is no model "gfpgn"' in home.refused("show", "gfpgn")


@pytest.mark.parametrize("more", [(), ("--json",)])
@pytest.mark.parametrize(("action", "status"), [(("settings",), 1), (("show", "nix"), MODEL)])
def test_a_result_that_nobody_can_take(
    home: Home, action: tuple[str, ...], status: int, more: tuple[str, ...]
) -> None:
    def told(output: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$@" {output}', "sh", *command_line("models", *action, *more)],
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(home.place),
            check=False,
        )
        return done.returncode, done.stderr

    left, said = told("> /dev/full")
    assert left == status
    assert re.fullmatch(r"softlight: [^\n]+; [^\n]+\.\n", said) or said.count("\n") == 1, said
    if status == 1:
        assert "The result cannot be written (No space left on device); make room" in said
    left, said = told(">&-")
    assert left == (0 if status == 1 else status) and "Traceback" not in said
    left, said = told("| true")
    assert "Traceback" not in said and "Exception ignored" not in said


@pytest.mark.parametrize(
    "arguments", [["--help"], ["models", "--help"], ["models", "list"], ["models", "prune"]]
)
def test_neither_numpy_nor_onnxruntime_is_loaded(home: Home, arguments: list[str]) -> None:
    program = (
        "import contextlib, io, sys\nfrom softlight.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main({arguments!r})\n"
        "heavy = ('numpy', 'onnxruntime', 'cv2', 'PIL', 'requests', 'truststore')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment(home.place),
    )
    assert ast.literal_eval(done.stdout) == []
