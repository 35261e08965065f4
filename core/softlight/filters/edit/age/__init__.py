"""What years do to skin."""
