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
        "Defect"; of the model store also `NOT_ACCEPTED` and `NOT_CONFIRMED`, which ask the user a question.
    models : tuple of str
        The models that such a question is about.
    """

    NOT_ACCEPTED = "NotAccepted"
    """The terms of `models` have to be shown and accepted first."""
    NOT_CONFIRMED = "NotConfirmed"
    """Nobody knows the checksum of a file: the user has to say that it really is one of `models`."""

    def __init__(self, sentence: str, kind: str = "Defect", models: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.kind, self.models = kind, models


class EngineStopped(BridgeError):
    """The engine ended in the middle of a job. Nothing is lost, and the next call starts a new one."""


class Cancelled(BridgeError):
    """The user stopped the job: an adapter's progress callback raises it, and `Engine.run` passes it on."""

    def __init__(self, sentence: str = "Cancelled; nothing was changed.") -> None:
        super().__init__(sentence)


class WireError(BridgeError):
    """A message is garbled, cut off, or larger than it may be; the connection is useless from then on."""
