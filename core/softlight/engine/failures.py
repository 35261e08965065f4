"""What a host is told when a job fails: a kind and one sentence; the traceback stays in the log."""

from __future__ import annotations

import logging
from typing import NamedTuple

from softlight.engine.log import log
from softlight.errors import SettingsError, SoftlightError
from softlight_bridge import places
from softlight_bridge.errors import EngineError
from softlight_models.errors import ModelStoreError, NotAccepted, NotConfirmed


class Failure(NamedTuple):
    """What a host is told instead of a result."""

    kind: str
    sentence: str
    models: tuple[str, ...] = ()
    """Which models a question of the model store is about."""


def describe(error: BaseException) -> Failure:
    """Return the kind of an error and its sentence for the user."""
    if isinstance(error, NotAccepted):
        return Failure(EngineError.NOT_ACCEPTED, str(error), error.models)
    if isinstance(error, NotConfirmed):
        return Failure(EngineError.NOT_CONFIRMED, str(error), error.models)
    if isinstance(error, ModelStoreError):
        # Without its sentence, which may name the user's files.
        log.info("the model store refused")
        return Failure("ModelError", str(error))
    if isinstance(error, SoftlightError):
        log.info("the job ended with %s: %s", type(error).__name__, error)
        kind = SettingsError if isinstance(error, SettingsError) else type(error)
        return Failure(kind.__name__, str(error))
    if _no_memory(error):
        log.warning("the job ran out of memory", exc_info=error)
        return Failure(
            "MemoryError",
            "There is not enough memory for this job; close other programs, or paint a smaller part. "
            f"The engine's log is '{places.log_path()}'.",
        )
    log.log(logging.ERROR, "the job met a defect", exc_info=error)
    return Failure(
        "Defect",
        f"Softlight itself failed ({type(error).__name__}); please report it with the log "
        f"'{places.log_path()}'.",
    )


def _no_memory(error: BaseException) -> bool:
    # OpenCV has an exception of its own, with the code -4 (StsNoMem).
    return isinstance(error, MemoryError) or getattr(error, "code", None) == -4
