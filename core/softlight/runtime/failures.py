"""What onnxruntime's errors mean."""

from __future__ import annotations

import re

# DirectML runs out of memory at creation as well as at run (roop-unleashed#827, diffusers#791).
_OUT_OF_MEMORY = re.compile(
    r"8007000E|Failed to allocate memory|out of memory|not enough memory|bad_alloc|bad allocation"
    r"|CUDA (?:error|failure):? 2\b|cudaErrorMemoryAllocation|CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED",
    re.IGNORECASE,
)
# Device removed, hung, reset: what DirectX says after the driver was restarted.
_DEVICE_LOST = re.compile(r"887A000[567]|device (?:was |has been )?(?:removed|hung|reset)", re.IGNORECASE)
_LONGEST = 160


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether `error` means that a device has too little memory."""
    return isinstance(error, MemoryError) or bool(_OUT_OF_MEMORY.search(str(error)))


def reason(error: BaseException) -> str:
    """Return what went wrong as the second half of a sentence that begins with the device's name."""
    text = str(error)
    if is_out_of_memory(error):
        return "ran out of memory"
    if _DEVICE_LOST.search(text):
        return "lost its graphics device (the driver was reset)"
    words = " ".join(text.split()) or type(error).__name__
    if len(words) > _LONGEST:
        words = words[:_LONGEST].rstrip() + " …"
    return f"failed ({words})"
