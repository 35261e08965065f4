"""Things that go wrong, and many runs in a row, in GIMP 3: `case` names the function."""

import os
import time

import gimp3_hands as hands
from gi.repository import Gimp


def main(task):
    return globals()[task["case"]](task)


def picture(task, scale=1):
    """A portrait, enlarged, with its face selected."""
    image = hands.load(task["photo"])
    image.scale(image.get_width() * scale, image.get_height() * scale)
    width, height = image.get_width(), image.get_height()
    image.select_ellipse(Gimp.ChannelOps.REPLACE, width * 0.34, height * 0.22, width * 0.35, height * 0.3)
    return image


def engine_killed(task):
    """For each stage a job whose engine dies there, and the next one."""
    image = picture(task)
    (photo,) = image.get_layers()
    told = {}
    for stage in task["stages"]:
        image.clean_all()
        before, pixels = hands.tree(image), hands.digest(photo)
        with open(task["stage"], "w", encoding="ascii") as file:
            file.write(stage)
        status, message, _ = hands.call(hands.SOFT_GLOW, image, [photo])
        untouched = hands.tree(image) == before and hands.digest(photo) == pixels and not image.is_dirty()
        had_effect = not os.path.exists(task["stage"])
        group = hands.must(hands.SOFT_GLOW, image, [photo])
        image.remove_layer(group)
        del group
        told[stage] = {
            "status": status,
            "message": message,
            "untouched": untouched,
            "had effect": had_effect,
            "as before": hands.digest(photo) == pixels,
        }
    del photo
    hands.forget(image)
    return told


def without_engine(task):
    image = picture(task)
    status, message, _ = hands.call(hands.DEWRINKLE, image, image.get_layers())
    hands.forget(image)
    return {"status": status, "message": message}


def many_runs(task):
    """Run one filter again and again, and tell GIMP's memory in MB after each run."""
    image = picture(task)
    image.undo_disable()
    (photo,) = image.get_layers()
    group = hands.must(hands.SOFT_GLOW, image, [photo])
    sizes, times = [], []
    for number in range(task["runs"]):
        begun = time.monotonic()
        if number % 3 == 0:
            group = hands.must(hands.RUN_AGAIN, image, [group])
        elif number % 3 == 1:
            # What is seen below is drawn anew for it, in a duplicate of the picture.
            group = hands.must(hands.BAKE, image, [group])
        else:
            image.remove_layer(group)
            group = hands.must(hands.SOFT_GLOW, image, [photo])
        times.append(time.monotonic() - begun)
        sizes.append(memory())
    layers = len(image.get_layers())
    del photo, group
    hands.forget(image)
    return {"sizes": sizes, "times": times, "layers": layers}


def memory():
    """MB that GIMP holds, which has started this script."""
    with open(f"/proc/{os.getppid()}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
