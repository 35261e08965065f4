"""Bad input, through the real command line: one sentence, the right exit status, nothing half-written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

import softlight as engine
import softlight_models
from tests.core.cli.conftest import SAMPLES, Job, Run, mount

USAGE, PICTURE, MASK, MODEL = 2, 3, 4, 5


def refused(
    run: Run, job: Job, status: int, *words: str, more: tuple[object, ...] = (), **variables: str
) -> str:
    """Run the job and check that it is refused as it should be, with these words."""
    before = contents(job.folder)
    done = run(*job.arguments(*more), **variables)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    sentence = one_sentence(done.stderr)
    for word in words:
        assert word in sentence
    assert contents(job.folder) == before


def one_sentence(stderr: str) -> str:
    """Check that a person reads one line with one sentence, and return it."""
    assert stderr.startswith("softlight: ") and stderr.endswith(".\n") and stderr.count("\n") == 1, stderr
    sentence = stderr.removeprefix("softlight: ").rstrip("\n")
    # A full stop inside is that of a file name or a number, never the end of a first sentence.
    assert not re.search(r"[.!?] [A-Z]", sentence), sentence
    assert "Traceback" not in sentence and "Error(" not in sentence
    return sentence


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def save_mask(path: Path, mask: NDArray[np.uint8]) -> None:
    Image.fromarray(mask).save(path)


def test_truncated_jpeg(softlight: Run, job: Job) -> None:
    photo = job.folder / "cut.jpg"
    Image.open(job.photo).convert("RGB").save(photo)
    photo.write_bytes(photo.read_bytes()[:9000])
    refused(softlight, replace(job, photo=photo), PICTURE, "cut.jpg is damaged or cut off")


def test_zero_byte_file(softlight: Run, job: Job) -> None:
    job.photo.write_bytes(b"")
    refused(softlight, job, PICTURE, "photo.png is empty (0 bytes)")


def test_a_file_that_is_no_picture(softlight: Run, job: Job) -> None:
    job.photo.write_text("Dear diary", encoding="utf-8")
    refused(softlight, job, PICTURE, "photo.png is not a PNG, JPEG, TIFF or WebP picture")


def test_missing_photo(softlight: Run, job: Job) -> None:
    job.photo.unlink()
    refused(softlight, job, PICTURE, "photo.png does not exist")


def test_missing_mask(softlight: Run, job: Job) -> None:
    job.mask.unlink()
    refused(softlight, job, PICTURE, "mask.png does not exist")


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk(softlight: Run, job: Job, suffix: str) -> None:
    photo = job.folder / f"print.{suffix}"
    Image.open(job.photo).convert("CMYK").save(photo)
    refused(softlight, replace(job, photo=photo), PICTURE, f"print.{suffix}", "CMYK", "RGB")


def test_one_pixel(softlight: Run, job: Job) -> None:
    Image.new("RGB", (1, 1), (200, 150, 130)).save(job.photo)
    Image.new("L", (1, 1), 255).save(job.mask)
    done = softlight(*job.arguments())
    one_sentence(done.stderr)  # there is no skin, or there is no wrinkle: who can tell from one pixel?
    assert done.returncode in (0, MASK)
    assert not job.out.exists() or np.asarray(Image.open(job.out)).tolist() == [[[200, 150, 130]]]


def test_mask_of_another_size(softlight: Run, job: Job) -> None:
    Image.new("L", (512, 500), 255).save(job.mask)
    refused(softlight, job, MASK, "512 × 500", "512 × 512")


def test_empty_mask(softlight: Run, job: Job) -> None:
    save_mask(job.mask, np.zeros((512, 512), np.uint8))
    refused(softlight, job, MASK, "empty")


def test_mask_without_skin(softlight: Run, job: Job) -> None:
    Image.open(SAMPLES / "hopper.jpg").save(job.photo)
    mask = np.zeros((600, 512), np.uint8)
    mask[60:260, 420:500] = 255  # the blue wall beside the admiral
    save_mask(job.mask, mask)
    refused(softlight, job, MASK, "skin")


def test_all_white_mask(softlight: Run, job: Job) -> None:
    save_mask(job.mask, np.full((512, 512), 255, np.uint8))
    done = softlight(*job.arguments())
    assert (done.returncode, done.stdout) == (0, f"{job.out}\n"), done.stderr
    assert done.stderr == "" or one_sentence(done.stderr)
    before, after = (np.asarray(Image.open(path).convert("RGB")).astype(int) for path in (job.photo, job.out))
    # Wrinkles under the brush, not all that the brush covers: most of the picture stays as it is.
    assert (before == after).all(axis=2).mean() > 0.5


def test_result_with_an_unknown_suffix(softlight: Run, job: Job) -> None:
    refused(softlight, replace(job, out=job.folder / "result.psd"), PICTURE, "result.psd", ".ora for layers")


def test_result_that_cannot_hold_the_depth(softlight: Run, job: Job) -> None:
    photo = job.folder / "deep.tif"
    tifffile.imwrite(photo, np.full((512, 512, 3), 30000, np.uint16), photometric="rgb")
    deep = replace(job, photo=photo, out=job.folder / "result.jpg")
    refused(softlight, deep, PICTURE, "JPEG cannot hold this photo's 16 bits per channel")


@pytest.mark.parametrize("source", ["photo", "mask"])
def test_result_in_place_of_a_source(softlight: Run, job: Job, source: str) -> None:
    refused(softlight, replace(job, out=getattr(job, source)), PICTURE, "which it is made from")


def test_result_in_a_missing_folder(softlight: Run, job: Job) -> None:
    out = job.folder / "nowhere" / "result.png"
    refused(softlight, replace(job, out=out), PICTURE, "does not exist")
    assert not out.parent.exists()


def test_result_that_is_a_folder(softlight: Run, job: Job) -> None:
    refused(softlight, replace(job, out=job.folder), PICTURE, "is a folder")


def test_read_only_target_folder(softlight: Run, job: Job) -> None:
    folder = job.folder / "locked"
    folder.mkdir()
    out = folder / "result.png"
    mounted = mount("-t", "tmpfs", "-o", "ro,size=64k", "softlight-test", folder)
    folder.chmod(0o555) if not mounted else None
    try:
        if not mounted and can_write(folder):
            pytest.skip("no folder can be made read-only for this user")
        refused(softlight, replace(job, out=out), PICTURE, "read-only")
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.chmod(0o755)


def can_write(folder: Path) -> bool:
    try:
        (folder / "probe").touch()
    except OSError:
        return False
    (folder / "probe").unlink()
    return True


@pytest.mark.parametrize("suffix", ["png", "tif", "ora"])
def test_full_disk(softlight: Run, job: Job, small_disk: Path, suffix: str) -> None:
    out = small_disk / f"result.{suffix}"
    refused(softlight, replace(job, out=out), PICTURE, f"result.{suffix} was not written because the disk")
    assert list(small_disk.iterdir()) == []


def test_full_disk_keeps_the_old_result(softlight: Run, job: Job, small_disk: Path) -> None:
    out = small_disk / "result.png"
    out.write_bytes(b"an earlier result")
    refused(softlight, replace(job, out=out), PICTURE, "the disk")
    assert out.read_bytes() == b"an earlier result"


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH, away from the job's."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture
def damaged(elsewhere: Path) -> Path:
    """Softlight as it is installed, copied so that a test can damage it; goes on PYTHONPATH."""
    for package in (engine, softlight_models):
        assert package.__file__
        source = Path(package.__file__).parent
        shutil.copytree(source, elsewhere / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    return elsewhere


def weights(installed: Path) -> list[Path]:
    found = sorted(installed.glob("softlight_models/weights/*/model.onnx"))
    assert found, "the bundled models are missing"
    return found


def test_missing_model(softlight: Run, job: Job, damaged: Path) -> None:
    for file in weights(damaged):
        file.unlink()
    refused(softlight, job, MODEL, "model.onnx", "reinstall Softlight", PYTHONPATH=str(damaged))


def test_tampered_model(softlight: Run, job: Job, damaged: Path) -> None:
    for file in weights(damaged):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    refused(softlight, job, MODEL, "reinstall Softlight", PYTHONPATH=str(damaged))


def test_remains_of_another_onnxruntime(softlight: Run, job: Job, elsewhere: Path) -> None:
    # What uninstalling one of two onnxruntime packages leaves behind: the folder without the module.
    (elsewhere / "onnxruntime").mkdir()
    (elsewhere / "onnxruntime" / "__init__.py").touch()
    refused(softlight, job, MODEL, "onnxruntime", "pip install", PYTHONPATH=str(elsewhere))


def test_two_kinds_of_onnxruntime(softlight: Run, job: Job, elsewhere: Path) -> None:
    information = elsewhere / "onnxruntime_gpu-1.31.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: onnxruntime-gpu\nVersion: 1.31.1\n")
    refused(softlight, job, MODEL, "onnxruntime-gpu 1.31.1", "installed together", PYTHONPATH=str(elsewhere))


def test_a_setting_out_of_range(softlight: Run, job: Job) -> None:
    words = ("'strength' takes a number from 0 to 1, not 1.5",)
    refused(softlight, job, USAGE, *words, more=("--strength", "1.5"))


def test_a_setting_that_is_no_number(softlight: Run, job: Job) -> None:
    refused(softlight, job, USAGE, "'face_size' takes a number", "not 'big'", more=("--face-size", "big"))


def test_an_unknown_option(softlight: Run, job: Job) -> None:
    refused(softlight, job, USAGE, "--stength", "softlight --help", more=("--stength", "1"))


def test_machines_get_the_failure_as_json(softlight: Run, job: Job) -> None:
    job.photo.write_bytes(b"")
    done = softlight(*job.arguments("--json"))
    assert done.returncode == PICTURE
    answer = json.loads(done.stdout)
    assert answer["status"] == "failed" and answer["exit_code"] == PICTURE
    assert answer["error"].startswith("photo.png is empty")
    assert all("progress" in json.loads(line) for line in done.stderr.splitlines())


def test_path_with_spaces_and_foreign_letters(softlight: Run, job: Job) -> None:
    folder = job.folder / "Fotos für Žofia 日本 – kopie"
    folder.mkdir()
    moved = Job(folder, folder / "süße Oma.png", folder / "маска.png", folder / "ohne Falten ✓.png")
    shutil.copy(job.photo, moved.photo)
    shutil.copy(job.mask, moved.mask)
    done = softlight(*moved.arguments())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{moved.out}\n"
    assert cv2.imdecode(np.fromfile(moved.out, np.uint8), cv2.IMREAD_COLOR).shape == (512, 512, 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_harm_nothing_else(softlight: Run, job: Job, value: float) -> None:
    photo, out = job.folder / "photo.tif", job.folder / "result.tif"
    pixels = np.asarray(Image.open(job.photo).convert("RGB"), np.float32) / 255
    pixels[84, 215:219] = value  # under the brush, on the forehead
    pixels[300, 10] = value  # far away from it
    tifffile.imwrite(photo, pixels, photometric="rgb")
    done = softlight(*replace(job, photo=photo, out=out).arguments())
    assert (done.returncode, done.stderr) == (0, "")
    result = tifffile.imread(out)
    painted = cv2.dilate(np.asarray(Image.open(job.mask)), np.ones((25, 25), np.uint8)) > 0
    assert np.array_equal(result[~painted], pixels[~painted], equal_nan=True)
    sound = np.isfinite(pixels).all(axis=2)
    assert np.isfinite(result[sound]).all()


def test_a_long_narrow_picture(softlight: Run, job: Job) -> None:
    portrait = np.asarray(Image.open(job.photo).convert("RGB"))[40:240]
    photo = np.tile(portrait, (1, 59, 1))[:, :30000]
    mask = np.zeros((200, 30000), np.uint8)
    mask[:, 14848:15360] = np.asarray(Image.open(job.mask))[40:240]
    Image.fromarray(photo).save(job.photo)
    save_mask(job.mask, mask)
    done = softlight(*job.arguments())
    assert (done.returncode, done.stderr) == (0, "")
    result = np.asarray(Image.open(job.out))
    assert result.shape == photo.shape
    changed = np.flatnonzero((result != photo).any(axis=(0, 2)))
    assert changed.min() > 14848 and changed.max() < 15360
