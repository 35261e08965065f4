"""A mouth that opens and closes."""
