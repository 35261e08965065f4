"""Which texts of the sources are for users: marked labels, filters' descriptions, and sentences.

A sentence is an error, a note or what is told as progress. It needs no mark: it is a text with a full stop,
as the house rules want it, or what a progress is called with. An f-string becomes a template whose places
have the names of what is put in: ``f"{layer.name} is hidden."`` becomes ``{name} is hidden.``.
"""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from softlight_models.contracts import CONTRACTS

ROOT = Path(__file__).parents[2]
FILTERS = "plugins/bridge/softlight_bridge/filters.json"

SENTENCES = (
    "plugins/**/*.py",
    "core/softlight/*.py",
    "core/softlight/batch/*.py",
    "core/softlight/cli/**/*.py",
    "core/softlight/engine/*.py",
    "core/softlight/faces/analysis.py",
    "core/softlight/files/*.py",
    "core/softlight/filters/**/*.py",
    "core/softlight/plugins/*.py",
    "core/softlight/runtime/*.py",
    "model_store/softlight_models/*.py",
)
"""Where sentences for users are made."""

ENGLISH = (
    "core/softlight/bug_report.py",
    "core/softlight/doctor.py",
    "core/softlight/engine/log.py",
    "core/softlight/engine/settings.py",
    "core/softlight/defects.py",
    "core/softlight/engine/visitor.py",
    "core/softlight/files/source_type.py",
    "core/softlight/filters/*/settings.py",
    "core/softlight/filters/shared_parameters.py",
    "core/softlight/layers.py",
    "core/softlight/picture.py",
    "core/softlight/plugins/how_to_install.py",
    "core/softlight/runtime/installation.py",
    "core/softlight/runtime/self_check.py",
    "model_store/softlight_models/bundled.py",
    "model_store/softlight_models/entry_file.py",
    "model_store/softlight_models/onnx_*.py",
    "model_store/softlight_models/released.py",
    "model_store/softlight_models/json_files.py",
    "model_store/softlight_models/pruning.py",
    "model_store/softlight_models/schema.py",
    "model_store/softlight_models/wire_format.py",
    "plugins/bridge/softlight_bridge/checking.py",
    "plugins/bridge/softlight_bridge/listening.py",
    "plugins/bridge/softlight_bridge/private_files.py",
    "plugins/bridge/softlight_bridge/wire.py",
)
"""What stays English: reports for developers, and what is wrong inside of files that developers write."""

CLAUSES = (
    "core/softlight/cli/plugins.py",
    "core/softlight/engine/jobs.py",
    "core/softlight/filters/**/*.py",
    "model_store/softlight_models/download.py",
    "model_store/softlight_models/faults.py",
    "model_store/softlight_models/index.py",
    "model_store/softlight_models/policy.py",
    "model_store/softlight_models/transfer.py",
    "plugins/bridge/softlight_bridge/conversation.py",
    "plugins/bridge/softlight_bridge/handshake.py",
    "plugins/krita/softlight_krita/targets.py",
)
"""Where sentences are put together of clauses, which are translated each for itself."""

PROGRESS = {"progress", "tell", "report", "_report", "working", "say", "_News", "ticking"}
"""Functions that are told what happens."""

NOT_FOR_USERS = {
    "log", "logging", "warnings", "re", "getattr", "namedtuple", "TypeVar", "ValueError", "TypeError",
    "AssertionError", "NotImplementedError", "KeyError", "RuntimeError", "ImportError", "exit", "compile",
}  # fmt: skip
LEAST = 4
"""Letters that what is told as progress has besides its values."""
WRAPPERS = {"str", "round", "len", "repr", "for_gimp", "printable", "sorted", "map", "host_of"}
"""Functions whose argument says more than their name, for the name of a place."""
OTHERS = (
    "{label} (background)",
    "{host} answered {status} ({phrase})",
    "Face",
    "face",
    "the CPU",
    "the CPU with basic optimisation",
    "wrinkles",
    "8 bits",
    "16 bits",
    "half float",
    "float",
    "nothing",
    ".png or .tif",
    "turn it by 90 degrees",
    "paint it on the photo at full size",
    "close other programs or use a machine with more memory",
    "needs no download",
    "is there on the other machine as well",
    "stays with it",
    "a model that the catalogue knows",
    "holds '{name}' compressed",
    "holds '{name}', which it does not list",
)
"""What no rule finds: the name of a layer, and what is put into sentences; a number follows "face"."""
NOT_FOR_TRANSLATORS = re.compile(
    r"softlight download|inner mouth|Age, hair|application/vnd.*|A process (of|with) another .*"
    r"|The job was given up\.|A connection did not finish .*|The other side did not .*"
    r"|The engine sent an unknown .*"
)
"""Texts that only look as if they were for users: they go into a log, a header, or nowhere."""
MARKS = {"_": 0, "ngettext": 0, "pgettext": 1}
"""Functions of `softlight_bridge.translation`, and which argument is the text."""


