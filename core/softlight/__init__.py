"""Softlight's engine: portrait-retouching filters that return layers, never a changed photo."""

__version__ = "0.1.0"
