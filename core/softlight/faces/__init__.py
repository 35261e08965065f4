"""Whole faces: found, measured, divided into regions, and told apart from what must stay."""
