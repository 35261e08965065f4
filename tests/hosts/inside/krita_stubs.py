"""Runs in kritarunner: says what Krita's own scripting interface has of the names in SOFTLIGHT_NAMES.

`[[class, attribute], …]` becomes `[class, attribute, there, docstring]`; SIP writes the signature into it.
"""

import json
import os

import krita


def compare(arguments):
    found = []
    for owner, name in json.loads(os.environ["SOFTLIGHT_NAMES"]):
        attribute = getattr(getattr(krita, owner, None), name, None)
        found.append([owner, name, attribute is not None, getattr(attribute, "__doc__", "") or ""])
    with open(os.environ["SOFTLIGHT_OUT"], "w") as file:
        json.dump({"version": krita.Krita.instance().version(), "found": found}, file)
