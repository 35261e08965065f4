"""Marked glow: Soft glow whose result says that AI made it, unless it is told not to."""
