"""Two filters on whole faces in GIMP 2.10, in Python 2.7; gimp210_probe.py calls one function of it."""

import gimp
from gimp210_looking import *
from gimpfu import *

FACES = 4
"""The number of "Whole faces" among the masks."""


def faces():
    """Both faces, then the left one, then the right one with other regions, saved and run again."""
    image = opened("two.png")
    photo = image.layers[0]
    found = {"before": digest(photo)}
    select_corner(image)
    both, found["notes"] = dewrinkle(image, photo, mask=FACES)
    found["both"] = tree("both", [both])
    image.remove_layer(both)
    pdb.gimp_selection_none(image)
    left, _ = dewrinkle(image, photo, faces="1")
    found["left"] = tree("left", [left])
    image.remove_layer(left)
    restored, _ = filtered("restore", image, photo, mask=FACES)
    found["restored"] = tree("restored", [restored])
    image.remove_layer(restored)
    edited, _ = filtered("edit", image, photo, mask=FACES, smile=0.5, age=10.0, faces="2")
    found["edited"] = tree("edited", [edited])
    image.remove_layer(edited)
    painted = pdb.python_fu_softlight_new_brush_mask(image, photo)
    right, _ = dewrinkle(image, painted, mask=FACES, faces="2", forehead=0.0, neck=0.25)
    found["mask stays"] = bool(painted.visible)
    found["right"] = tree("right", [right])
    image.remove_layer(painted)
    image = saved_and_reopened(image, "two.xcf")
    again, _ = pdb.python_fu_softlight_rerun(image, image.layers[0])
    found["again"] = tree("again", [again])
    found["after"] = digest(image.layers[-1])
    gimp.delete(image)
    return found


def select_corner(image):
    pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 5, 5, 20, 20)
