"""Hair: where it is, its colour, its shape, and what years do to it."""
