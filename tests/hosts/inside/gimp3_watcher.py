"""Runs beside GIMP 3's windows, as a batch command: answers questions about the open picture until the end.

A question is a JSON file `question.json` in the folder SOFTLIGHT_WATCH; its answer goes to `answer.json`.
"""

import json
import os
import time
import traceback

import gimp3_hands as hands
from gi.repository import Gimp


def look(image, question):
    """All layers, what is selected, and the digests of the photo and of what is seen."""
    return {
        "tree": hands.tree(image),
        "selected": [layer.get_name() for layer in image.get_selected_layers()],
        "photo": hands.digest(image.get_layers()[-1]),
        "seen": hands.keep(question["folder"], "seen.raw", hands.flattened(image, "R'G'B' u8")),
        "size": [image.get_width(), image.get_height()],
        "settings": [
            json.loads(bytes(layer.get_parasite("softlight-result").get_data()))["settings"]
            for layer in image.get_layers()
            if layer.get_parasite("softlight-result") is not None
        ],
    }


def expand(image, question):
    for layer in image.get_layers():
        if layer.is_group():
            layer.set_expanded(True)
    Gimp.displays_flush()
    return {}


def enlarge(image, question):
    """Make the picture larger, so that a job takes long enough to be cancelled."""
    factor = question["factor"]
    image.scale(image.get_width() * factor, image.get_height() * factor)
    width, height = image.get_width(), image.get_height()
    image.select_ellipse(Gimp.ChannelOps.REPLACE, width * 0.34, height * 0.22, width * 0.35, height * 0.3)
    image.set_selected_layers([image.get_layers()[-1]])
    Gimp.displays_flush()
    return {}


def watch():
    folder = os.environ["SOFTLIGHT_WATCH"]
    asked, told = os.path.join(folder, "question.json"), os.path.join(folder, "answer.json")
    while True:
        if not os.path.exists(asked):
            time.sleep(0.05)
            continue
        with open(asked, encoding="utf-8") as file:
            question = json.load(file)
        os.unlink(asked)
        if question["what"] == "end":
            return
        try:
            answer = {"look": look, "expand": expand, "enlarge": enlarge}[question["what"]](
                Gimp.get_images()[0], question
            )
        except Exception:
            answer = {"traceback": traceback.format_exc()}
        with open(told + ".part", "w", encoding="utf-8") as file:
            json.dump(answer, file)
        os.rename(told + ".part", told)
