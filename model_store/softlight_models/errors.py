"""The one error of the model store."""


class ModelStoreError(Exception):
    """A model is missing, is not the file that was released, or its catalogue entry cannot be read.

    The text is one sentence that names cause and remedy. The core turns it into
    `softlight.errors.ModelError`.
    """
