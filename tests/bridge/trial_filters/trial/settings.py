"""A filter for tests of the engine: it works as long as it is told to, or fails as it is told to."""

from __future__ import annotations

from dataclasses import dataclass

from softlight.filters.specification import Choice, FilterSpec, Parameter

ENDS = ("layers", "nothing", "defect", "memory", "crash", "error", "mistake")

SPEC = FilterSpec(
    name="trial",
    label="Trial",
    help="Lighten what is painted, after a while.",
    parameters=(
        Parameter("seconds", "number", "Seconds", "How long it takes.", 0.0, minimum=0.0, maximum=60.0),
        Parameter(
            "end", "choice", "End", "What comes of it.", "layers",
            choices=tuple(Choice(end, end.title()) for end in ENDS),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class TrialSettings:
    seconds: float = 0.0
    end: str = "layers"
