"""What Softlight answers in GIMP 3 when the picture is not in a state to be worked on, and what works anyway.

Each function of `CASES` prepares a picture and returns the procedure, what is selected, and its arguments.
"""

import json

import gimp3_hands as hands
from gi.repository import Gegl, Gimp

SIZE = 64, 48
RESULT = "softlight-result"


def main(task):
    return {name: answer(case) for name, case in CASES.items()}


def answer(case):
    """What a case answered, and whether the picture was left as it was."""
    image = Gimp.Image.new(*SIZE, Gimp.ImageBaseType.RGB)
    layer(image, "Background", Gimp.FillType.FOREGROUND)
    selected = Gimp.Selection.bounds(image)
    try:
        name, drawables, arguments = case(image)
        image.clean_all()
        before, chosen = hands.tree(image), [item.get_id() for item in image.get_selected_drawables()]
        selected = tuple(Gimp.Selection.bounds(image))
        status, message, _ = hands.call(name, image, drawables, **arguments)
        return {
            "status": status,
            "message": message,
            "untouched": hands.tree(image) == before
            and [item.get_id() for item in image.get_selected_drawables()] == chosen
            and tuple(Gimp.Selection.bounds(image)) == selected
            and not image.is_dirty(),
        }
    finally:
        del drawables
        hands.forget(image)


def layer(image, name, fill=None, parent=None, kind=Gimp.ImageType.RGB_IMAGE, position=0):
    made = Gimp.Layer.new(image, name, *SIZE, kind, 100.0, Gimp.LayerMode.NORMAL)
    Gimp.context_set_foreground(Gegl.Color.new("rgb(0.3,0.4,0.2)"))
    made.fill(fill if fill is not None else Gimp.FillType.TRANSPARENT)
    image.insert_layer(made, parent, position)
    return made


def photo(image):
    return image.get_layers()[-1]


def selected(image):
    hands.select(image, bytes([255]) * 200, (10, 10, 20, 10))
    return photo(image)


def glow(*drawables, **arguments):
    return hands.SOFT_GLOW, list(drawables), arguments


def group_of(image, name="group"):
    group = Gimp.GroupLayer.new(image, name)
    image.insert_layer(group, None, 0)
    return group


def result_of(image):
    """A result of Soft glow, and no selection left."""
    group = hands.must(hands.SOFT_GLOW, image, [selected(image)])
    Gimp.Selection.none(image)
    return group


def stored(group, change):
    """Change what is stored with a result."""
    record = json.loads(bytes(group.get_parasite(RESULT).get_data()))
    change(record)
    text = json.dumps(record).encode("ascii")
    group.attach_parasite(Gimp.Parasite.new(RESULT, Gimp.PARASITE_PERSISTENT, text))


def nothing_marked(image):
    return glow(photo(image))


def no_selection_asked_for(image):
    return glow(photo(image), softlight_mask="selection")


def no_brush_mask_asked_for(image):
    return glow(selected(image), softlight_mask="brush-mask")


def brush_mask_empty(image):
    return glow(hands.must(hands.NEW_BRUSH_MASK, image, [photo(image)]))


