"""Holds what a stub says against GIMP 3 itself; see `test_gimp3_stubs.py` for the form of what is claimed."""

import importlib
import re

import gi

VERSIONS = {"Gtk": "3.0", "Gdk": "3.0", "GimpUi": "3.0"}
PLAIN = {"int", "float", "str", "bool"}


def main(task):
    for name, version in VERSIONS.items():
        gi.require_version(name, version)
    modules = {name: importlib.import_module(f"gi.repository.{name}") for name in task["claims"]}
    wrong = []
    compared = 0
    for name, claims in task["claims"].items():
        for claim in claims:
            compared += 1
            wrong += [f"{name}.{claim['name']}: {fault}" for fault in faults(modules, name, claim)]
    return {"wrong": wrong, "compared": compared}


def faults(modules, module, claim):
    """What is wrong with one claim."""
    here = modules[module]
    *owner, name = claim["name"].split(".")
    try:
        holder = getattr(here, owner[0]) if owner else here
        real = getattr(holder, name)
    except AttributeError:
        return ["is not there"]
    if claim["kind"] == "class":
        bases = [resolved(modules, module, base) for base in claim["bases"]]
        return [f"is no {base.__name__}" for base in bases if not issubclass(real, base)]
    if claim["kind"] == "function" and type(real).__name__ in ("FunctionInfo", "VFuncInfo"):
        return list(differences(modules, module, claim, real.__doc__))
    return []


def differences(modules, module, claim, signature):
    """How a claimed function differs from its signature, such as `f(self, x:int, y:Layer=None) -> bool`."""
    given, _, returned = signature.partition(") -> ")
    names = re.findall(r"(\w+)(?::([\w.]+))?(=None)?", given.partition("(")[2])
    real = [entry for entry in names if entry[0] != "self"]
    claimed = claim["parameters"]
    if [name for name, _, _ in real] != [name for name, _ in claimed]:
        yield f"takes {claimed}, not {signature}"
        return
    for (name, kind, nullable), (_, said) in zip(real, claimed):
        for one in said.split(" | "):
            if one == "None" and not nullable:
                yield f"{name} may not be None in {signature}"
            if one != "None" and not matches(modules, module, one, kind):
                yield f"{name} is no {one} in {signature}"
    told = returned.split(", ") if returned else ["None"]
    said = claim["returns"] if claim["returns"] else ["None"]
    if len(told) != len(said):
        yield f"returns {said}, not {signature}"
        return
    for one, real_one in zip(said, told):
        kind = real_one.rpartition(":")[2].partition(" or ")[0]
        if not any(matches(modules, module, part, kind) for part in one.split(" | ")):
            yield f"returns {one}, not {signature}"


def matches(modules, module, said, real):
    """Whether what a stub says is the real type, or one of its kinds."""
    if said in PLAIN or real in PLAIN:
        # An enumeration's values are numbers too.
        return said == real or (real == "int" and said not in PLAIN)
    there, here = resolved(modules, "", real), resolved(modules, module, said)
    return there is None or here is None or issubclass(here, there)


def resolved(modules, module, name):
    """The class called `name`, seen from a module; None for what is none, such as a list."""
    space, _, last = name.rpartition(".")
    try:
        found = getattr(modules[space or module], last)
    except (KeyError, AttributeError, NotImplementedError):  # the last one for a callback's type
        return None
    return found if isinstance(found, type) else None
