"""What a label map of wrinkles holds: the codes that `label_portraits.py` writes; 0 is what is no wrinkle."""

from __future__ import annotations

WRINKLE, UNKNOWN = 255, 128
