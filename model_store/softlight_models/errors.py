"""The one error of the model store."""


class ModelStoreError(Exception):
    """A model is missing, is not the file that was released, or its catalogue entry cannot be read.

    The text is one sentence that names cause and remedy. The core turns it into
    `softlight.errors.ModelError`.
    """


class _Question(ModelStoreError):
    """What cannot be done before the user has answered.

    Parameters
    ----------
    sentence : str
    models : tuple of str
        Ids of the catalogue entries that it is about.
    """

    def __init__(self, sentence: str, models: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.models = models


class NotAccepted(_Question):
    """The terms of `models` were not accepted; they have to be shown first."""


class NotConfirmed(_Question):
    """Nobody knows the checksum of a file, and the user did not say that it really is one of `models`."""
