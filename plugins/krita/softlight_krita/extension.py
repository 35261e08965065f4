"""What Krita knows of the plug-in: the docker, and Tools > Scripts > Softlight with its shortcuts."""

from __future__ import annotations

from typing import Any, Callable

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita, Window

from softlight_bridge.errors import BridgeError
from softlight_bridge.specifications import Filter, read_filters
from softlight_bridge.translation import pgettext
from softlight_krita.docker import NAME, SoftlightDocker
from softlight_krita.qt import QtWidgets

MENU = "softlight_menu"
PLACE = "tools/scripts/" + MENU


class SoftlightExtension(Extension):
    """The actions; each calls the docker of the window that is in front.

    Parameters
    ----------
    parent : Krita
    folder : str
        The plug-in's own.
    """

    def __init__(self, parent: Krita, folder: str) -> None:
        super().__init__(parent)
        self._folder = folder

    def setup(self) -> None:
        """Krita calls it once, before there is a window."""
        Krita.instance().notifier().setActive(True)

    def createActions(self, window: Window) -> None:
        """Krita calls it for each of its windows."""
        parent = window.createAction(MENU, "Softlight", "tools/scripts")
        menu = QtWidgets.QMenu(MENU, window.qwindow())
        parent.setMenu(menu)
        for name, label, call in (*self._runs(), *_ACTIONS):
            action = window.createAction(name, label, PLACE)
            action.triggered.connect(lambda _=False, call=call: _with_docker(call))

    def _runs(self) -> list[tuple[str, str, Callable[[SoftlightDocker], None]]]:
        try:
            filters: tuple[Filter, ...] = read_filters(self._folder)
        except BridgeError:
            return []  # the docker says why
        return [("softlight_run_" + one.name, one.label, _runner(one.name)) for one in filters]


def register(folder: str) -> None:
    """Make the plug-in known to Krita."""
    krita = Krita.instance()
    krita.addExtension(SoftlightExtension(krita, folder))
    # PyQt5's Krita names the places without their scope.
    places: Any = getattr(DockWidgetFactoryBase, "DockPosition", DockWidgetFactoryBase)
    krita.addDockWidgetFactory(DockWidgetFactory(NAME, places.DockRight, SoftlightDocker))


def _runner(name: str) -> Callable[[SoftlightDocker], None]:
    return lambda docker: docker.run(name)


def _show(docker: Any) -> None:
    docker.setVisible(True)
    docker.raise_()


def _show_models(docker: Any) -> None:
    _show(docker)
    docker.show_models()


_ACTIONS: tuple[tuple[str, str, Callable[[SoftlightDocker], None]], ...] = (
    ("softlight_paint_mask", pgettext("menu", "Paint mask"), lambda docker: docker.paint_mask()),
    ("softlight_preview", pgettext("menu", "Preview"), lambda docker: docker.preview()),
    ("softlight_rerun", pgettext("menu", "Re-run"), lambda docker: docker.run_again()),
    ("softlight_bake", pgettext("menu", "Bake"), lambda docker: docker.desk.bake()),
    ("softlight_toggle", pgettext("menu", "Before / after"), lambda docker: docker.toggle_result()),
    ("softlight_cancel", pgettext("menu", "Cancel"), lambda docker: docker.desk.cancel()),
    ("softlight_models", pgettext("menu", "Models…"), _show_models),
    ("softlight_docker", pgettext("menu", "Show docker"), _show),
)


def _with_docker(call: Callable[[SoftlightDocker], None]) -> None:
    window = Krita.instance().activeWindow()
    dockers = _dockers()
    mine = [one for one in dockers if window is not None and one.window() is window.qwindow()]
    for docker in (mine or dockers)[:1]:
        call(docker)


def _dockers() -> list[SoftlightDocker]:
    return [one for one in Krita.instance().dockers() if isinstance(one, SoftlightDocker)]
