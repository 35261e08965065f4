"""Eyes that look elsewhere."""
