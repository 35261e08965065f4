"""What it costs to know all about a portrait, beside MediaPipe and a plain YuNet + MediaPipe mesh.

    python bench/faces.py --models MODELS [--mediapipe PYTHON TASK] [--runs 5] [--megapixels 24] [--threads 2]

The shipped sample of Grace Hopper, enlarged, 8 bits, from decoded pixels to points; sessions are warm. Four
ways take turns, so that other load on the machine meets all alike; processor time is printed too:

- Softlight's faces: detection with tiles, 478 points, shipped weights (`faces.analysis.find`),
- the same and the parsing into skin, hair and so on (`faces.protection.parse`), which the others have not,
- YuNet at 640 px and MediaPipe's mesh by onnxruntime, as most programs call them: one square, one pass,
- MediaPipe's own FaceLandmarker (C++), where PYTHON has the package and TASK is face_landmarker.task.

Memory is measured in a process of its own each: what one warm analysis adds to the resident memory at its
peak (Linux: /proc/self/clear_refs).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import cv2
import measuring
import numpy as np
import onnxruntime as ort
from measuring import MEGA, table
from numpy.typing import NDArray

from softlight.faces.analysis import find
from softlight.faces.protection import parse
from softlight.picture import Picture
from softlight.roles.landmarks import square_of_five
from softlight.runtime import Runtime

Pixels = NDArray[np.uint8]
Analysis = Callable[[Pixels], int]
"""Takes the decoded photo; returns how many faces it found."""


def portrait(megapixels: float) -> Pixels:
    with as_file(files("softlight") / "samples") as samples:
        photo = cv2.imread(str(samples / "hopper.jpg"))
    assert photo is not None
    factor = (megapixels * MEGA / (photo.shape[0] * photo.shape[1])) ** 0.5
    photo = cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(photo[..., ::-1])


def softlight(parsing: bool) -> Analysis:
    runtime = Runtime("cpu")

    def analyse(pixels: Pixels) -> int:
        picture = Picture(pixels)
        found = find(picture, runtime)
        if parsing:
            for face in found:
                parse(picture, face, runtime)
        return len(found)

    return analyse


def yunet_and_mesh(models: Path, threads: int) -> Analysis:
    """What a page of code does: shrink to 640 px, the best face, a square by its five points, one mesh."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    detector, mesh = (
        ort.InferenceSession(str(models / name), options, providers=["CPUExecutionProvider"])
        for name in ("yunet_s_640_640.onnx", "mp_face_landmarks_detector_478.onnx")
    )
    names = [output.name for output in detector.get_outputs()]

    def analyse(pixels: Pixels) -> int:
        height, width = pixels.shape[:2]
        scale = 640 / max(height, width)
        small = cv2.resize(
            pixels, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA
        )
        square = np.zeros((640, 640, 3), np.float32)
        square[: small.shape[0], : small.shape[1]] = small[..., ::-1]
        feed = {detector.get_inputs()[0].name: square.transpose(2, 0, 1)[None]}
        out = dict(zip(names, detector.run(None, feed), strict=True))
        best, five = 0.0, np.zeros((5, 2))
        for stride in (8, 16, 32):
            scores = np.sqrt(out[f"cls_{stride}"] * out[f"obj_{stride}"]).ravel()
            cell = int(scores.argmax())
            if scores[cell] > best:
                best, row = float(scores[cell]), 640 // stride
                corner = np.array([cell % row, cell // row])
                five = (out[f"kps_{stride}"][0, cell].reshape(5, 2) + corner) * stride
        matrix = square_of_five(five / scale, 256)
        crop = cv2.warpAffine(pixels, matrix, (256, 256), flags=cv2.INTER_LINEAR).astype(np.float32) / 255
        mesh.run(None, {mesh.get_inputs()[0].name: crop[None]})
        return 1

    return analyse


MEDIAPIPE = """
import json, sys, time
import numpy as np
import mediapipe
from mediapipe.tasks.python import BaseOptions, vision

def resident(name):
    for line in open("/proc/self/status"):
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024 / 1e6

pixels = np.load(sys.argv[2])
options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=sys.argv[1]), num_faces=1)
landmarker = vision.FaceLandmarker.create_from_options(options)

def analyse():
    photo = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
    return len(landmarker.detect(photo).face_landmarks)

analyse()
open("/proc/self/clear_refs", "w").write("5")
before = resident("VmRSS")
faces = analyse()
print(json.dumps({"memory": resident("VmHWM") - before}), flush=True)
for line in sys.stdin:
    start, used = time.perf_counter(), time.process_time()
    faces = analyse()
    took = {"wall": time.perf_counter() - start, "processor": time.process_time() - used}
    print(json.dumps({"faces": faces, **took}), flush=True)
landmarker.close()
"""


class MediaPipe:
    """MediaPipe's own landmarker in its own Python, asked over a pipe; it takes its times itself."""

    def __init__(self, python: str, task: str, pixels: Pixels) -> None:
        self._folder = tempfile.TemporaryDirectory()
        photo = Path(self._folder.name) / "photo.npy"
        np.save(photo, pixels)
        self._process = subprocess.Popen(
            [python, "-c", MEDIAPIPE, task, str(photo)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.memory = float(self._line()["memory"])

    def _line(self) -> dict[str, float]:
        assert self._process.stdout is not None
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found

    def timed(self) -> tuple[float, float, int]:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._line()
        return answer["wall"], answer["processor"], int(answer["faces"])

    def close(self) -> None:
        self._process.communicate()
        self._folder.cleanup()


def timed(analyse: Analysis, pixels: Pixels, number: int) -> tuple[float, float, int]:
    """Seconds, processor seconds and faces; one value of the photo differs, so that nothing is remembered."""
    pixels[0, 0, 0] = number
    start, used = time.perf_counter(), time.process_time()
    faces = analyse(pixels)
    return time.perf_counter() - start, time.process_time() - used, faces


def ways(models: Path, threads: int) -> dict[str, Callable[[], Analysis]]:
    return {
        "Softlight: faces and 478 points": lambda: softlight(parsing=False),
        "Softlight: and parsing": lambda: softlight(parsing=True),
        "YuNet + MediaPipe mesh, ONNX": lambda: yunet_and_mesh(models, threads),
    }


def extra_memory(make: Callable[[], Analysis], megapixels: float) -> float:
    """Extra peak memory of one warm analysis in MB; runs in a process of its own."""
    analyse, pixels = make(), portrait(megapixels)
    timed(analyse, pixels, 0)
    return measuring.extra_memory(lambda: timed(analyse, pixels, 1))


def in_child(name: str, options: argparse.Namespace) -> float:
    command = [sys.executable, __file__, "--memory", name, "--models", str(options.models),
               "--megapixels", str(options.megapixels), "--threads", str(options.threads)]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


def measure(options: argparse.Namespace) -> None:
    pixels = portrait(options.megapixels)
    made = {name: make() for name, make in ways(options.models, options.threads).items()}
    peer = MediaPipe(*options.mediapipe, pixels) if options.mediapipe else None
    results: dict[str, list[tuple[float, float, int]]] = {name: [] for name in made}
    if peer:
        results["MediaPipe FaceLandmarker"] = []
    for number in range(options.runs + 1):
        for name, analyse in made.items():
            results[name].append(timed(analyse, pixels, number))
        if peer:
            results["MediaPipe FaceLandmarker"].append(peer.timed())
    medians = {name: np.median([run[:2] for run in runs[1:]], axis=0) for name, runs in results.items()}
    ours = medians["Softlight: faces and 478 points"]
    rows = []
    for name, (wall, processor) in medians.items():
        memory = in_child(name, options) if name in made else (peer.memory if peer else 0)
        faces = {run[2] for run in results[name]}
        rows.append([name, ", ".join(map(str, faces)), f"{1000 * wall:.0f}", f"{1000 * processor:.0f}",
                     f"{ours[0] / wall:.2f}", f"{ours[1] / processor:.2f}", f"{memory:.0f}"])  # fmt: skip
    if peer:
        peer.close()
    height, width = pixels.shape[:2]
    print(f"{width} x {height} px; median of {options.runs} warm runs that take turns\n")
    print(table(("", "faces", "ms", "processor ms", "ours to it", "by processor", "extra memory (MB)"), rows))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, required=True, help="folder with the two ONNX files")
    parser.add_argument("--mediapipe", nargs=2, metavar=("PYTHON", "TASK"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        make = ways(options.models, options.threads)[options.memory]
        print(json.dumps(extra_memory(make, options.megapixels)))
    else:
        measure(options)


if __name__ == "__main__":
    main()
