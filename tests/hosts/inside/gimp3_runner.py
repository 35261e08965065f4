"""Runs in GIMP 3's python-fu-eval: calls one script's `main`, and writes its answer or its traceback."""

import importlib
import json
import traceback


def run(script, task, answer):
    with open(task, encoding="utf-8") as file:
        given = json.load(file)
    try:
        told = importlib.import_module(script).main(given)
    except BaseException:
        told = {"traceback": traceback.format_exc()}
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(told, file)
