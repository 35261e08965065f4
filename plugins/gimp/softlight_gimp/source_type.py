"""IPTC's Digital Source Type in the text that GIMP keeps an image's EXIF, XMP and IPTC in.

It has a line `<tag name="…">value</tag>` for each value, in GIMP 2.10 and in 3. GIMP 3 also has GExiv2's
`set_tag_string`, but only where that library's introspection data are installed: Debian 13's GIMP 3.0 came
without.
"""

from __future__ import annotations

import base64
import html
import re

from softlight_bridge.source_types import says_ai

TAG = "Xmp.iptcExt.DigitalSourceType"
EMPTY = "<?xml version='1.0' encoding='UTF-8'?>\n<metadata>\n</metadata>\n"
_END = "</metadata>"
_LINE = re.compile(r'[ \t]*<tag name="Xmp\.iptcExt\.DigitalSourceType"([^>]*)>(.*?)</tag>\n?', re.DOTALL)


def read(text: str) -> str:
    """Return the Digital Source Type in GIMP's text; empty when there is none."""
    found = _LINE.search(text)
    if found is None:
        return ""
    if "base64" not in found.group(1):
        return html.unescape(found.group(2))
    try:
        return base64.b64decode(found.group(2)).decode("utf-8", "replace")
    except ValueError:
        return ""


def marked(text: str, term: str) -> str | None:
    """Return GIMP's text with this term; None when the image needs none or has no place for it.

    What says already that AI has a part in the picture stays, since it may say more.
    """
    if says_ai(read(text)) or _END not in text:
        return None
    before, _, after = _LINE.sub("", text).rpartition(_END)
    return f'{before}  <tag name="{TAG}">{html.escape(term)}</tag>\n{_END}{after}'
