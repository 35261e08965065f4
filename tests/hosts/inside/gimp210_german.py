"""What GIMP 2.10 shows of Softlight in German: menu, help, layers, and a sentence; Python 2.7."""

import gimp
from gimp210_looking import *
from gimpfu import *


def german():
    image = opened("portrait.png")
    photo = image.layers[0]
    found = {"menu": menu()}
    found["help"] = pdb.gimp_procedural_db_proc_info("python-fu-softlight-dewrinkle")[0]
    found["arguments"] = arguments("python-fu-softlight-dewrinkle")
    photo.visible = False
    try:
        dewrinkle(image, photo)
    except RuntimeError:
        pass  # its sentence is in what GIMP prints
    photo.visible = True
    select(image, "mask.png")
    dewrinkle(image, photo)
    group = image.layers[0]
    found["group"], found["children"] = group.name, [layer.name for layer in group.layers]
    # As somebody else would have called it.
    group.name = "De-wrinkle"
    pdb.python_fu_softlight_rerun(image, group)
    found["again"] = [layer.name for layer in image.layers]
    found["again_children"] = [layer.name for layer in image.layers[0].layers]
    gimp.delete(image)
    return found


def menu():
    """Return the menu paths of all our procedures."""
    told = pdb.gimp_plugins_query("")
    return [path for path, name in zip(told[1], told[11]) if name.startswith("python-fu-softlight-")]


def arguments(name):
    count = pdb.gimp_procedural_db_proc_info(name)[6]
    return [pdb.gimp_procedural_db_proc_arg(name, number)[2] for number in range(count)]
