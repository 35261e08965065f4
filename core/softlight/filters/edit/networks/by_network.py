"""What installed networks make of the settings, where the user prefers them to Softlight's prototypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from softlight.filters.edit.change import Change, Subject
from softlight.filters.edit.networks.age import aged
from softlight.filters.edit.networks.expression import Networks, expressed
from softlight.filters.edit.networks.expression_points import Expression
from softlight.filters.edit.settings import EditSettings, Method
from softlight.runtime import Model, Runtime


@dataclass(frozen=True)
class ByNetwork:
    """The networks that the settings ask for, and what they are to do."""

    years: float
    age: Model | None
    wanted: Expression
    expression: Networks | None

    @classmethod
    def of(cls, settings: EditSettings, runtime: Runtime) -> ByNetwork:
        """Find the models of what is to be changed; of what stays at zero, none.

        Raises
        ------
        ModelError
            If there is no model for one of the roles.
        """
        if settings.method is not Method.NETWORKS:
            return cls(0.0, None, Expression(), None)
        wanted = Expression(settings.smile, settings.brows, settings.eyes, settings.mouth)
        age = runtime.model("age") if settings.age else None
        expression = None
        if wanted:
            expression = Networks.of(runtime)
        return cls(settings.age, age, wanted, expression)

    @property
    def wanted_any(self) -> bool:
        """Whether any network is asked; what it paints may be no change."""
        return self.age is not None or self.expression is not None

    def rest(self, settings: EditSettings) -> EditSettings:
        """Return the settings without what networks make."""
        if self.age is not None:
            settings = replace(settings, age=0.0)
        if self.expression is not None:
            settings = replace(settings, smile=0.0, brows=0.0, eyes=0.0, mouth=0.0)
        return settings

    def below(self, tick: Callable[[], None]) -> Iterator[tuple[str, Callable[[Subject], Change]]]:
        """Yield the name and the change of what comes before everything else: `tick` is called meanwhile."""
        if self.age is not None:
            yield "Age", partial(aged, model=self.age, years=self.years, tick=tick)

    def above(self, tick: Callable[[], None]) -> Iterator[tuple[str, Callable[[Subject], Change]]]:
        """Yield the same of what comes after it: an expression moves the face."""
        if self.expression is not None:
            yield "Expression", partial(expressed, networks=self.expression, wanted=self.wanted, tick=tick)
