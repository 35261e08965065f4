"""What each aid of the skin inpainting bought: several checkpoints on the same holes.

    python -m training.evaluation.ablation PORTRAITS LABELS full=A.pt no-band=B.pt ...

The network alone, without the filter's texture step, with a wrinkle drawn into each hole as in use.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.evaluation import faces
from training.evaluation.faces import Array, Fill
from training.evaluation.fills import Method, Sample, measure


def named(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    return name, Path(path)


def in_use(fill: Fill) -> Method:
    def method(sample: Sample) -> Array:
        return fill(sample.wrinkled, sample.hole)

    return method


def main() -> None:
    parser = faces.arguments(__doc__)
    parser.add_argument("checkpoints", nargs="+", type=named, metavar="NAME=CHECKPOINT")
    parser.add_argument("--windows", type=int, default=2, help="holes per portrait")
    options = faces.parsed(parser)
    tried = {name: in_use(faces.fill_of(faces.CheckpointRuntime([p]))) for name, p in options.checkpoints}
    results, _ = measure(faces.held_out(options), tried, options.windows)
    rows = []
    for name, people in results.items():
        tallies = list(people.values())
        whole, tint = np.mean([np.mean(t.tone, 0) for t in tallies], 0)
        rows.append([
            name, len(tallies), f"{np.mean([t.psnr for t in tallies]):.2f}",
            f"{np.mean([t.pore_ratio for t in tallies]):.2f}", f"{whole:.2f}", f"{tint:.2f}",
        ])  # fmt: skip
    print("Inside the holes, means over n people: PSNR after a low-pass of 1.5 px; pore-band energy over the")
    print("truth's; colour differences (CIE76) after a low-pass of 2 px, whole and of a* and b* alone\n")
    print(faces.table(["trained with", "n", "PSNR (dB)", "pores", "ΔE", "Δab"], rows))


if __name__ == "__main__":
    main()
