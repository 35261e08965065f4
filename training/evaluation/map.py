"""The wrinkle map: found and invented wrinkles on held-out people.

    python -m training.evaluation.map PORTRAITS LABELS --models MODELS [--checkpoint X.pt] [--out FOLDER]

Synthetic wrinkles, drawn as in the recipe with other seeds, on clean skin of held-out people, by the
depth of their valley as a share of the tone. Then where the map fires on what is no skin, as BiSeNet
sees it, and overlays on real faces to --out. A pixel counts as found from the filter's own threshold.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from softlight.filters.dewrinkle import octave
from training import strokes
from training.evaluation import faces, measures, sheets
from training.evaluation.faces import Array, Bytes, Face, WrinkleMap
from training.evaluation.judges import CLASSES, Parsing
from training.wrinkle_labels import WRINKLE

SEED = 20262
SIDE = 256
DEPTHS = (0.0, 0.04, 0.06, 0.09, 0.14, 0.22, 0.35)
"""Largest valley depth of a window; 0 draws nothing: what is found then is invented, or real and faint."""
TOLERANCE = 2
"""Px by which a found line may lie beside the drawn one."""
EDGE = 0.12
"""Share of the depth from which a pixel of the relief belongs to the wrinkle, as in the recipe."""
OVERLAYS = 20
LABELLED = "pseudo-labelled wrinkles"

Mask = NDArray[np.bool_]


def near(mask: Mask) -> Mask:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE + 1,) * 2)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc)) > 0


def found(answer: Array) -> Mask:
    """What the filter would take for a wrinkle."""
    return np.asarray((answer[..., 0] > octave.FOUND) & (answer[..., 1] > octave.SKIN))


def synthetic(people: Iterable[Face], run: WrinkleMap) -> str:
    """Precision and recall per depth, pooled over all windows.

    Recall: drawn pixels on clean skin with a found one within 2 px. Precision: found pixels with a drawn
    one within 2 px, on clean skin at least 2 px from any real line, sure or doubtful, of the pseudo-labels.
    """
    bank = strokes.bank(120, SEED)
    sums = {depth: np.zeros(5) for depth in DEPTHS}
    for face in people:
        height, width = face.clean.shape
        random = np.random.default_rng([SEED, *face.name.encode()])
        spots = np.argwhere(face.clean > 0)
        if min(height, width) < SIDE or len(spots) < 2000:
            continue
        row, column = spots[random.integers(len(spots))]
        top, left = (int(np.clip(c - SIDE // 2, 0, n - SIDE)) for c, n in ((row, height), (column, width)))
        window = np.s_[top : top + SIDE, left : left + SIDE]
        at = (SIDE - strokes.SIDE) // 2
        i = int(random.integers(len(bank[0])))
        relief = np.zeros((SIDE, SIDE), np.float32)
        relief[at : at + strokes.SIDE, at : at + strokes.SIDE] = bank[0][i]
        foot = np.zeros((SIDE, SIDE), bool)
        foot[at : at + strokes.SIDE, at : at + strokes.SIDE] = bank[1][i] > 0
        clean = face.clean[window] > 0
        # Faint real lines, of which the labels know nothing, are neither right nor wrong to find.
        known = clean & ~near(face.labels[window] != 0)
        soft = cv2.blur(clean.astype(np.float32), (5, 5))
        # A crease is redder than its skin: half the tint that the recipe draws at most.
        tinted = relief[..., None] * np.float32([1.0, 1.06, 1.1]) * soft[..., None]
        drawn = foot & (np.abs(relief) > EDGE) & clean
        skin = measures.unit(face.image[window])
        for depth in DEPTHS:
            fired = found(run((skin * (1 + depth * tinted)).clip(0, 1))) & clean
            there = drawn if depth else np.zeros_like(drawn)
            recalled, right = there & near(fired), fired & near(there) & known
            sums[depth] += [m.sum() for m in (there, recalled, fired & known, right, known)]
    rows = []
    for depth, (truth, recalled, fired, right, clean) in sums.items():
        if not depth:
            rows.append(["nothing drawn", "–", "–", f"{fired / clean:.2%}"])
            continue
        recall, precision = recalled / max(truth, 1), right / max(fired, 1)
        rows.append([f"{depth:.0%}", f"{precision:.2f}", f"{recall:.2f}", f"{fired / clean:.2%}"])
    return faces.table(["depth", "precision", "recall", "of that skin found"], rows)


def firing(people: Iterable[Face], run: WrinkleMap, parsing: Parsing) -> tuple[str, list[Bytes]]:
    """How much of hair, brows, lips, glasses and cloth is found, and the overlays."""
    shares: dict[str, list[tuple[float, float]]] = {name: [] for name in (*CLASSES, LABELLED)}
    overlays = []
    for face in people:
        answer = run(measures.unit(face.image))
        loose, fired = answer[..., 0] > octave.FOUND, found(answer)
        places = parsing(face.image) | {LABELLED: face.labels == WRINKLE}
        for name, place in places.items():
            if place.sum() >= 300:
                shares[name].append((float(fired[place].mean()), float(loose[place].mean())))
        overlays.append(overlay(face.image, fired))
    rows = []
    for name, values in shares.items():
        if values:
            gated, loose_share = np.mean(values, 0)
            rows.append([name, len(values), f"{gated:.2%}", f"{loose_share:.2%}"])
    return faces.table(["place", "n", "found", "found without the skin channel"], rows), overlays


def overlay(image: Bytes, fired: Mask) -> Bytes:
    """The picture, and the picture with what was found in red, side by side at two thirds of their size."""
    red = image.copy()
    red[fired] = np.rint(0.4 * red[fired] + 0.6 * np.array([255, 0, 0])).astype(np.uint8)
    both = np.hstack([image, red])
    return np.asarray(cv2.resize(both, None, fx=0.66, fy=0.66, interpolation=cv2.INTER_AREA))


def main() -> None:
    parser = faces.arguments(__doc__)
    options = faces.parsed(parser)
    run = faces.map_of(faces.CheckpointRuntime(options.checkpoint))
    people = [f for f in faces.held_out(options) if f.sharpness >= 0.004]
    count = len({f.person for f in people})
    print(f"Synthetic wrinkles on {len(people)} pictures of {count} held-out people\n")
    print(synthetic(people, run))
    # The most wrinkled and the others in turn: both kinds of error can be seen.
    ranked = sorted(people, key=lambda f: -f.wrinkledness)
    half = OVERLAYS // 2
    shown = ranked[:half] + ranked[half :: max(1, (len(ranked) - half) // half)][:half]
    text, overlays = firing(shown, run, Parsing(options.models))
    print(f"\nShare of each place that is found, on {len(shown)} real faces\n")
    print(text)
    if options.out:
        for i in range(0, len(overlays), 4):
            sheets.write(sheets.grid(overlays[i : i + 4], 2), options.out / f"map-{i // 4 + 1}.png")


if __name__ == "__main__":
    main()
