"""What can go wrong between a host and the engine: `str()` of each is the one sentence for the user."""

from __future__ import annotations


class BridgeError(Exception):
    """Base of all of them; raised itself when the engine cannot be reached or started."""


class EngineError(BridgeError):
    """What the engine reported about a job.

    Parameters
    ----------
    sentence : str
        For the user.
    kind : str
        Which kind of error: "MaskError", "PictureError", "SettingsError", "ModelError", "MemoryError" or
        "Defect".
    """

    def __init__(self, sentence: str, kind: str = "Defect") -> None:
        super().__init__(sentence)
        self.kind = kind


class EngineStopped(BridgeError):
    """The engine ended in the middle of a job. Nothing is lost, and the next call starts a new one."""


class Cancelled(BridgeError):
    """The user stopped the job: an adapter's progress callback raises it, and `Engine.run` passes it on."""

    def __init__(self, sentence: str = "Cancelled; nothing was changed.") -> None:
        super().__init__(sentence)


class WireError(BridgeError):
    """A message is garbled, cut off, or larger than it may be; the connection is useless from then on."""
