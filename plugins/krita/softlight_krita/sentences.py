"""What the plug-in refuses, as an exception whose text is the one sentence for the user."""

from __future__ import annotations

from softlight_bridge.errors import BridgeError


class Refused(BridgeError):
    """Something cannot be done with this picture as it is; the sentence says why and what helps."""


NO_DOCUMENT = "There is no picture; open a photo first."
CLOSED = "The picture was closed before the result was there, so the result was dropped."
CHANGED = "The picture's size or colour space changed meanwhile, so the result was dropped; run it again."
TARGET_GONE = "The layer below the result is gone; choose the photo's layer and run the filter again."
NOTHING_BELOW = "There is no layer below the brush mask; put the photo's layer below it."
CHOOSE = "No layer is chosen; choose the photo's layer in the Layers docker."
SEVERAL = "Several layers are chosen; choose the photo's layer alone."
NO_PHOTO = "There is no photo below the group '{name}'; put its layer there again."
UNMARKED = (
    "Krita lets no plug-in write a picture's metadata, so that what you export does not say that it was "
    "edited with AI; say it where you publish the picture."
)
"""No annotation reaches an exported file (5.2). A layer from a marked file takes its XMP along, but into PNG
and WebP only, and where the photo has metadata of its own Krita then writes neither."""
NO_GROUP = "No Softlight group is chosen; choose the group that a filter made in the Layers docker."
