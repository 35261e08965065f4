"""Files appear whole or not at all, whatever happens: real full disks, read-only folders, Ctrl-C."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from softlight.errors import PictureError, SoftlightError
from softlight.files import check_target, read_picture, write_picture, write_stack
from softlight.files.atomic import replacing
from softlight.layers import Layer, LayerStack
from softlight.picture import Metadata, Picture
from tests.full_disks import mounted, refused

NOISE = Picture(np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8))
SUFFIXES = [".png", ".tif", ".jpg", ".webp", ".ora"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("old", [None, b"the old file"])
def test_full_disk(tmp_path: Path, suffix: str, old: bytes | None) -> None:
    with mounted(tmp_path / "small disk") as disk:
        path = disk / f"a{suffix}"
        if old:
            path.write_bytes(old)
        text = refused(path, lambda: write_stack(path, NOISE, LayerStack("", ())))
        assert f"{path.name} was not written because the disk of {disk} is full" in text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_file_size_limit(tmp_path: Path, suffix: str) -> None:
    import resource

    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"the old file")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        text = refused(path, lambda: write_stack(path, NOISE, LayerStack("", ())))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert "full" in text


def test_read_only_folder(tmp_path: Path) -> None:
    with mounted(tmp_path / "read only") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        text = refused(disk / "a.png", lambda: write_picture(disk / "a.png", NOISE))
        assert text == (
            f"a.png was not written because {disk} or the file itself may not be changed; "
            "choose another folder."
        )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    assert "may not be changed" in refused(folder / "a.png", lambda: write_picture(folder / "a.png", NOISE))


def test_missing_folder_and_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(PictureError, match="does not exist; create it first"):
            write_picture(folder / "a.png", NOISE)
        with (
            pytest.raises(PictureError, match="does not exist; create it first"),
            replacing(folder / "a.png"),
        ):
            pass


def test_target_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(PictureError, match="is a folder; choose a file name"):
        write_picture(tmp_path / "a.png", NOISE)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_whatever_stops_it_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"the old file")
    with pytest.raises(error), replacing(path) as file:
        file.write(b"half of the new")
        raise error
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]
    assert path.read_bytes() == b"the old file"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process on Windows")
@pytest.mark.parametrize("suffix", [".tif", ".ora"])
def test_ctrl_c_in_the_middle_of_writing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"the old file")
    # A real SIGINT in a process of its own, sent when the first bytes of the picture are on their way.
    program = f"""
        import os, signal, sys
        import numpy as np
        from softlight.files import atomic, write_stack
        from softlight.layers import LayerStack
        from softlight.picture import Picture

        class Interrupted:
            def __init__(self, file): self.file = file
            def __getattr__(self, name): return getattr(self.file, name)
            def write(self, data):
                done = self.file.write(data)
                if self.file.tell() > 5000: os.kill(os.getpid(), signal.SIGINT)
                return done

        # A shell that starts its tests in the background has them ignore Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        real = open
        atomic.open = lambda *arguments: Opened(real(*arguments))
        class Opened:
            def __init__(self, file): self.file = file
            def __enter__(self): return Interrupted(self.file.__enter__())
            def __exit__(self, *exception): return self.file.__exit__(*exception)

        pixels = np.random.default_rng(0).integers(0, 256, (500, 700, 3), np.uint8)
        write_stack({str(path)!r}, Picture(pixels), LayerStack("", ()))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False
    )
    assert "KeyboardInterrupt" in done.stderr and done.returncode != 0
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"the old file"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")
def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.png", tmp_path / "link.png"
    path.touch()
    path.chmod(0o640)
    link.symlink_to(path)
    write_picture(link, NOISE)
    assert link.is_symlink() and path.stat().st_mode & 0o777 == 0o640
    assert np.array_equal(read_picture(path).pixels, NOISE.pixels)
    umask = os.umask(0o027)
    try:
        write_picture(tmp_path / "new.png", NOISE)
    finally:
        os.umask(umask)
    assert (tmp_path / "new.png").stat().st_mode & 0o777 == 0o640


def test_longest_name(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 125 + ".png")
    write_picture(path, NOISE)
    assert np.array_equal(read_picture(path).pixels, NOISE.pixels)


@pytest.mark.parametrize(
    ("dtype", "suffix", "sentence"),
    [
        ("uint16", ".jpg", "JPEG cannot hold this photo's 16 bits per channel; write .png or .tif."),
        ("uint16", ".webp", "WebP cannot hold this photo's 16 bits per channel; write .png or .tif."),
        ("float32", ".png", "PNG cannot hold this photo's float per channel; write .tif."),
        ("float16", ".jpeg", "JPEG cannot hold this photo's half float per channel; write .tif."),
    ],
)
def test_no_format_loses_depth(tmp_path: Path, dtype: str, suffix: str, sentence: str) -> None:
    picture = Picture(np.zeros((4, 5, 3), dtype))
    assert refused(tmp_path / "a", lambda: write_picture(tmp_path / f"a{suffix}", picture)) == sentence


@pytest.mark.parametrize("name", ["a.bmp", "a", "a.psd", "a.png.gz"])
def test_unknown_suffix(tmp_path: Path, name: str) -> None:
    with pytest.raises(PictureError, match=r"use \.ora for layers, \.layers for scripts, or \.png"):
        check_target(tmp_path / name, NOISE)


def test_jpeg_refuses_transparency_and_drops_opaque_alpha(tmp_path: Path) -> None:
    pixels = np.full((8, 8, 4), 255, np.uint8)
    write_picture(tmp_path / "a.jpg", Picture(pixels))
    assert read_picture(tmp_path / "a.jpg").pixels.shape == (8, 8, 3)
    pixels[3, 3, 3] = 254
    text = refused(tmp_path / "a.jpg", lambda: write_picture(tmp_path / "a.jpg", Picture(pixels)))
    assert "transparency; write .png, .tif or .webp" in text


def test_what_jpeg_and_webp_cannot_hold_is_a_sentence(tmp_path: Path) -> None:
    wide = Picture(np.zeros((2, 65501, 3), np.uint8))
    assert "65500" in refused(tmp_path / "a", lambda: write_picture(tmp_path / "a.jpg", wide))
    assert "16383" in refused(tmp_path / "a", lambda: write_picture(tmp_path / "a.webp", wide))


@pytest.mark.parametrize("metadata", [Metadata(exif=b"II*\0" + bytes(70_000)), Metadata(xmp=b"x" * 70_000)])
def test_metadata_too_large_for_jpeg_is_a_sentence(tmp_path: Path, metadata: Metadata) -> None:
    picture = Picture(np.zeros((2, 2, 3), np.uint8), metadata=metadata)
    assert "write PNG or TIFF" in refused(tmp_path / "a", lambda: write_picture(tmp_path / "a.jpg", picture))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_a_stack_is_written_flat_by_its_suffix(tmp_path: Path, suffix: str) -> None:
    layer = Layer("l", np.full((10, 10, 3), 1.0, np.float32), np.ones((10, 10), np.float32), offset=(5, 6))
    assert write_stack(tmp_path / f"a{suffix}", NOISE, LayerStack("s", (layer,))) == ()
    expected = NOISE.pixels.copy()
    expected[6:16, 5:15] = 255
    assert np.array_equal(read_picture(tmp_path / f"a{suffix}").pixels, expected)


def test_failures_are_errors_of_ours_with_the_exit_code_for_pictures() -> None:
    assert issubclass(PictureError, SoftlightError) and PictureError.exit_code == 3
