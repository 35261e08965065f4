"""The self-examination: what Softlight runs on, and whether each of its models works here."""

from __future__ import annotations

import dataclasses
import math
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import softlight
from softlight.errors import ModelError
from softlight.runtime import Runtime, Session, installation
from softlight.runtime.providers import Provider
from softlight.runtime.runtime import ROLES, passed_checks_path, user_store
from softlight_models.bundled import SHIPPED_ROLES, BundledModels
from softlight_models.errors import ModelStoreError

if TYPE_CHECKING:
    from softlight_models.library import InstalledModel
    from softlight_models.store import Store


@dataclass(frozen=True)
class ModelReport:
    """How one model fares on this machine. What could not be found out is `None`."""

    role: str
    path: str
    id: str | None = None
    """The catalogue entry of an installed model; `None` for an embedded one."""
    title: str | None = None
    licence: str | None = None
    ir_version: int | None = None
    opset: int | None = None
    verified: bool = False
    """The files are those that were released."""
    device: str | None = None
    """The rung of the ladder that it runs on: ``directml``, ``cuda``, ``cpu`` or ``cpu-basic``."""
    psnr: float | None = None
    """Agreement with the golden tile in dB, 120 at most; 50 is needed. Public models have none on the CPU."""
    max_error: float | None = None
    """Largest absolute difference from the golden tile, of 0..1; 4/255 is allowed."""
    milliseconds: float | None = None
    """Time of one warm tile."""
    problem: str | None = None
    """One sentence, if the model cannot be used."""


