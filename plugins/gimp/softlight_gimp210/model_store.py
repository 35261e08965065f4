"""`softlight models`, asked by the plug-in: models as dictionaries, and the words in which they are shown.

The words are those of the other hosts (`softlight_bridge.model_words`); a test holds the two together.
"""

from softlight_gimp210 import jobs
from softlight_gimp210.refusals import Refusal
from softlight_gimp210.texts import for_gimp
from softlight_gimp210.translation import _, pgettext, shown

MYPY = False
if MYPY:
    from typing import Any, Dict, List  # noqa: F401

    from softlight_gimp210.jobs import Progress  # noqa: F401

LIMITS = {
    "none": "free for any use",
    "attribution": "its maker must be named",
    "copyleft": "copyleft: what is built on it must be as free",
    "non-commercial": "not for commercial use",
}
STATES = {
    "embedded": "comes with Softlight",
    "installed": "installed",
    "damaged": "damaged",
    "partial": "incomplete",
    "available": "not installed",
    "import-only": "only by import",
    "forbidden": "not allowed",
}
UNITS = ((10.0**9, "GB"), (10.0**6, "MB"), (10.0**3, "kB"))
OWN = "LicenseRef-"


class Question(Refusal):
    """What cannot be done before the user has answered.

    Parameters
    ----------
    sentence : str
    asked : dict
        With the key "question": "licence" (then also "terms") or "confirm" (then also "models").
    """

    def __init__(self, sentence, asked):
        # type: (str, Dict[str, Any]) -> None
        Refusal.__init__(self, sentence)
        self.asked = asked


def ask(command, words, progress):
    # type: (List[str], List[str], Progress) -> Dict[str, Any]
    """Run ``softlight models WORDS`` and return what it says.

    Parameters
    ----------
    command : list of str
        How the command line is started.
    words : list of str
    progress : callable
        Called with the share that is done and what is done; what it raises ends the command.

    Raises
    ------
    Question
        When the user has to accept or confirm something first.
    Refusal
        With the command line's own sentence.
    """
    with jobs.kept_folder() as (keeper, folder):
        status, said = jobs.follow(keeper, command + ["models"] + words + ["--json"], progress)
        found = jobs.answer(folder)
        if status == 0:
            return found
        sentence = jobs.why(folder, status, said)
        if "question" in found:
            raise Question(sentence, found)
        raise Refusal(sentence)


def role(name):
    # type: (str) -> str
    """Return the words for a role."""
    words = for_gimp(name).replace("-", " ")
    return pgettext("role", words[:1].upper() + words[1:])


def state(model):
    # type: (Dict[str, Any]) -> str
    """Return how a model stands."""
    if model["active"]:
        return pgettext("state", "in use, your choice") if model["chosen"] else pgettext("state", "in use")
    return pgettext("state", STATES[model["state"]])


def size(count):
    # type: (Any) -> str
    """Return a size as people read it."""
    if count is None:
        return pgettext("size", "unknown")
    for unit, name in UNITS:
        if count >= unit:
            whole = count / unit
            return ("%.1f %s" if whole < 10 else "%.0f %s") % (whole, name)
    return "%d bytes" % count


def licence(model):
    # type: (Dict[str, Any]) -> str
    """Return a licence as it stands in a list."""
    name = for_gimp(model["licence"])
    if name.startswith(OWN):
        name = name[len(OWN) :]
    if model["limit"] == "non-commercial":
        return _("{licence}, not commercial").format(licence=name)
    return name


def terms(model):
    # type: (Dict[str, Any]) -> str
    """Return what a user reads before a download, one fact a line; a model has the keys of its terms."""
    lines = [
        _("Size: {size}").format(size=size(model["size"])),
        _("Licence: {licence}").format(licence=for_gimp(model["licence"])),
        _("Use: {limit}").format(limit=_(LIMITS[model["limit"]])),
        for_gimp(model["terms"]),
        for_gimp(model["url"] or ""),
    ]
    return "\n".join(line for line in lines if line)


def facts(model):
    # type: (Dict[str, Any]) -> str
    """Return all that is known of a model."""
    year = "" if model["year"] is None else ", %d" % model["year"]
    parts = [model["use_when"], model["vendor"] + year, terms(model), shown(model["why"] or "")]
    return "\n\n".join(for_gimp(part) for part in parts if part)
