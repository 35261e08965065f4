"""The errors that users read: one sentence each, naming the cause and the remedy."""


class SoftlightError(Exception):
    """Base of every error whose text is written for the user.

    The text is one clear sentence. The command line prints it and leaves with `exit_code`;
    anything that is not a `SoftlightError` is a defect of ours.
    """

    exit_code = 1


class SettingsError(SoftlightError):
    """A setting of a filter is unknown, of the wrong kind, or out of its range."""

    exit_code = 2


class UnknownSettingError(SettingsError):
    """There is no such filter or setting, or it does not take such a value; another version's may."""


class PictureError(SoftlightError):
    """A picture cannot be read, is of a kind we do not take, or cannot be written."""

    exit_code = 3


class MaskError(SoftlightError):
    """A mask does not fit the picture, is empty, or covers nothing that the filter can work on."""

    exit_code = 4


class ModelError(SoftlightError):
    """A model file is missing, is not the file that was released, or does not run."""

    exit_code = 5


class Cancelled(SoftlightError):
    """The user stopped the job; nothing was written."""

    exit_code = 130

    def __init__(self, message: str = "Cancelled; nothing was written.") -> None:
        super().__init__(message)


class PluginError(SoftlightError):
    """A plug-in cannot be put into a host, or taken out of it, or would not appear there."""

    exit_code = 7