@dataclass(frozen=True)
class Report:
    """What `examine` found."""

    softlight: str
    python: str
    system: str
    onnxruntime: tuple[str, ...]
    """The installed distributions with their versions; there should be one."""
    providers: tuple[str, ...] = ()
    """What onnxruntime was built with. Each model's device says what works."""
    models: tuple[ModelReport, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """Sentences on what keeps Softlight from working, beside those of single models."""
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        """Whether every embedded model can be used, and every installed one that a role uses."""
        return not self.problems and all(model.problem is None for model in self.models)

    @property
    def exit_code(self) -> int:
        return 0 if self.works else ModelError.exit_code


def examine(
    provider: Provider = "auto",
    models: BundledModels | None = None,
    make_runtime: Callable[..., Runtime] = Runtime,
    store: Store | None = None,
    every_installed: bool = False,
) -> Report:
    """Try every embedded model, and the installed ones, on the best device and report.

    Parameters
    ----------
    provider : {"auto", "directml", "cuda", "cpu"}
        Where to begin.
    models : BundledModels, optional
        Default: those of the package.
    make_runtime : callable
        Makes the `Runtime` from `provider` and the keywords `models` and `store`.
    store : Store, optional
        Where installed models come from. Default: the user's store; none at all if `models` is given.
    every_installed : bool
        Also those that no role uses, since a better one is there.
    """
    bundled = BundledModels() if models is None else models
    if models is None and store is None:
        store = user_store()
    problems: list[str] = []
    runtime = None
    try:
        runtime = make_runtime(provider, models=bundled)
    except ModelError as error:
        problems.append(str(error))
    roles = sorted({*SHIPPED_ROLES, *bundled.roles()})
    reports = [_examine_model(role, bundled, runtime) for role in roles]
    notes = list(runtime.notes) if runtime else []
    paths = {"models": str(bundled.folder), "self-checks": str(passed_checks_path())}
    if store is not None:
        paths["installed"] = str(store.places.models)
        notes += store.notes()
        if runtime is not None:
            installed = make_runtime(provider, models=bundled, store=store)
            for role in ROLES:
                for number, model in enumerate(_installed(store, role)):
                    if number == 0:
                        reports.append(_examine_installed(role, model, installed))
                    elif every_installed:
                        reports.append(_examine_unused(role, model, installed))
            notes += installed.notes
    return Report(
        softlight=softlight.__version__,
        python=f"{platform.python_version()} ({sys.executable})",
        system=f"{platform.platform()} {platform.machine()}",
        onnxruntime=tuple(map(str, installation.installed())),
        providers=runtime.available_providers if runtime else (),
        models=tuple(reports),
        notes=tuple(dict.fromkeys(notes)),
        problems=tuple(problems),
        paths=paths,
    )


def _examine_model(role: str, models: BundledModels, runtime: Runtime | None) -> ModelReport:
    report = ModelReport(role=role, path=str(models.path(role)))
    try:
        entry = models.entry(role)
        report = dataclasses.replace(
            report,
            title=entry.title,
            licence=entry.licence,
            ir_version=entry.ir_version,
            opset=entry.opset,
        )
        models.model_bytes(role)
        models.golden_bytes(role)
    except ModelStoreError as error:
        return dataclasses.replace(report, problem=str(error))
    report = dataclasses.replace(report, verified=True)
    if runtime is None:
        return dataclasses.replace(report, problem="It cannot be tried without onnxruntime.")
    try:
        return _run(report, (runtime.session(role),))
    except ModelError as error:
        return dataclasses.replace(report, problem=str(error))


def _installed(store: Store, role: str) -> Iterator[InstalledModel]:
    """Yield the installed models of a role, the one that it uses first."""
    seen: list[str] = []
    while (model := store.best(role, seen)) is not None:
        yield model
        seen.append(model.entry.id)


def _described(role: str, model: InstalledModel) -> ModelReport:
    entry = model.entry
    return ModelReport(
        role, str(model.folder), entry.id, title=entry.title, licence=entry.licence.spdx, verified=True
    )


def _examine_unused(role: str, model: InstalledModel, runtime: Runtime) -> ModelReport:
    report = _described(role, model)
    try:
        return _run(report, tuple(runtime.opened(model).sessions.values()))
    except (ModelError, ModelStoreError) as error:
        return dataclasses.replace(report, problem=str(error))


def _examine_installed(role: str, model: InstalledModel, runtime: Runtime) -> ModelReport:
    report = _described(role, model)
    try:
        used = runtime.model(role)
        if used.files.id != model.entry.id:
            return dataclasses.replace(report, problem="It cannot be used; the notes say why.")
        return _run(report, tuple(used.sessions.values()))
    except ModelError as error:
        return dataclasses.replace(report, problem=str(error))


def _run(report: ModelReport, sessions: Sequence[Session]) -> ModelReport:
    """Run all networks of a model twice: the first run on a device says nothing about the next ones."""
    for session in sessions:
        session.check()
    begin = time.perf_counter()
    agreements = [agreement for session in sessions if (agreement := session.check()) is not None]
    report = dataclasses.replace(
        report,
        device=", ".join(dict.fromkeys(session.rung.name for session in sessions)),
        milliseconds=(time.perf_counter() - begin) * 1000,
    )
    if not agreements:
        return report
    worst = min(agreements, key=lambda agreement: agreement.psnr)
    return dataclasses.replace(
        report,
        psnr=worst.psnr,
        max_error=worst.max_error if math.isfinite(worst.max_error) else None,
        problem=None if worst.passes else f"It disagrees with its golden tile ({worst}).",
    )


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as what `json.dumps` takes."""
    return {"works": report.works, **dataclasses.asdict(report)}


def report_text(report: Report) -> str:
    """Return the report as lines for people."""
    lines = [
        f"Softlight    {report.softlight}",
        f"Python       {report.python}",
        f"System       {report.system}",
        f"onnxruntime  {', '.join(report.onnxruntime) or 'not installed'}",
        f"Providers    {', '.join(report.providers) or 'none'}",
        *(f"{name.capitalize():<12} {path}" for name, path in report.paths.items()),
    ]
    for model in report.models:
        lines += ["", *_model_lines(model)]
    if report.notes:
        lines += ["", *report.notes]
    lines.append("")
    lines += report.problems or (["All models work."] if report.works else ["Not all models work."])
    return "\n".join(lines)


def _model_lines(model: ModelReport) -> list[str]:
    lines = [f"{model.role}: {model.title or 'unknown'}"]
    if model.licence:
        version = f", opset {model.opset}, IR version {model.ir_version}" if model.opset else ", installed"
        lines.append(f"  licence {model.licence}{version}")
    lines.append(f"  {model.path} {'(verified)' if model.verified else '(not verified)'}")
    if model.milliseconds is not None:
        lines.append(f"  runs on {model.device}: {model.milliseconds:.0f} ms a tile")
    if model.psnr is not None:
        error = "unknown" if model.max_error is None else f"{model.max_error * 255:.2f} of 255 levels"
        lines.append(f"  agrees with its golden tile to {model.psnr:.1f} dB, largest error {error}")
    if model.problem:
        lines.append(f"  {model.problem}")
    return lines
