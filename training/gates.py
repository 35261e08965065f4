"""Make a retouching network surer before it changes a pixel.

    python -m training.gates CHECKPOINT OUT --later 0.3 --sharper 2 [--component 0]

A gate's logit `g` becomes ``sharper (g - later)``, in the last convolution's own weights. So what is changed
in vain can be weighed anew against what is missed, without another training.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from torch import Tensor

from training import recipe

LOGITS = 4
"""Of each plane: one for each pixel of a 2 x 2 px cell."""


def regated(
    weights: dict[str, Tensor], later: float, sharper: float, component: int | None = None
) -> dict[str, Tensor]:
    """Return the weights of a `LocalRetouching` whose gates open later, and faster.

    Parameters
    ----------
    weights : dict of str to Tensor
    later : float
        The logit at which a gate is half open, 0 as it was trained.
    sharper : float
        By what logits are then multiplied.
    component : int, optional
        Whose gate; by default all of them.
    """
    components = (len(weights["tail.bias"]) // LOGITS - 1) // 4
    first, last = (0, components) if component is None else (component, component + 1)
    gates = slice(LOGITS * (1 + first), LOGITS * (1 + last))  # behind the area's
    weight, bias = weights["tail.weight"].clone(), weights["tail.bias"].clone()
    weight[gates] *= sharper
    bias[gates] = sharper * (bias[gates] - later)
    return weights | {"tail.weight": weight, "tail.bias": bias}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--later", type=float, default=0.0)
    parser.add_argument("--sharper", type=float, default=1.0)
    parser.add_argument("--component", type=int, help="default: all of them")
    options = parser.parse_args()
    state = recipe.load(options.checkpoint)
    if state is None:
        raise SystemExit(f"{options.checkpoint} is not there; give the checkpoint that a training wrote.")
    average = regated(state["average"], options.later, options.sharper, options.component)
    recipe.save(options.out, average=average)


if __name__ == "__main__":
    main()
