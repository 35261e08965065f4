"""What onnxruntime's errors mean, in words that can stand in a sentence."""

from __future__ import annotations

import re

# DirectML runs out of memory at creation as well as at run (roop-unleashed#827, diffusers#791).
_OUT_OF_MEMORY = re.compile(
    r"8007000E|Failed to allocate memory|out of memory|not enough memory|bad_alloc|bad allocation"
    r"|CUDA (?:error|failure):? 2\b|cudaErrorMemoryAllocation|CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED",
    re.IGNORECASE,
)
# Device removed, hung, reset: what DirectX says after the driver was restarted.
_DEVICE_LOST = re.compile(r"887A000[567]", re.IGNORECASE)
_NO_DIRECTX_12 = re.compile(r"887A0004|Failed to load dxcore", re.IGNORECASE)

# What stands before the message: DirectML's source and thread, onnxruntime's class of error and source.
_HRESULT = re.compile(r"^.*Exception\(\d+\) tid\(\w+\) (?=[0-9A-F]{8}\b)", re.DOTALL)
_ORIGIN = re.compile(
    r"^(?:\[ONNXRuntimeError\] : \d+ : \w+ : )?(?:\S+\.(?:cc|cpp|h)(?::\d+|\(\d+\))\s+(?:\S*::.*?\) )?)?"
)
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
    if _NO_DIRECTX_12.search(text):
        return "finds no graphics device with DirectX 12"
    words = " ".join(_ORIGIN.sub("", _HRESULT.sub("", text)).split()).rstrip(".") or type(error).__name__
    if len(words) > _LONGEST:
        words = words[:_LONGEST].rstrip() + " …"
    return f"failed ({words})"
