#!/usr/bin/env python3
"""Softlight for GIMP: the file that GIMP starts.

Any Python can parse it, so that an old one is told what it lacks instead of failing at a line of new syntax.
"""

import os
import sys


def _main() -> None:
    if sys.version_info < (3, 9):
        sys.exit("Softlight needs the Python 3.9 or later of GIMP 3.0; this one is " + sys.version)
    import gi

    for name, version in (("Gimp", "3.0"), ("Gegl", "0.4"), ("Babl", "0.1")):
        gi.require_version(name, version)
    from gi.repository import Gimp

    if Gimp.MAJOR_VERSION < 3:
        sys.exit("Softlight needs GIMP 3.0 or later; this is the development version " + Gimp.version())
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from softlight_bridge import translation

    # GIMP tells its plug-ins its own language in LANGUAGE. Before anything that has a text is imported.
    translation.speak(translation.of_environment())
    from softlight_gimp.plugin import Softlight

    Gimp.main(Softlight.__gtype__, sys.argv)


_main()
