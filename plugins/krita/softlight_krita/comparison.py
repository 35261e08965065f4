"""Before and after in one picture, with a line between them that can be dragged, and the filter's view."""

from __future__ import annotations

from typing import Any

from softlight_bridge.messages import Preview
from softlight_bridge.translation import _
from softlight_krita.qt import Qt, QtCore, QtGui, QtWidgets
from softlight_krita.widgets import image

SPLIT, BEFORE, AFTER, VIEW = "split", "before", "after", "view"
EMPTY = _("The preview shows before and after here.")
HEIGHT = 240
"""Pixels of the docker that the preview may take at most."""


class Comparison(QtWidgets.QWidget):
    """Shows a `Preview`; dragging moves the line of the split."""

    def __init__(self) -> None:
        super().__init__()
        self._images: dict[str, Any] = {}
        self._fitted: dict[str, Any] = {}
        self._shows = SPLIT
        self._split = 0.5
        self.setMinimumHeight(80)
        policy = QtWidgets.QSizePolicy(
            QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Preferred
        )
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def filled(self) -> bool:
        return bool(self._images)

    def set_preview(self, preview: Preview | None) -> None:
        """Show this, or nothing."""
        self._images = {}
        self._fitted = {}
        if preview is not None:
            self._images = {BEFORE: image(preview.before), AFTER: image(preview.after)}
            if preview.view is not None:
                self._images[VIEW] = image(preview.view)
        self.updateGeometry()
        self.update()

    def show_as(self, what: str) -> None:
        """Choose `SPLIT`, `BEFORE`, `AFTER` or `VIEW`."""
        self._shows = what
        self.setCursor(Qt.CursorShape.SplitHCursor if what == SPLIT else Qt.CursorShape.ArrowCursor)
        self.update()

    def copy_to(self, other: Comparison) -> None:
        """Show the same in another widget."""
        other._images = self._images
        other._fitted = {}
        other.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        image = self._images.get(BEFORE)
        return HEIGHT // 3 if image is None else min(HEIGHT, width * image.height() // max(1, image.width()))

    def sizeHint(self) -> Any:
        return QtCore.QSize(240, self.heightForWidth(240))

    def paintEvent(self, event: Any) -> None:
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if not self._images:
            painter.setPen(self.palette().color(QtGui.QPalette.ColorRole.PlaceholderText))
            option = QtGui.QTextOption(Qt.AlignmentFlag.AlignCenter)
            painter.drawText(QtCore.QRectF(self.rect()), EMPTY, option)
            return
        frame = self._frame()
        if self._shows != SPLIT:
            painter.drawImage(frame, self._fit(self._shows if self._shows in self._images else AFTER))
            return
        edge = frame.left() + frame.width() * self._split
        painter.drawImage(frame, self._fit(BEFORE))
        painter.setClipRect(QtCore.QRectF(edge, frame.top(), frame.right() - edge + 1, frame.height()))
        painter.drawImage(frame, self._fit(AFTER))
        painter.setClipping(False)
        # White on black is seen on every skin.
        for colour, width in ((QtGui.QColor(0, 0, 0, 160), 3), (QtGui.QColor(255, 255, 255, 220), 1)):
            painter.setPen(QtGui.QPen(colour, width))
            painter.drawLine(QtCore.QPointF(edge, frame.top()), QtCore.QPointF(edge, frame.bottom()))

    def mousePressEvent(self, event: Any) -> None:
        self._drag(event)

    def mouseMoveEvent(self, event: Any) -> None:
        self._drag(event)

    def _drag(self, event: Any) -> None:
        if self._shows == SPLIT and self._images:
            frame = self._frame()
            place = (event.pos().x() - frame.left()) / max(1.0, frame.width())
            self._split = min(1.0, max(0.0, place))
            self.update()

    def _fit(self, what: str) -> Any:
        """The picture with no more pixels than are shown: a painter alone skips those between."""
        size = self._frame().size() * self.devicePixelRatioF()
        if what not in self._fitted or abs(self._fitted[what].width() - size.width()) > 1:
            image = self._images[what]
            smaller = size.width() < image.width()
            smooth = Qt.TransformationMode.SmoothTransformation
            keep = Qt.AspectRatioMode.KeepAspectRatio
            self._fitted[what] = image.scaled(size.toSize(), keep, smooth) if smaller else image
        return self._fitted[what]

    def _frame(self) -> Any:
        """Where the picture lies, in its own proportions."""
        image = self._images[BEFORE]
        scale = min(self.width() / image.width(), self.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        return QtCore.QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
