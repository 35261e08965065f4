"""The part of PyGObject, GEGL, babl, GTK and GIMP that the plug-in for GIMP 3 uses, in GIMP 3.0 and 3.2.

Written from GIMP's own documentation, with its names of parameters, and held to the real applications by
tests/hosts/test_gimp3_stubs.py. Where they take or return any of several kinds of layer, it is the one that
the plug-in has to do with.
"""

def require_version(namespace: str, version: str) -> None: ...
