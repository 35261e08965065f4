"""The engine's server: one process per user that runs filters for GIMP and Krita.

``python -I -m softlight.engine`` starts it; the plug-ins do so by themselves. It keeps the models warm
between jobs, does one job at a time, and ends when nobody has needed it for a while.
"""
