"""Softlight in GIMP 3: filters that return layers, from a selection or from painted strokes.

Runs in GIMP's own Python with nothing but the standard library, GIMP's API and `softlight_bridge`.
"""
