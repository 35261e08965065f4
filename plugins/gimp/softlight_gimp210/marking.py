"""An image's own metadata say that AI changed it, so that what is exported says so too.

GIMP keeps an image's EXIF, XMP and IPTC in one text, with a line for each value:
`<tag name="...">value</tag>`.
"""

import re

from gimpfu import pdb

MYPY = False
if MYPY:
    from typing import Optional  # noqa: F401

    import gimp  # noqa: F401

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_TERMS = ("trainedAlgorithmicMedia", "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia")
"""The terms by which a picture says already that generative AI has a part in it; they are never replaced."""
TAG = "Xmp.iptcExt.DigitalSourceType"
EMPTY = "<?xml version='1.0' encoding='UTF-8'?>\n<metadata>\n</metadata>\n"
_END = "</metadata>"
_LINE = re.compile(r'[ \t]*<tag name="Xmp\.iptcExt\.DigitalSourceType"[^>]*>(.*?)</tag>\n?', re.DOTALL)

MARKED = (
    "The image's metadata now say that it was edited with AI; what you export says so too if 'Save XMP data' "
    "is switched on when you export."
)
UNMARKED = (
    "GIMP did not take the mark 'edited with AI' into the image's metadata, so that what you export does not "
    "have it; say it where you publish the picture."
)


def mark(image, term):
    # type: (gimp.Image, str) -> Optional[str]
    """Put this Digital Source Type into the image's metadata, and return what the user is told.

    That is nothing about an image that says already that AI has a part in it; its own words stay.
    """
    text = _text(image)
    if says_ai(text):
        return None
    changed = marked(text, term)
    if changed is not None:
        try:
            pdb.gimp_image_set_metadata(image, changed)
        except RuntimeError:
            return UNMARKED  # What matters is there: the layers.
    return MARKED if says_ai(_text(image)) else UNMARKED


def says_ai(text):
    # type: (str) -> bool
    """Whether the Digital Source Type in GIMP's text says that generative AI has a part in the picture."""
    found = _LINE.search(text)
    name = "" if found is None else re.split("[/:]", found.group(1).strip().rstrip("/"))[-1].lower()
    return name in [term.lower() for term in AI_TERMS]


def marked(text, term):
    # type: (str, str) -> Optional[str]
    """Return GIMP's text with this term; None when it has no place for it, or the term is none."""
    if not re.match(re.escape(VOCABULARY) + r"[A-Za-z]+\Z", term) or _END not in text:
        return None
    before, _, after = _LINE.sub("", text).rpartition(_END)
    return '%s  <tag name="%s">%s</tag>\n%s%s' % (before, TAG, term, _END, after)


def _text(image):
    # type: (gimp.Image) -> str
    try:
        return pdb.gimp_image_get_metadata(image) or EMPTY
    except RuntimeError:
        return EMPTY
