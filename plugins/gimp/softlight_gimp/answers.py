"""What a procedure answers: its layers, a cancellation, or one sentence with a real error status."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from gi.repository import Gimp, GLib, GObject

from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError, Cancelled
from softlight_bridge.specifications import Filter
from softlight_bridge.translation import _, pgettext, shown
from softlight_gimp import jobs
from softlight_gimp.refusals import Refusal, WrongArgument

Status = Gimp.PDBStatusType
GROUP = "group"


def add_group_return_value(procedure: Gimp.Procedure) -> None:
    """Let a procedure return the group that it made, or nothing when there was nothing to change."""
    procedure.add_layer_return_value(
        GROUP,
        pgettext("label", "Group"),
        _("The new group; none when nothing had to be changed"),
        True,
        GObject.ParamFlags.READWRITE,
    )


def answered(procedure: Gimp.Procedure, work: Callable[[], Gimp.Layer | None]) -> Gimp.ValueArray:
    """Do a procedure's work, and return its layer or what went wrong.

    Parameters
    ----------
    procedure : Gimp.Procedure
        With the return value of `add_group_return_value`.
    work : callable
    """
    try:
        layer = work()
    except Cancelled:
        return procedure.new_return_values(Status.CANCEL, None)
    except WrongArgument as error:
        return _failed(procedure, Status.CALLING_ERROR, shown(str(error)))
    except (Refusal, BridgeError) as error:
        return _failed(procedure, Status.EXECUTION_ERROR, shown(str(error)))
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        return _failed(
            procedure,
            Status.EXECUTION_ERROR,
            _(
                "Softlight's plug-in has a defect ({kind}: {error}); please report it with what you did."
            ).format(kind=type(error).__name__, error=error),
        )
    values = procedure.new_return_values(Status.SUCCESS, None)
    if layer is not None:
        values.remove(1)
        values.insert(1, GObject.Value(Gimp.Layer, layer))
    return values


def _failed(procedure: Gimp.Procedure, status: Gimp.PDBStatusType, sentence: str) -> Gimp.ValueArray:
    return procedure.new_return_values(status, GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0))


def run_filter(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    config: Gimp.ProcedureConfig,
    described: Filter,
    task: Callable[[], jobs.Task],
    folder: str,
) -> Gimp.Layer | None:
    """Run a filter with its dialog, or at once when a script or "Repeat" calls.

    Parameters
    ----------
    procedure, run_mode, config
        As GIMP called it.
    described : Filter
    task : callable
        Returns what is asked for by the present values of `config`.
    folder : str
        The plug-in's own.
    """
    engine = Engine.beside(folder, f"GIMP {Gimp.version()}")
    if run_mode == Gimp.RunMode.INTERACTIVE:
        # A refusal comes before a dialog that could only lead to it.
        jobs.check(task())
        from softlight_gimp import dialog

        group, result = dialog.run(procedure, config, described, task, engine)
    else:
        Gimp.progress_init(described.label)
        group, result = jobs.run(task(), engine, _show_progress)
        Gimp.progress_end()
    for note in result.notes:
        Gimp.message(shown(note))
    Gimp.displays_flush()
    return group


def _show_progress(done: float, text: str) -> None:
    Gimp.progress_set_text(shown(text))
    Gimp.progress_update(done)
