#!/usr/bin/env python2
"""A plug-in for GIMP 2.10 that runs one function of a test's script and writes down what it returns.

A batch command can only call procedures; this one lets the tests be written in Python 2.7.
"""

import json
import os
import sys
import traceback

from gimpfu import PF_STRING, main, register


def probe(script, function, out):
    """Call `function` of the module `script`, and write its result, or the traceback, as JSON."""
    folder, name = os.path.split(script)
    sys.path.insert(0, folder)
    try:
        found = {"result": getattr(__import__(name), function)()}
    except Exception:
        found = {"traceback": traceback.format_exc()}
    with open(out + ".part", "w") as file:
        json.dump(found, file)
    os.rename(out + ".part", out)


register(
    "python-fu-softlight-probe", "Probe", "Probe", "", "", "", "", "",
    [(PF_STRING, "script", "", ""), (PF_STRING, "function", "", ""), (PF_STRING, "out", "", "")],
    [], probe,
)  # fmt: skip
main()
