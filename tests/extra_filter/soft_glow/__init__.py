"""Soft glow: the painted part becomes lighter."""
