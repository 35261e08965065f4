"""Bundled models are verified, and refused with one sentence when they are not the released files."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

import softlight_models
from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.contracts import contract
from softlight_models.contracts.pixels import SKIN_INPAINTING, WRINKLE_MAP
from softlight_models.errors import ModelStoreError
from softlight_models.released import ENTRY_FILE, GOLDEN_FILE, MODEL_FILE
from tests.tiny_models import release_all, tiny_model

ROLE = "wrinkle-map"


@pytest.fixture
def models(tmp_path: Path) -> BundledModels:
    return BundledModels(release_all(tmp_path / "weights of Zoë"))


def test_entry_says_what_was_sealed(models: BundledModels) -> None:
    entry = models.entry(ROLE)
    content = models.path(ROLE).read_bytes()
    assert models.roles() == tuple(sorted(SHIPPED_ROLES))
    assert entry.contract is contract(ROLE)
    assert (entry.model.size, entry.model.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (entry.ir_version, entry.opset, entry.licence) == (8, 17, "CC0-1.0")


def test_verified_bytes_are_the_bytes_of_the_file(models: BundledModels) -> None:
    assert models.model_bytes(ROLE) == models.path(ROLE).read_bytes()
    assert models.golden_bytes(ROLE) == (models.folder / ROLE / GOLDEN_FILE).read_bytes()


def flip_one_bit(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("file", [MODEL_FILE, GOLDEN_FILE])
@pytest.mark.parametrize(
    ("harm", "cause"),
    [
        (flip_one_bit, "is not the one that was released"),
        (lambda content: content[: len(content) // 2], "is cut short"),
        (lambda content: b"", "is cut short"),
        (lambda content: content + b"\0", "is not the one that was released"),
        (None, "cannot be read"),
    ],
    ids=["tampered", "truncated", "empty", "longer", "missing"],
)
def test_a_file_that_is_not_the_released_one_is_refused(models, file, harm, cause) -> None:  # type: ignore[no-untyped-def]
    path = models.folder / ROLE / file
    if harm is None:
        path.unlink()
    else:
        path.write_bytes(harm(path.read_bytes()))
    read = models.model_bytes if file == MODEL_FILE else models.golden_bytes
    with pytest.raises(ModelStoreError, match=cause) as raised:
        read(ROLE)
    assert str(raised.value).endswith("; reinstall Softlight.")
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("role = ", "Invalid value"),
        ('role = "wrinkle-map"\n', "title is missing"),
        ("\udcff", "codec can't decode"),
        ('role = "wrinkle-map"\ntitle = 5\n', "title is not a text"),
    ],
    ids=["broken", "incomplete", "binary", "wrong-type"],
)
def test_an_unreadable_entry_is_refused(models: BundledModels, text: str, cause: str) -> None:
    (models.folder / ROLE / ENTRY_FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelStoreError, match=cause):
        models.entry(ROLE)


def test_an_unknown_contract_asks_for_an_update(models: BundledModels) -> None:
    path = models.folder / ROLE / ENTRY_FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('contract = "wrinkle-map"', 'contract = "wrinkle-map-2"'), encoding="utf-8")
    with pytest.raises(ModelStoreError, match="update Softlight"):
        models.entry(ROLE)


def test_a_role_without_model_is_named(models: BundledModels) -> None:
    with pytest.raises(ModelStoreError, match="for age is missing"):
        models.entry("age")


def test_a_model_in_the_folder_of_another_role_is_refused(models: BundledModels) -> None:
    (models.folder / "age").mkdir()
    (models.folder / "age" / ENTRY_FILE).write_bytes((models.folder / ROLE / ENTRY_FILE).read_bytes())
    with pytest.raises(ModelStoreError, match="holds a model for wrinkle-map"):
        models.entry("age")


def test_the_store_imports_neither_numpy_nor_onnxruntime() -> None:
    modules = sorted(path.stem for path in Path(softlight_models.__path__[0]).glob("*.py"))
    program = "import sys\n" + "".join(
        f"import softlight_models.{name}\n" for name in modules if name != "__init__"
    )
    program += "print([name for name in ('numpy', 'onnxruntime', 'softlight') if name in sys.modules])"
    folder = str(Path(softlight_models.__path__[0]).parent)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {folder!r})\n{program}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ast.literal_eval(done.stdout) == []


def test_tiny_models_of_every_contract_differ() -> None:
    assert tiny_model(WRINKLE_MAP) != tiny_model(SKIN_INPAINTING)
