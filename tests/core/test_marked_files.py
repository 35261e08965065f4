"""Files with the mark "edited with AI", read by Pillow and by ExifTool and Exiv2 where they are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from softlight.compositor import composite
from softlight.files import read_picture, write_stack
from softlight.files.eight_bit import JPEG_XMP
from softlight.files.openraster import MARKED_INSIDE
from softlight.files.source_type import NO_ROOM, UNREADABLE
from softlight.filters.result import stack_of
from softlight.filters.shared_parameters import MARK
from softlight.filters.specification import FilterSpec, settings_from_arguments
from softlight.layers import Layer, LayerStack, SourceType
from softlight.picture import Metadata, Picture
from softlight.runtime import Runtime
from tests.core.xmp_packets import EDITED, attribute, packet, rest, said_in
from tests.full_disks import mounted, refused

PHOTO = Picture(
    np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8), metadata=Metadata(xmp=attribute())
)
LAYER = Layer("Age", np.full((9, 8, 3), 200, np.uint8), np.full((9, 8), 255, np.uint8), offset=(5, 6))
STACK = LayerStack("Edit", (LAYER,), {"filter": "edit"}, ("A note.",), SourceType.EDITED_WITH_AI)
FLAT = [".png", ".jpg", ".tif", ".webp"]


def xmp_of(path: Path) -> bytes | None:
    with Image.open(path) as image:
        found = image.info.get("xmp")
        return found if found is None or isinstance(found, bytes) else found.encode()


@pytest.mark.parametrize("suffix", FLAT)
@pytest.mark.parametrize("before", [None, attribute()])
def test_flat_files_say_it(tmp_path: Path, suffix: str, before: bytes | None) -> None:
    path, photo = tmp_path / f"a{suffix}", replace(PHOTO, metadata=Metadata(xmp=before))
    assert write_stack(path, photo, STACK) == ()
    written = xmp_of(path)
    assert written is not None and said_in(written) == [EDITED]
    again = read_picture(path)
    assert again.metadata.xmp == written
    if before is not None:
        assert rest(written) == rest(before)
    if suffix != ".jpg":
        assert np.array_equal(again.pixels, composite(photo, STACK).pixels)


@pytest.mark.parametrize("suffix", FLAT)
def test_without_the_mark_nothing_changes(tmp_path: Path, suffix: str) -> None:
    assert write_stack(tmp_path / f"a{suffix}", PHOTO, replace(STACK, source_type=None)) == ()
    assert xmp_of(tmp_path / f"a{suffix}") == attribute()


@pytest.mark.parametrize(("program", "arguments"), [
    ("exiftool", ["-j", "-n", "-XMP-iptcExt:DigitalSourceType", "-XMP-xmp:Rating", "-XMP-dc:Creator"]),
    ("exiv2", ["-PXkt"]),
])  # fmt: skip
@pytest.mark.parametrize("suffix", FLAT)
# ExifTool 12.57 ends a tag at a plain ">" inside an attribute, which XML allows.
@pytest.mark.parametrize("before", [None, attribute().replace(b" > ", b" ")])
def test_other_programs_read_it(
    tmp_path: Path, suffix: str, before: bytes | None, program: str, arguments: list[str]
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    path = tmp_path / f"a{suffix}"
    write_stack(path, replace(PHOTO, metadata=Metadata(xmp=before)), STACK)
    done = subprocess.run([program, *arguments, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "rror" not in done.stderr, done.stderr
    if program == "exiftool":
        (told,) = json.loads(done.stdout)
        assert told["DigitalSourceType"] == EDITED
        assert (told.get("Rating"), told.get("Creator")) == ((4, "Zoë & Söhne") if before else (None, None))
    else:
        told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if " " in line)
        assert told["Xmp.iptcExt.DigitalSourceType"] == EDITED
        assert ("Xmp.dc.creator" in told) == (before is not None)


@pytest.mark.parametrize("suffix", [*FLAT, ".ora"])
def test_a_damaged_packet_stops_nothing(tmp_path: Path, suffix: str) -> None:
    path, damaged = tmp_path / f"a{suffix}", attribute()[:-40]
    photo = replace(PHOTO, metadata=Metadata(xmp=damaged))
    assert UNREADABLE in write_stack(path, photo, STACK)
    if suffix != ".ora":
        assert xmp_of(path) == damaged and read_picture(path).pixels.shape == photo.pixels.shape


def test_a_packet_that_fills_a_jpeg_stops_nothing(tmp_path: Path) -> None:
    full = packet(f"<!--{'x' * (JPEG_XMP - len(packet('<!---->')))}-->")
    assert len(full) == JPEG_XMP
    photo = replace(PHOTO, metadata=Metadata(xmp=full))
    assert write_stack(tmp_path / "a.jpg", photo, STACK) == (NO_ROOM,)
    assert xmp_of(tmp_path / "a.jpg") == full
    assert write_stack(tmp_path / "a.png", photo, STACK) == ()
    padded = packet("", padding=" " * (JPEG_XMP - len(packet(""))))
    assert write_stack(tmp_path / "b.jpg", replace(PHOTO, metadata=Metadata(xmp=padded)), STACK) == ()
    assert len(xmp_of(tmp_path / "b.jpg") or b"") == JPEG_XMP


def test_openraster_says_it_in_the_merged_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.ora"
    assert write_stack(path, PHOTO, STACK) == (MARKED_INSIDE,)
    with zipfile.ZipFile(path) as archive:
        for name in ("mergedimage.png", "data/photo.png"):
            (tmp_path / name.rpartition("/")[2]).write_bytes(archive.read(name))
        stack = archive.read("stack.xml").decode()
    assert said_in(xmp_of(tmp_path / "mergedimage.png") or b"") == [EDITED]
    assert xmp_of(tmp_path / "photo.png") == attribute(), "the photo itself is no edited picture"
    assert stack.count("<layer") == 2


def test_a_folder_of_layers_names_the_term(tmp_path: Path) -> None:
    assert write_stack(tmp_path / "a.layers", PHOTO, STACK) == ()
    assert write_stack(tmp_path / "b.layers", PHOTO, replace(STACK, source_type=None)) == ()
    told = [
        json.loads((tmp_path / name / "stack.json").read_text("utf-8")) for name in ("a.layers", "b.layers")
    ]
    assert [one["source_type"] for one in told] == [EDITED, None]
    assert len(told[0]["layers"]) == 1


@pytest.mark.parametrize("suffix", [*FLAT, ".ora"])
def test_a_full_disk_leaves_no_part_of_a_marked_file(tmp_path: Path, suffix: str) -> None:
    noise = Picture(
        np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8), metadata=PHOTO.metadata
    )
    with mounted(tmp_path / "small disk") as disk:
        path = disk / f"a{suffix}"
        path.write_bytes(b"the old file")
        assert "disk" in refused(path, lambda: write_stack(path, noise, STACK))


@dataclass(frozen=True)
class EditSettings:
    mark: bool = True


def test_a_filter_sets_it_by_one_argument() -> None:
    spec = FilterSpec(name="edit", label="Edit", help="Edit.", parameters=(MARK,))
    assert MARK.kind == "flag" and MARK.default is True
    chosen = settings_from_arguments(spec, EditSettings, {})
    common = (spec, chosen, Runtime("cpu"), "Nothing was changed.")
    made = stack_of((LAYER,), *common, source_type=SourceType.EDITED_WITH_AI if chosen.mark else None)
    assert made.source_type is SourceType.EDITED_WITH_AI and made.settings == {"filter": "edit", "mark": True}
    assert stack_of((), *common, source_type=SourceType.EDITED_WITH_AI).source_type is None, "nothing changed"
    assert stack_of((LAYER,), *common).source_type is None
