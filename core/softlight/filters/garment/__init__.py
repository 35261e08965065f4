"""Garment creases: folds and creases of clothes go, seams, buttons, patterns and weave stay."""
