"""A recipe's steps on one picture: each filter sees what those before it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from softlight.batch.recipe import Step
from softlight.compositor import composite
from softlight.filters.registry import load
from softlight.filters.specification import settings_from_arguments
from softlight.layers import LayerStack
from softlight.picture import Picture
from softlight.progress import Progress, part, silent
from softlight.runtime import Runtime


def run_steps(
    picture: Picture, steps: Sequence[Step], runtime: Runtime, progress: Progress = silent
) -> LayerStack:
    """Run filters one after another on whole faces.

    Parameters
    ----------
    picture : Picture
        Never changed.
    steps : sequence of Step
    runtime : Runtime
    progress : Progress

    Returns
    -------
    LayerStack
        The layers of all, the first step's lowest: over the photo they show what the last step made.

    Raises
    ------
    SoftlightError
        As the filters do.
    """
    stacks: list[LayerStack] = []
    below = picture
    for number, step in enumerate(steps):
        chosen = load(step.filter)
        settings: Any = settings_from_arguments(chosen.spec, chosen.settings_type, dict(step.settings))
        span = part(progress, number / len(steps), (number + 1) / len(steps))
        stacks.append(chosen.run(below, None, settings, runtime, span))
        if number + 1 < len(steps):
            below = composite(below, stacks[-1])
    if len(stacks) == 1:
        return stacks[0]
    marks = [stack.source_type for stack in stacks if stack.source_type is not None]
    return replace(
        stacks[0],
        name="Softlight",
        layers=tuple(layer for stack in stacks for layer in stack.layers),
        settings={"steps": [dict(stack.settings) for stack in stacks]},
        notes=tuple(dict.fromkeys(note for stack in stacks for note in stack.notes)),
        source_type=marks[0] if marks else None,
    )