_PLACE = re.compile(r"\{\w*\}")


class Text(NamedTuple):
    """One text for translators."""

    message: str
    context: str | None
    plural: str | None
    place: str
    """File that it is in, below the root."""
    comments: tuple[str, ...] = ()


def texts() -> list[Text]:
    """Return all texts of the sources, in the order of files and lines."""
    found = [*_described(ROOT / FILTERS), *_roles(), *_of_argparse()]
    found += [Text(message, None, None, "core/softlight/filters") for message in OTHERS]
    labels = {text.message for text in found}
    english = {path for pattern in ENGLISH for path in ROOT.glob(pattern)}
    clauses = {path for pattern in CLAUSES for path in ROOT.glob(pattern)}
    for path in sorted({path for pattern in SENTENCES for path in ROOT.glob(pattern)} - english):
        # What is a label already is found by its words alone, too.
        found += [
            text for text in _of_module(path, path in clauses) if text.context or text.message not in labels
        ]
    return found


def _described(path: Path) -> Iterator[Text]:
    """Yield what filters say of themselves, as hosts and the command line ask for it."""
    for one in json.loads(path.read_text("utf-8"))["filters"]:
        name = one["label"]
        yield Text(one["label"], "menu", None, FILTERS, ("A filter's name, in menus and of layers.",))
        yield Text(one["help"], None, None, FILTERS, (f"{name}: what the filter does.",))
        if one["view"]:
            yield Text(one["view"], "choice", None, FILTERS, (f"{name}: a button that shows this map.",))
        for parameter in one["parameters"]:
            about = f"{name} › {parameter['label']}"
            yield Text(parameter["label"], "label", None, FILTERS, (f"{about}: beside a slider or a field.",))
            yield Text(parameter["help"], None, None, FILTERS, (f"{about}: tooltip.",))
            if parameter["unit"]:
                yield Text(parameter["unit"], "unit", None, FILTERS, (f"{about}: behind the number.",))
            if parameter["group"]:
                yield Text(parameter["group"], "heading", None, FILTERS, (f"{name}: above several sliders.",))
            for choice in parameter["choices"]:
                yield Text(choice["label"], "choice", None, FILTERS, (f"{about}: one of its values.",))


def _roles() -> Iterator[Text]:
    """Yield what models are for, as `softlight_bridge.model_words.role` words it."""
    for role in sorted({contract.role for contract in CONTRACTS}):
        words = role.replace("-", " ")
        comment = "What a model does, as a heading of the list of models."
        yield Text(words[:1].upper() + words[1:], "role", None, "model_store/contracts", (comment,))


def _of_argparse() -> Iterator[Text]:
    comment = ("Python's argparse says it; keep %(…)s and %s, and the space at the end.",)
    for message in (
        "usage: ",
        "positional arguments",
        "options",
        "show this help message and exit",
        "show program's version number and exit",
        "the following arguments are required: %s",
        "unrecognized arguments: %s",
        "expected one argument",
        "argument %(argument_name)s: %(message)s",
        "invalid choice: %(value)r (choose from %(choices)s)",
    ):
        yield Text(message, None, None, "argparse", comment)


