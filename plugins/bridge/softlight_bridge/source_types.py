"""The terms of IPTC's Digital Source Type, by which a picture's metadata say that AI changed it.

The core's own are `softlight.layers.SourceType`, for layers, and `softlight.files.source_type`, for files; a
test holds them together.
"""

from __future__ import annotations

import re

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_TERMS = ("trainedAlgorithmicMedia", "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia")
"""The terms by which a picture says already that generative AI has a part in it; they are never replaced."""


def is_term(value: str) -> bool:
    """Whether it is the URI of a term, known here or not."""
    return value.startswith(VOCABULARY) and re.fullmatch("[A-Za-z]+", value[len(VOCABULARY) :]) is not None


def says_ai(value: str) -> bool:
    """Whether a picture's own value, as a URI or as a bare name, says that generative AI has a part in it."""
    name = re.split("[/:]", value.strip().rstrip("/"))[-1].lower()
    return name in (term.lower() for term in AI_TERMS)
