"""Age and expression by networks that a user has installed."""