def _of_module(path: Path, clauses: bool) -> Iterator[Text]:
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    words = {**_constants(), **_constants_of(tree)}
    place = path.relative_to(ROOT).as_posix()
    lines = source.splitlines()
    skipped = {id(node) for node in _skipped(tree)}
    found: list[tuple[int, Text]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in MARKS:
            marked = _marked(node, place, lines)
            if marked is not None:
                found.append((node.lineno, marked))
                skipped.update(id(inner) for inner in ast.walk(node))
    for node, progress in _candidates(tree):
        if id(node) in skipped:
            continue
        skipped.update(id(inner) for inner in ast.walk(node))
        message = (template(node, words) or "").strip(" ")
        if not NOT_FOR_TRANSLATORS.fullmatch(message) and (
            _is_sentence(message) or (progress and _is_progress(message)) or (clauses and _is_clause(message))
        ):
            found.append((node.lineno, Text(message, None, None, place, _about(message, progress))))
    yield from (text for _, text in sorted(found, key=lambda one: one[0]))


def _skipped(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield docstrings, and what is never for users."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.JoinedStr):
            yield node.value
        elif (isinstance(node, ast.Call) and _called(node) in NOT_FOR_USERS) or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and _name(node.func.value) in NOT_FOR_USERS
        ):
            yield from ast.walk(node)


def _candidates(tree: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """Yield texts, the outer before the inner, and whether they are told as progress."""
    told = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in PROGRESS:
            told.update(id(argument) for argument in node.args)
        if isinstance(node, ast.BinOp | ast.JoinedStr | ast.Constant):
            yield node, id(node) in told


@functools.cache
def _constants() -> dict[str, str]:
    """Return clauses that modules share under a name: a sentence that uses one holds its words."""
    found: dict[str, str] = {}
    for path in (ROOT / "model_store" / "softlight_models").glob("*.py"):
        found.update(_constants_of(ast.parse(path.read_text("utf-8"))))
    return found


def _constants_of(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            if isinstance(value, str) and " " in value:
                found[node.targets[0].id] = value
    return found


def template(node: ast.expr, words: Mapping[str, str] = {}) -> str | None:
    """Return the text of a literal, an f-string or a %-format as a template; None for all else.

    Parameters
    ----------
    node : ast.expr
    words : mapping of str to str
        Constants that are put in as they are.
    """
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        names: dict[str, str] = {}
        return "".join(
            part.value.replace("{", "{{").replace("}", "}}")
            if isinstance(part, ast.Constant)
            else _part(part.value, names, words)  # type: ignore[attr-defined]
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        values = list(node.right.elts) if isinstance(node.right, ast.Tuple) else [node.right]
        pieces = re.split(r"%[sdgr]", str(node.left.value))
        if len(pieces) == len(values) + 1:
            names = {}
            ends = [_part(value, names, words) for value in values] + [""]
            return "".join(piece + end for piece, end in zip(pieces, ends))
    return None


def _part(value: ast.expr, names: dict[str, str], words: Mapping[str, str]) -> str:
    known = words.get(value.id) if isinstance(value, ast.Name) else None
    return "{" + _place(value, names) + "}" if known is None else known


def _place(value: ast.expr, names: dict[str, str]) -> str:
    """Return the name of a place in a template: the same for the same value, another for another."""
    told = ast.unparse(value)
    name = _name(value).strip("_").lower() or "value"
    name = {"get_name": "name", "strerror": "reason", "log_path": "log", "version": "version"}.get(name, name)
    name = {"key_path": "path"}.get(name, name)
    number = 2
    while names.setdefault(name, told) != told:
        name = f"{name.rstrip('0123456789')}{number}"
        number += 1
    return name


def _name(value: ast.expr) -> str:
    """Return the word by which a reader knows a value."""
    if isinstance(value, ast.Name):
        return value.id
    if isinstance(value, ast.Attribute):
        return "kind" if value.attr == "__name__" else value.attr
    if isinstance(value, ast.Call):
        if isinstance(value.func, ast.Attribute) and value.func.attr == "join" and value.args:
            return _name(value.args[0])
        if (
            _name(value.func) in ("str", "round", "len", "repr", "for_gimp", "printable", "sorted")
            and value.args
        ):
            return _name(value.args[0])
        return _name(value.func)
    if isinstance(value, ast.BoolOp):
        return _name(value.values[0])
    if isinstance(value, ast.BinOp):
        return _name(value.left)
    if isinstance(value, ast.Subscript):
        if isinstance(value.slice, ast.Constant) and isinstance(value.slice.value, str):
            return value.slice.value
        return _name(value.value)
    if isinstance(value, ast.IfExp):
        return _name(value.body)
    if isinstance(value, ast.GeneratorExp):
        return _name(value.elt)
    return ""


def _called(node: ast.Call) -> str:
    return _name(node.func)


def _about(message: str, progress: bool) -> tuple[str, ...]:
    """Return what a translator should know that the place does not say."""
    if progress:
        return ("Said while it is done.",)
    return () if _is_sentence(message) else ("Put into sentences that others make.",)


def _words(message: str) -> list[str]:
    return re.findall(r"[A-Za-z]{2,}", _PLACE.sub(" ", message))


def _is_sentence(message: str) -> bool:
    ends = bool(re.search(r"[.?]$", message))
    return ends and len(_words(message)) > 2 and not re.match(r"[a-z^*]", message)


def _is_progress(message: str) -> bool:
    return len("".join(_words(message))) >= LEAST and "_" not in _PLACE.sub("", message)


def _is_clause(message: str) -> bool:
    words = re.findall(r"[A-Za-z]+", _PLACE.sub(" ", message))
    return len(words) > 1 and " " in message and not re.search(r"[<\\]", message)


def _marked(node: ast.Call, place: str, lines: list[str]) -> Text | None:
    literal = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    name = _called(node)
    if len(literal) <= MARKS[name]:
        return None
    comments = []
    for line in reversed(lines[: node.lineno - 1]):
        if not line.strip().startswith("# Translators: "):
            break
        comments.insert(0, line.strip().removeprefix("# Translators: "))
    if name == "ngettext":
        return Text(literal[0], None, literal[1], place, tuple(comments))
    context = literal[0] if name == "pgettext" else None
    return Text(literal[MARKS[name]], context, None, place, tuple(comments))
