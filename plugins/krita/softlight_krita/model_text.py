"""What is known of a model, in the markup that Qt shows."""

from __future__ import annotations

import html
from typing import Any, Sequence

from softlight_bridge import model_words as words
from softlight_bridge.models import ModelLine, Terms
from softlight_bridge.translation import _, shown
from softlight_krita.qt import QtWidgets
from softlight_krita.widgets import FAILED

HINT = _("Click on what a model does to see all of its kind, and on a model to read on which terms it comes.")


def view(name: str, height: int) -> Any:
    """Return a widget that shows such markup; what is longer is scrolled."""
    made = QtWidgets.QTextBrowser()
    made.setObjectName("softlight_" + name)
    made.setOpenExternalLinks(True)
    made.setMinimumHeight(height)
    return made


def details(models: Sequence[ModelLine]) -> str:
    """Return all that is known of these models; without one, how to see it."""
    return "".join(_details(line) for line in models) or _paragraph(HINT)


def terms(models: Sequence[ModelLine]) -> str:
    """Return what a user reads before models are downloaded or imported."""
    return "".join(_paragraph(f"<b>{_plain(line.title)}</b><br>{_terms(line.terms)}") for line in models)


def _details(line: ModelLine) -> str:
    parts = [
        f"<b>{_plain(line.title)}</b><br>{_plain(words.maker(line))}",
        f'<span style="color: {FAILED}">{_plain(shown(line.why))}</span>' if line.why else "",
        _plain(line.use_when),
        _terms(line.terms),
    ]
    return "".join(_paragraph(part) for part in parts if part)


def _terms(agreed: Terms) -> str:
    text = _plain(words.terms(agreed))
    # A click opens whatever stands there, and a user's own entry may name a program.
    if agreed.url.startswith(("https://", "http://")):
        text += f'<br><a href="{_plain(agreed.url)}">{_plain(agreed.url)}</a>'
    return text


def _plain(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _paragraph(markup: str) -> str:
    return f'<p style="margin-top: 0; margin-bottom: 6px">{markup}</p>'
