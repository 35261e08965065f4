"""What the installer and the uninstaller do, in Python of the standard library; their windows are NSIS's.

It runs in a small Python of its own that both carry, so it depends on nothing that is installed. The steps
know no NSIS and, but for `registration`, no Windows, so that they can be tried anywhere.
"""
