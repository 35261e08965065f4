"""A filter's dialog: the preview, the settings, and a run that can be watched and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from gi.repository import Gimp, GimpUi, GLib, Gtk  # noqa: E402

from softlight_bridge.client import Engine  # noqa: E402
from softlight_bridge.errors import BridgeError, Cancelled  # noqa: E402
from softlight_bridge.faces import FaceList, FacesRequest  # noqa: E402
from softlight_bridge.messages import Preview, Result  # noqa: E402
from softlight_bridge.specifications import Filter  # noqa: E402
from softlight_bridge.translation import _, pgettext, shown  # noqa: E402
from softlight_gimp import face_chooser, jobs, preview  # noqa: E402
from softlight_gimp.background import Work  # noqa: E402
from softlight_gimp.form import FORM, MARGIN, SettingsForm  # noqa: E402
from softlight_gimp.refusals import Refusal  # noqa: E402

SETTLED = 300
"""Milliseconds without a change after which the preview is renewed: a slider is then let go of."""


def run(
    procedure: Gimp.Procedure,
    config: Gimp.ProcedureConfig,
    described: Filter,
    task: Callable[[], jobs.Task],
    engine: Engine,
) -> tuple[Gimp.Layer | None, Result]:
    """Show the dialog until a run has been finished, and return its group and result.

    Parameters
    ----------
    procedure, config
        The filter's own, which is remembered by GIMP after a run.
    described : Filter
    task : callable
        Returns what is asked for by the present values of `config`.
    engine : Engine

    Raises
    ------
    Cancelled
        When the user closed the dialog.
    """
    GimpUi.init("softlight")
    dialog = FilterDialog(procedure, config, described, task, engine)
    try:
        return dialog.run()
    finally:
        dialog.close()


class FilterDialog:
    """The window of one call of a filter; see `run`."""

    def __init__(
        self,
        procedure: Gimp.Procedure,
        config: Gimp.ProcedureConfig,
        described: Filter,
        task: Callable[[], jobs.Task],
        engine: Engine,
    ) -> None:
        self._config, self._task, self._engine = config, task, engine
        self._previewed: Work[Preview] | None = None
        self._search: Work[FaceList] | None = None
        self._looked_at: str | None = None
        """The input whose faces are shown, or looked for."""
        self._busy = False
        self._timer = 0
        self._window = GimpUi.ProcedureDialog.new(procedure, config, described.label)
        self._window.set_ok_label(pgettext("button", "R_un"))
        self._area = preview.PreviewArea()
        self._bar = Gtk.ProgressBar(show_text=True, text="", ellipsize=3)
        self._wanted = Gtk.CheckButton.new_with_mnemonic(pgettext("button", "_Preview"))
        self._wanted.set_active(True)
        self._form = SettingsForm(self._window, config, described)
        main = self._window.fill_box("softlight-main", [FORM])
        main.set_orientation(Gtk.Orientation.HORIZONTAL)
        main.set_spacing(MARGIN)
        panel = self._panel(described)
        main.pack_start(panel, True, True, 0)
        main.reorder_child(panel, 0)
        main.set_child_packing(self._form.widget, False, False, 0, Gtk.PackType.START)
        self._window.fill(["softlight-main"])
        self._watch = config.connect("notify", lambda *_: self._changed())
        self._wanted.connect("toggled", lambda *_: self._renew_preview())
        panel.show_all()
        asking = self._window.get_widget_for_response(Gtk.ResponseType.HELP)
        if asking is not None:
            # It leads to GIMP's manual; what there is to say stands in the dialog.
            asking.hide()

    def run(self) -> tuple[Gimp.Layer | None, Result]:
        """Wait for the user; what a run refuses to do is shown, and the dialog stays."""
        self._renew_preview()
        while self._window.run():
            try:
                return self._run_filter()
            except Cancelled:
                self._tell(0.0, _("Cancelled; nothing was changed."))
            except (Refusal, BridgeError) as error:
                self._tell(0.0, "")
                self._area.show_message(shown(str(error)))
        raise Cancelled()

    def close(self) -> None:
        """Take the window away; a preview that still runs ends by itself."""
        self._config.disconnect(self._watch)
        self._form.close()
        self._stop_timer()
        for work in (self._previewed, self._search):
            if work is not None:
                work.drop()
        self._window.destroy()

    def _panel(self, described: Filter) -> Gtk.Box:
        """Preview, what it shows, and the progress bar."""
        panel = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        frame = Gtk.Frame(shadow_type=Gtk.ShadowType.IN)
        frame.add(self._area)
        panel.pack_start(frame, True, True, 0)
        row = Gtk.Box(spacing=MARGIN)
        row.pack_start(self._wanted, False, False, 0)
        row.pack_end(self._switcher(described), False, False, 0)
        panel.pack_start(row, False, False, 0)
        panel.pack_start(self._bar, False, False, 0)
        return panel

    def _switcher(self, described: Filter) -> Gtk.Box:
        """One row of buttons, of which one is down."""
        row = Gtk.Box()
        row.get_style_context().add_class("linked")
        modes = [
            (preview.SPLIT, pgettext("choice", "Split")),
            (preview.BEFORE, pgettext("choice", "Before")),
            (preview.AFTER, pgettext("choice", "After")),
        ]
        if described.view:
            modes.append((preview.VIEW, described.view))
        first = None
        for mode, label in modes:
            button = Gtk.RadioButton.new_with_label_from_widget(first, label)
            button.set_mode(False)
            button.connect("toggled", self._switched, mode)
            first = first or button
            row.pack_start(button, False, False, 0)
        return row

    def _switched(self, button: Gtk.RadioButton, mode: str) -> None:
        if button.get_active():
            self._area.set_mode(mode)

    def _tell(self, done: float, text: str) -> None:
        self._bar.set_fraction(done)
        self._bar.set_text(shown(text))

    def _tell_of_preview(self, done: float, text: str) -> None:
        # A run waits in the engine for the preview of the same settings, and then has its result at once.
        if not self._busy:
            self._tell(done, text)

    def _changed(self) -> None:
        """Renew the preview once the settings have come to rest."""
        self._stop_timer()
        self._timer = GLib.timeout_add(SETTLED, self._settled)

    def _settled(self) -> bool:
        self._timer = 0
        self._renew_preview()
        return GLib.SOURCE_REMOVE

    def _stop_timer(self) -> None:
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0

    def _renew_preview(self) -> None:
        if self._previewed is not None:
            self._previewed.drop()
            self._previewed = None
        if self._search is None:
            self._tell(0.0, "")
        try:
            task = self._task()
            prepared = jobs.prepare(task)
        except Refusal as error:
            self._area.show_message(shown(str(error)))
            return
        whole = prepared.job.mask is None
        self._form.show_whole_faces(whole)
        if whole and self._form.chooses_faces and not self._faces_found(task.input, prepared):
            # The preview comes when they are found: it needs them too.
            self._area.wait()
            return
        if not self._wanted.get_active():
            self._area.show_message("")
            return
        self._area.wait()
        size = (preview.LARGEST, preview.LARGEST)

        def call(progress: Any, in_main_thread: Any) -> Preview:
            return self._engine.preview(
                prepared.job, lambda box: in_main_thread(lambda: prepared.photo.read(box)), size, progress
            )

        self._previewed = Work(call, self._tell_of_preview, self._previewed_ended)

    def _previewed_ended(self, shown: Preview | None, problem: Exception | None) -> None:
        self._tell_of_preview(0.0, "")
        if shown is not None:
            self._area.show_preview(shown)
        elif problem is not None:
            self._area.show_message(_sentence(_("The preview failed ({problem})."), problem))

    def _faces_found(self, source: str, prepared: jobs.Prepared) -> bool:
        """Whether the faces of the photo were found; otherwise they are looked for from now on."""
        if self._looked_at == source:
            return self._search is None
        if self._search is not None:
            self._search.drop()
        self._looked_at = source
        self._form.say_of_faces(_("Looking for faces…"))
        job = prepared.job
        request = FacesRequest(job.picture_size, job.format, job.transfer, job.icc, face_chooser.SIDE)

        def call(progress: Any, in_main_thread: Any) -> FaceList:
            return self._engine.faces(
                request, lambda box: in_main_thread(lambda: prepared.photo.read(box)), progress
            )

        self._search = Work(call, self._tell_of_preview, self._search_ended)
        return False

    def _search_ended(self, found: FaceList | None, problem: Exception | None) -> None:
        self._search = None
        self._tell_of_preview(0.0, "")
        if problem is not None:
            # The next change of a setting looks for them again.
            self._looked_at = None
            self._form.say_of_faces("")
            self._area.show_message(_sentence(_("Looking for faces failed ({problem})."), problem))
        elif found is not None:
            self._form.show_faces(found)
            if not self._busy:
                self._renew_preview()

    def _run_filter(self) -> tuple[Gimp.Layer | None, Result]:
        """Run with the present settings; the dialog waits and its Cancel button cancels."""
        self._stop_timer()
        task = self._task()
        prepared = jobs.prepare(task)
        outcome: list[Any] = []
        loop = GLib.MainLoop()

        def call(progress: Any, in_main_thread: Any) -> Result:
            return self._engine.run(
                prepared.job, lambda box: in_main_thread(lambda: prepared.photo.read(box)), progress
            )

        def ended(result: Result | None, problem: Exception | None) -> None:
            outcome[:] = result, problem
            loop.quit()

        work = Work(call, self._tell, ended)
        watches = (
            (self._window, self._window.connect("response", lambda *_: self._cancel(work))),
            (self._window, self._window.connect("delete-event", lambda *_: True)),
        )
        self._set_busy(True)
        try:
            loop.run()
        finally:
            for widget, handler in watches:
                widget.disconnect(handler)
            self._set_busy(False)
        result, problem = outcome
        if problem is not None:
            raise problem
        return jobs.finish(task, prepared, result)

    def _cancel(self, work: Work[Result]) -> None:
        self._tell(self._bar.get_fraction(), _("Cancelling…"))
        work.cancel()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._form.widget.set_sensitive(not busy)
        self._window.set_response_sensitive(Gtk.ResponseType.OK, not busy)
        if not busy:
            self._tell(0.0, "")


def _sentence(defect: str, problem: Exception) -> str:
    if isinstance(problem, (Refusal, BridgeError)):
        return shown(str(problem))
    return defect.format(problem=f"{type(problem).__name__}: {problem}")
