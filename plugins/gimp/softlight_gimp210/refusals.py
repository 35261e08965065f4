"""What the plug-in says instead of working."""


class Refusal(Exception):
    """A job cannot be done, and the picture is as it was; `str()` is the one sentence for the user."""
