"""The runtime: sessions of networks, on the fastest device that was seen to agree with the CPU.

Everything here needs only numpy, onnxruntime and platformdirs: a bare Windows Python can try it.
"""

from softlight.runtime.models import Model
from softlight.runtime.runtime import Runtime
from softlight.runtime.session import Session

__all__ = ["Model", "Runtime", "Session"]
