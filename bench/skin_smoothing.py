"""What a user can smooth skin with today: the peers of Skin retouch.

    python bench/skin_smoothing.py PHOTO --interocular 180 --out FOLDER

`PEERS` are functions from photos to smoothed photos, 8 bits each; the command writes what each of them makes
of one photo. Their times are those of the filter alone, without the start of a program and without files.
Whole photos are smoothed, as these filters do it; only G'MIC looks for skin by itself, and for GIMP the user
selects it.

Needs `gmic` on the PATH for G'MIC, and for GIMP what the tests of the real applications need; see
CONTRIBUTING.md.
"""

from __future__ import annotations

import argparse
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
HOSTS = ROOT / "tests" / "hosts"

Pixels = NDArray[np.uint8]
CANONICAL = 180.0
"""Px between the eyes at which a pimple, 1.5 to 6 mm, is 4 to 17 px wide."""


@dataclass(frozen=True, eq=False)
class Photo:
    """What is smoothed."""

    pixels: Pixels
    """RGB in sRGB, shape (height, width, 3)."""
    interocular: float
    """Px between the eyes."""
    skin: Pixels | None = None
    """Where the user would select the skin by hand, 0 to 255, shape (height, width); only GIMP uses it."""


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What came of it."""

    pixels: Pixels
    seconds: float


class NoPeer(Exception):
    """A program is not there; the text says what would help."""


Smoothing = Callable[[Sequence[Photo]], list[Smoothed]]
"""May raise `NoPeer`."""


def gmic(photos: Sequence[Photo]) -> list[Smoothed]:
    """Use G'MIC's Smooth Skin with the settings it opens with: skin found by itself, bilateral, gain 0.05."""
    if shutil.which("gmic") is None:
        raise NoPeer("G'MIC is not here; install Debian's package gmic.")
    # Skin: automatic, tolerance, smoothness, threshold, normalised, point and radius of the manual mode;
    # base and fine scale in % of the picture, smoothness, type, gain.
    settings = "2,0.5,1,1,1,50,50,5,2,0.2,3,1,0.05"
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder) / "photo.ppm", Path(folder) / "result.ppm"
        return [_by_gmic(photo, given, result, settings) for photo in photos]


def _by_gmic(photo: Photo, given: Path, result: Path, settings: str) -> Smoothed:
    _write(given, photo.pixels)
    steps = ["tic", "fx_smooth_skin", settings, "toc", "round", "cut", "0,255", "output", str(result)]
    done = subprocess.run(["gmic", str(given), *steps], capture_output=True, text=True, check=True)
    told = re.search(r"Elapsed time: ([0-9.]+) s", done.stderr + done.stdout)
    if told is None:
        raise NoPeer(f"This G'MIC does not say how long it took: {done.stderr[-300:]}")
    return Smoothed(_read(result), float(told[1]))


def gimp_wavelets(photos: Sequence[Photo]) -> list[Smoothed]:
    """Use GIMP 3.0's Wavelet decompose, and blur its middle scales within the skin: pores and tones stay.

    It is the way of most tutorials since Pat David's of 2011. The number of scales follows the face: of the
    usual five at 180 px between the eyes, the third and the fourth hold what is 4 to 16 px wide.
    """
    sys.path[:0] = [str(path) for path in (ROOT, HOSTS) if str(path) not in sys.path]
    from gimp3 import Gimp3
    from roots import NoHosts, root
    from workplace import workplace

    try:
        trixie = root("trixie")
    except NoHosts as reason:
        raise NoPeer(str(reason)) from reason
    with workplace() as place:
        place.gimp_profile("3.0")
        tasks = []
        for number, photo in enumerate(photos):
            given, result = (place.pictures / f"{number}-{what}.ppm" for what in ("photo", "result"))
            _write(given, photo.pixels)
            scales = max(3, 5 + round(math.log2(photo.interocular / CANONICAL)))
            task = {
                "photo": str(given),
                "result": str(result),
                "scales": scales,
                "blurred": (scales - 2, scales - 1),
            }
            if photo.skin is not None:
                task["skin"] = str(place.pictures / f"{number}-skin.raw")
                Path(task["skin"]).write_bytes(photo.skin.tobytes())
            tasks.append(task)
        told = Gimp3(trixie, place, "3.0").run("gimp3_wavelets", {"photos": tasks}, timeout=3000)
        return [
            Smoothed(_read(Path(str(task["result"]))), float(seconds))
            for task, seconds in zip(tasks, told["seconds"], strict=True)
        ]


def bilateral(photo: Photo) -> Pixels:
    """Use the sizes of OpenCV's own tutorial, whatever the size of the face."""
    return np.asarray(cv2.bilateralFilter(photo.pixels, 9, 75, 75), np.uint8)


def face_bilateral(photo: Photo) -> Pixels:
    """Use a bilateral filter that covers a pimple (1.7 mm) and keeps steps of more than a tenth."""
    return np.asarray(cv2.bilateralFilter(photo.pixels, 0, 25, photo.interocular / 36), np.uint8)


def edge_preserving(photo: Photo) -> Pixels:
    """Use OpenCV's recursive domain transform (Gastal and Oliveira 2011) as it comes."""
    smooth = cv2.edgePreservingFilter(photo.pixels, flags=cv2.RECURS_FILTER, sigma_s=60, sigma_r=0.4)
    return np.asarray(smooth, np.uint8)


def in_turn(smooth: Callable[[Photo], Pixels], photos: Sequence[Photo]) -> list[Smoothed]:
    done = []
    for photo in photos:
        start = time.perf_counter()
        pixels = smooth(photo)
        done.append(Smoothed(pixels, time.perf_counter() - start))
    return done


PEERS: Mapping[str, Smoothing] = MappingProxyType(
    {
        "G'MIC Smooth Skin": gmic,
        "GIMP wavelet decompose": gimp_wavelets,
        "OpenCV bilateral, d = 9": partial(in_turn, bilateral),
        "OpenCV bilateral, by the face": partial(in_turn, face_bilateral),
        "OpenCV edge-preserving": partial(in_turn, edge_preserving),
    }
)


def _write(path: Path, pixels: Pixels) -> None:
    if not cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., ::-1])):
        raise OSError(f"{path} cannot be written")


def _read(path: Path) -> Pixels:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise OSError(f"{path} cannot be read")
    return np.ascontiguousarray(pixels[..., ::-1], np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photo", type=Path)
    parser.add_argument("--interocular", type=float, required=True, help="px between the eyes")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    photo = Photo(_read(options.photo), options.interocular)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, smooth in PEERS.items():
        try:
            (done,) = smooth([photo])
        except NoPeer as reason:
            print(f"{name}: {reason}")
            continue
        file = options.out / ("-".join(re.findall("[a-z0-9]+", name.lower())) + ".png")
        _write(file, done.pixels)
        change = np.abs(done.pixels.astype(np.int16) - photo.pixels).mean()
        print(f"{name}: {done.seconds:.2f} s, changes {change:.2f} levels on average, {file}")


if __name__ == "__main__":
    main()
