"""One job in Krita while GIMP has one too: waits for GIMP, then runs De-wrinkle.

$SOFTLIGHT_PICTURE and $SOFTLIGHT_MASK (raw, 8 bits) are files; a file $SOFTLIGHT_READY says that we are,
$SOFTLIGHT_AWAITED that GIMP is.
"""

import os

from krita_tools import close, docker, flat, keep, open_picture, perform, select, tree, until


def scenario(found):
    document = yield from open_picture(os.environ["SOFTLIGHT_PICTURE"])
    size = found["size"] = [document.width(), document.height()]
    keep("photo.raw", flat(document))
    yield from select(document, os.environ["SOFTLIGHT_MASK"], *size)
    with open(os.environ["SOFTLIGHT_READY"], "w"):
        pass
    yield from until(lambda: os.path.exists(os.environ["SOFTLIGHT_AWAITED"]), "GIMP")
    found["run"] = yield from perform(docker().run)
    found["layers"] = [child["name"] for child in tree(document.rootNode())[-1]["children"]]
    keep("flat.raw", flat(document))
    yield from close(document)
