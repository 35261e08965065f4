"""What scripts that run in GIMP 3 do with it: call procedures, look at layers, read and write pixels."""

import gc
import hashlib
import os

from gi.repository import Babl, Gegl, Gimp, Gio

DEWRINKLE = "plug-in-softlight-dewrinkle"
SOFT_GLOW = "plug-in-softlight-soft-glow"
MARKED_GLOW = "plug-in-softlight-marked-glow"
NEW_BRUSH_MASK = "plug-in-softlight-new-brush-mask"
RUN_AGAIN = "plug-in-softlight-rerun"
BAKE = "plug-in-softlight-bake"

# An enumeration in GIMP 3.0, a plain number in 3.2: compared, never parsed.
STATUSES = {
    int(getattr(Gimp.PDBStatusType, name)): name
    for name in ("EXECUTION_ERROR", "CALLING_ERROR", "PASS_THROUGH", "SUCCESS", "CANCEL")
}


def call(name, image, drawables, **arguments):
    """Status, message and returned layer of a procedure, called as a script calls it."""
    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", drawables)
    for argument, value in arguments.items():
        config.set_property(argument.replace("_", "-"), value)
    values = procedure.run(config)
    status = STATUSES[int(values.index(0))]
    if status != "SUCCESS":
        return status, Gimp.get_pdb().get_last_error(), None
    return status, "", values.index(1) if values.length() > 1 else None


def must(name, image, drawables, **arguments):
    """Call a procedure that has to succeed, and return its layer."""
    status, message, layer = call(name, image, drawables, **arguments)
    assert status == "SUCCESS", f"{name}: {status}: {message}"
    return layer


def load(path):
    return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(str(path)))


def save(image, path):
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(path)), None)


def rectangle(x, y, width, height):
    return Gegl.Rectangle.new(x, y, width, height)


def read(drawable, name=None, box=None):
    """A drawable's pixels: all of them in its own format, or a box in the format `name`."""
    x, y, width, height = box or (0, 0, drawable.get_width(), drawable.get_height())
    name = name or Babl.get_name(drawable.get_format())
    return bytes(drawable.get_buffer().get(rectangle(x, y, width, height), 1.0, name, Gegl.AbyssPolicy.NONE))


def write(drawable, name, data, box=None):
    x, y, width, height = box or (0, 0, drawable.get_width(), drawable.get_height())
    buffer = drawable.get_buffer()
    buffer.set(rectangle(x, y, width, height), name, data)
    buffer.flush()
    drawable.update(x, y, width, height)


def in_space(name, drawable):
    """The name of the format `name` in the drawable's own colour space."""
    return Babl.get_name(Babl.format_with_space(name, drawable.get_format()))


def source_types(image):
    """What an image's metadata say it is."""
    metadata = image.get_metadata()
    lines = [] if metadata is None else metadata.serialize().splitlines()
    return [line.strip() for line in lines if "Xmp.iptcExt.DigitalSourceType" in line]


def export(image, path, **settings):
    """Export into a file of the kind that its name says, with what a script can choose."""
    kind = str(path).rpartition(".")[2]
    name = {"jpg": "jpeg", "tif": "tiff"}.get(kind, kind)
    procedure = Gimp.get_pdb().lookup_procedure(f"file-{name}-export")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_property("file", Gio.File.new_for_path(str(path)))
    for name, value in settings.items():
        config.set_property(name.replace("_", "-"), value)
    assert STATUSES[int(procedure.run(config).index(0))] == "SUCCESS", path


def digest(drawable):
    return hashlib.sha256(read(drawable)).hexdigest()


def select(image, data, box=None):
    """Make `data`, 8-bit values, the selection, in the whole picture or in a box of it."""
    write(image.get_selection(), "Y u8", data, box)


def flattened(image, name):
    """The picture as it is seen, in the format `name` in the picture's own space; None for its own format."""
    copy = image.duplicate()
    layer = copy.flatten()
    data = read(layer, name and in_space(name, layer))
    gc.collect()
    copy.delete()
    return data


def described(layer):
    """All that a test asks about a layer, as JSON."""
    _, x, y = layer.get_offsets()
    return {
        "name": layer.get_name(),
        "x": x,
        "y": y,
        "width": layer.get_width(),
        "height": layer.get_height(),
        "opacity": round(layer.get_opacity(), 4),  # 80 comes out of a file as 80.0000012
        "mode": layer.get_mode().value_nick,
        "space": layer.get_composite_space().value_nick,
        "composite": layer.get_composite_mode().value_nick,
        "visible": layer.get_visible(),
        "mask": layer.get_mask() is not None,
        "parasites": sorted(layer.get_parasite_list()),
        "children": [described(child) for child in layer.get_children()] if layer.is_group() else None,
    }


def tree(image):
    return [described(layer) for layer in image.get_layers()]


def keep(folder, name, data):
    """Write bytes to a file, and return its path."""
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def forget(image):
    """Delete an image; GIMP ends a plug-in that still holds one of its buffers."""
    gc.collect()
    image.delete()
