"""In Krita: a filter whose result says that AI edited the picture, and what an export says then."""

import os

from krita import InfoObject
from krita_tools import OUT, close, docker, open_picture, perform, select, set_values, settled, tree, until

PICTURE = os.environ["SOFTLIGHT_PICTURE"]
MASK = os.environ["SOFTLIGHT_MASK"]
BOX = 120, 90
KINDS = "png", "webp", "jpg", "tif"


def scenario(found):
    docker().show()
    yield from until(docker().isVisible, "the docker")
    document = yield from open_picture(PICTURE)
    yield from export(document, "before")
    yield from select(document, MASK, *BOX, 180, 160)
    docker().panel.choose_filter("marked_glow")
    yield 0.5
    found["run"] = yield from perform(docker().run)
    found["again"] = yield from perform(docker().run_again)
    found["layers"] = [layer["name"] for layer in tree(document.rootNode())]
    yield from export(document, "after")
    set_values(mark=False)
    found["switched_off"] = yield from perform(docker().run_again)
    yield from close(document)


def export(document, name):
    """Write files with all metadata that Krita has for them."""
    for kind in KINDS:
        settings = InfoObject()
        for key in ("exif", "iptc", "xmp", "storeMetaData", "storeMetadata"):
            settings.setProperty(key, True)
        settings.setProperty("quality", 95)
        document.exportImage(os.path.join(OUT, name + "." + kind), settings)
        yield from settled(document)
