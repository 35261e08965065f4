"""Runs beside GIMP 3's windows, as a batch command: answers questions about the open picture until the end.

A question is a JSON file `question.json` in the folder SOFTLIGHT_WATCH; its answer goes to `answer.json`.
"""

import hashlib
import json
import os
import time
import traceback

import gimp3_hands as hands
from gi.repository import Gimp


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
            answer = QUESTIONS[question["what"]](question)
            Gimp.displays_flush()
        except Exception:
            answer = {"traceback": traceback.format_exc()}
        with open(told + ".part", "w", encoding="utf-8") as file:
            json.dump(answer, file)
        os.rename(told + ".part", told)


def shown():
    """The picture that is open; the plug-in may be at work in a duplicate, which is younger."""
    return min(Gimp.get_images(), key=lambda image: image.get_id())


def close(question):
    """Close the picture without a word."""
    # The last display of a picture takes it along.
    for number in range(1, 100):
        display = Gimp.Display.get_by_id(number)
        if display is not None and display.is_valid():
            display.delete()
    return {}


def restart(question):
    """Close what is open, and open a picture anew; `scale` enlarges it, `marked` selects its face.

    With `hidden`, a hidden copy of the photo is what is chosen.
    """
    close(question)
    image = hands.load(question["photo"])
    scale = question.get("scale", 1)
    if scale != 1:
        image.scale(image.get_width() * scale, image.get_height() * scale)
    if "grey" in question:
        image.convert_grayscale()
    if "precision" in question:
        image.convert_precision(getattr(Gimp.Precision, question["precision"]))
    if question.get("indexed"):
        kinds = Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE
        image.convert_indexed(*kinds, 64, False, False, "")
    if question.get("marked"):
        width, height = image.get_width(), image.get_height()
        left, top = width * 0.34, height * 0.22
        image.select_ellipse(Gimp.ChannelOps.REPLACE, left, top, width * 0.35, height * 0.3)
    if question.get("hidden"):
        layer = Gimp.Layer.new_from_drawable(image.get_layers()[0], image)
        image.insert_layer(layer, None, 0)
        layer.set_visible(False)
        image.set_selected_layers([layer])
    if not image.undo_is_enabled():
        image.undo_enable()  # pictures that scripts load have no undo
    image.clean_all()
    Gimp.Display.new(image)
    return {"undo": image.undo_is_enabled()}


def glow(question):
    """Run Soft glow as a script does, or another filter."""
    image = shown()
    hands.must(question.get("filter", hands.SOFT_GLOW), image, image.get_layers())
    return {}


def open_dialog(question):
    """Call a procedure as its menu entry does; the answer comes when its dialog has been closed."""
    image = shown()
    arguments = {} if question.get("plain") else {"run_mode": Gimp.RunMode.INTERACTIVE}
    status, message, _ = hands.call(question["procedure"], image, image.get_selected_drawables(), **arguments)
    return {"status": status, "message": message}


def labels(question):
    """The menu entries of all procedures of ours."""
    pdb = Gimp.get_pdb()
    names = pdb.query_procedures("plug-in-softlight-.*", *[".*"] * 7)
    return {name: pdb.lookup_procedure(name).get_menu_label() for name in names}


def rename(question):
    """Give the topmost layer another name."""
    shown().get_layers()[0].set_name(question["name"])
    return {}


def metadata(question):
    """The lines of the picture's metadata that name a source type."""
    return {"source types": hands.source_types(shown())}


def look(question):
    """All layers, what is selected, and the digests of the photo and of what is seen."""
    image = shown()
    return {
        "tree": hands.tree(image),
        "selected": [item.get_name() for item in image.get_selected_drawables()],
        "photo": hands.digest(image.get_layers()[-1]),
        "exact": hashlib.sha256(hands.flattened(image, None)).hexdigest(),
        "seen": hands.keep(question["folder"], "seen.raw", hands.flattened(image, "R'G'B' u8")),
        "size": [image.get_width(), image.get_height()],
        "changed": image.is_dirty(),
        "settings": [
            json.loads(bytes(layer.get_parasite("softlight-result").get_data()))["settings"]
            for layer in image.get_layers()
            if layer.get_parasite("softlight-result") is not None
        ],
    }


def expand(question):
    """Show in the list what lies in groups."""
    for layer in shown().get_layers():
        if layer.is_group():
            layer.set_expanded(True)
    return {}


QUESTIONS = {
    "close": close,
    "restart": restart,
    "look": look,
    "glow": glow,
    "expand": expand,
    "metadata": metadata,
    "open_dialog": open_dialog,
    "labels": labels,
    "rename": rename,
}