def quick_mask_empty(image):
    channel = Gimp.Channel.new(image, "Qmask", *SIZE, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    image.set_selected_channels([channel])
    return glow(channel)


def none_selected(image):
    selected(image)
    return glow()


def several_selected(image):
    selected(image)
    return glow(photo(image), layer(image, "other"))


def no_layer(image):
    image.remove_layer(photo(image))
    return glow()


def layer_mask_selected(image):
    chosen = selected(image)
    mask = chosen.create_mask(Gimp.AddMaskType.WHITE)
    chosen.add_mask(mask)
    return glow(mask)


def channel_selected(image):
    selected(image)
    channel = Gimp.Channel.new(image, "Hair", *SIZE, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    return glow(channel)


def hidden(image):
    selected(image).set_visible(False)
    return glow(photo(image))


def in_a_hidden_group(image):
    selected(image)
    group = group_of(image, "Retouch")
    inner = layer(image, "inner", Gimp.FillType.FOREGROUND, group)
    group.set_visible(False)
    return glow(inner)


def in_a_locked_group(image):
    selected(image)
    group = group_of(image, "Retouch")
    inner = layer(image, "inner", Gimp.FillType.FOREGROUND, group)
    group.set_lock_content(True)
    return glow(inner)


def group_alone(image):
    selected(image)
    return glow(group_of(image, "Retouch"), softlight_input="layer")


def floating(image):
    chosen = selected(image)
    Gimp.edit_copy([chosen])
    (pasted,) = Gimp.edit_paste(chosen, False)
    return glow(pasted)


def indexed(image):
    selected(image)
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    return glow(photo(image))


def number_between(image):
    return glow(selected(image), radius=0.5)


def no_skin(image):
    return hands.DEWRINKLE, [selected(image)], {}


def no_face(image):
    return hands.DEWRINKLE, [photo(image)], {}


def no_face_chosen(image):
    return hands.DEWRINKLE, [photo(image)], {"faces": ""}


def no_face_numbers(image):
    return hands.DEWRINKLE, [photo(image)], {"faces": "left"}


def all_regions_off(image):
    names = "forehead glabella crows_feet under_eye nasolabial mouth chin cheeks neck"
    return hands.DEWRINKLE, [photo(image)], dict.fromkeys(names.split(), 0.0)


def everything_of_whole_faces(image):
    return hands.DEWRINKLE, [selected(image)], {"target": "everything", "softlight_mask": "faces"}


def run_again_without_group(image):
    return hands.RUN_AGAIN, [photo(image)], {}


def run_again_two_groups(image):
    one = result_of(image)
    selected(image)
    other = hands.must(hands.SOFT_GLOW, image, [one])
    return hands.RUN_AGAIN, [one, other], {}


def run_again_no_json(image):
    return hands.RUN_AGAIN, [result_of(image)], {"settings": "amount=1"}


def run_again_unknown_setting(image):
    return hands.RUN_AGAIN, [result_of(image)], {"settings": '{"colour": 1}'}


def run_again_wrong_kind(image):
    return hands.RUN_AGAIN, [result_of(image)], {"settings": '{"amount": "much"}'}


def run_again_out_of_range(image):
    return hands.RUN_AGAIN, [result_of(image)], {"settings": '{"amount": 7}'}


def run_again_damaged(image):
    group = result_of(image)
    stored(group, lambda record: record["mask"].update(zlib="AAAA"))
    return hands.RUN_AGAIN, [group], {}


def run_again_newer(image):
    group = result_of(image)
    stored(group, lambda record: record.update(version=99))
    return hands.RUN_AGAIN, [group], {}


def run_again_unknown_filter(image):
    group = result_of(image)
    stored(group, lambda record: record["settings"].update(filter="age"))
    return hands.RUN_AGAIN, [group], {}


def run_again_resized(image):
    group = result_of(image)
    image.resize(100, 90, 0, 0)
    return hands.RUN_AGAIN, [group], {}


def run_again_on_faces(image):
    """A record of whole faces, of a filter that works on none."""
    group = result_of(image)
    stored(group, lambda record: record.update(version=2, mask=None))
    return hands.RUN_AGAIN, [group], {}


def run_again_locked(image):
    group = result_of(image)
    group.set_lock_content(True)
    return hands.RUN_AGAIN, [group], {}


def bake_without_group(image):
    return hands.BAKE, [photo(image)], {}


def bake_hidden(image):
    group = result_of(image)
    group.set_visible(False)
    return hands.BAKE, [group], {}


def bake_locked(image):
    group = result_of(image)
    group.set_lock_content(True)
    return hands.BAKE, [group], {}


def bake_emptied(image):
    group = result_of(image)
    for child in group.get_children():
        image.remove_layer(child)
    return hands.BAKE, [group], {}


def works_locked(image):
    """The photo's lock protects the photo, and nothing of it is changed."""
    selected(image).set_lock_content(True)
    photo(image).set_lock_position(True)
    return glow(photo(image))


def works_group(image):
    group = group_of(image)
    layer(image, "inner", Gimp.FillType.FOREGROUND, group)
    selected(image)
    return glow(group)


def works_text(image):
    selected(image)
    font = Gimp.context_get_font()
    text = Gimp.TextLayer.new(image, "Zoë", font, 20.0, Gimp.Unit.pixel())
    image.insert_layer(text, None, 0)
    return glow(text)


def works_quick_mask(image):
    quick_mask_empty(image)
    (channel,) = image.get_selected_channels()
    hands.write(channel, "Y u8", bytes([200]) * 100, (5, 5, 10, 10))
    return glow(channel)


def works_brush_mask(image):
    made = hands.must(hands.NEW_BRUSH_MASK, image, [photo(image)])
    hands.write(made, "R'G'B'A u8", bytes([0, 0, 0, 200]) * 100, (5, 5, 10, 10))
    return glow(made)


HELPERS = "main", "answer", "layer", "photo", "selected", "glow", "group_of", "result_of", "stored"
CASES = {name: value for name, value in list(globals().items()) if callable(value) and name not in HELPERS}
