"""Scenes in GIMP 2.10 that shall not work, or are disturbed, in Python 2.7."""

import gimp
from gimp210_looking import *
from gimpfu import *


def refusals():
    """Every refusal: the case's name as a message, then what the plug-in says, and how the call ended."""
    found = {}
    for name, prepare in sorted(REFUSALS.items()):
        image = opened("portrait.png")
        gimp.message("CASE " + name)
        call = prepare(image)
        state = [layer.ID for layer in image.layers], [digest(layer) for layer in image.layers]
        try:
            call()
            outcome = "worked"
        except RuntimeError as error:
            outcome = str(error)
        after = [layer.ID for layer in image.layers], [digest(layer) for layer in image.layers]
        found[name] = {"outcome": outcome, "unchanged": after == state}
        gimp.delete(image)
    return found


def _selected(image):
    select(image, "mask.png")
    return image


def no_face(image):
    fill(image.layers[0], b"\x60" * len(raw(image.layers[0])))
    return lambda: dewrinkle(image, image.layers[0])


def no_such_face(image):
    return lambda: dewrinkle(image, image.layers[0], faces="1,7")


def no_face_numbers(image):
    return lambda: dewrinkle(image, image.layers[0], faces="left")


def everything_of_whole_faces(image):
    return lambda: dewrinkle(_selected(image), image.layers[0], target=1, mask=4)


def hidden(image):
    _selected(image).layers[0].visible = False
    return lambda: dewrinkle(image, image.layers[0])


def locked_group(image):
    group = pdb.gimp_layer_group_new(_selected(image))
    pdb.gimp_image_insert_layer(image, group, None, 0)
    copy = pdb.gimp_layer_copy(image.layers[1], False)
    pdb.gimp_image_insert_layer(image, copy, group, 0)
    pdb.gimp_item_set_lock_content(group, True)
    return lambda: dewrinkle(image, copy)


def channel(image):
    chosen = pdb.gimp_selection_save(_selected(image))
    return lambda: dewrinkle(image, chosen)


def layer_mask(image):
    mask = _selected(image).layers[0].create_mask(ADD_MASK_WHITE)
    image.layers[0].add_mask(mask)
    return lambda: dewrinkle(image, mask)


def floating(image):
    pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 10, 10, 50, 50)
    pdb.gimp_edit_copy(image.layers[0])
    pasted = pdb.gimp_edit_paste(image.layers[0], False)
    return lambda: dewrinkle(image, pasted)


def empty_brush_mask(image):
    mask = pdb.python_fu_softlight_new_brush_mask(image, image.layers[0])
    return lambda: dewrinkle(image, mask)


def no_brush_mask(image):
    return lambda: dewrinkle(_selected(image), image.layers[0], mask=2)


def no_selection(image):
    return lambda: dewrinkle(image, image.layers[0], mask=1)


def nothing_to_rerun(image):
    return lambda: pdb.python_fu_softlight_rerun(image, image.layers[0])


def damaged_record(image):
    group = pdb.gimp_layer_group_new(image)
    pdb.gimp_image_insert_layer(image, group, None, 0)
    group.attach_new_parasite(STATE, 1, '{"version": 1, "settings": {}}')
    return lambda: pdb.python_fu_softlight_rerun(image, group)


def newer_record(image):
    group = pdb.gimp_layer_group_new(image)
    pdb.gimp_image_insert_layer(image, group, None, 0)
    group.attach_new_parasite(STATE, 1, '{"version": 3}')
    return lambda: pdb.python_fu_softlight_rerun(image, group)


def bad_choice(image):
    return lambda: dewrinkle(_selected(image), image.layers[0], target=7)


def bad_number(image):
    return lambda: dewrinkle(_selected(image), image.layers[0], strength=3.5)


def layer_alone_of_a_group(image):
    group = pdb.gimp_layer_group_new(_selected(image))
    pdb.gimp_image_insert_layer(image, group, None, 0)
    return lambda: dewrinkle(image, group, source=1)


REFUSALS = {
    function.__name__: function
    for function in (
        no_face, no_such_face, no_face_numbers, everything_of_whole_faces,
        hidden, locked_group, channel, layer_mask, floating, empty_brush_mask, no_brush_mask,
        no_selection, nothing_to_rerun, damaged_record, newer_record, bad_choice, bad_number,
        layer_alone_of_a_group,
    )
}  # fmt: skip


def run_once():
    """Run, and say what became of it: for the tests that disturb it."""
    image = opened("portrait.png")
    select(image, "mask.png")
    before = [layer.ID for layer in image.layers], digest(image.layers[0])
    try:
        group, notes = dewrinkle(image, image.layers[0])
        outcome = "no layers" if group is None else "layers"
    except RuntimeError as error:
        outcome, notes = str(error), ""
    after = [layer.ID for layer in image.layers], digest(image.layers[-1])
    gimp.delete(image)
    return {"outcome": outcome, "notes": notes, "unchanged": before == after, "digest": before[1] == after[1]}


def twice():
    """Run again in the same session, after a run that was disturbed."""
    return [run_once(), run_once()]
