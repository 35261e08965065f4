"""The plug-in as a file in Windows' Python: packed, imported by Krita's own importer, and taken over.

Called with the path of that importer's module. Prints one JSON object.
"""

import builtins
import contextlib
import hashlib
import importlib.util
import io
import json
import os
import sys
from pathlib import Path

from softlight.cli import main
from softlight_bridge.client import Engine
from softlight_bridge.errors import BridgeError

RESOURCES = Path(os.environ["APPDATA"]) / "krita"
PLUGIN = RESOURCES / "pykrita" / "softlight_krita"
SETTINGS = Path(os.environ["LOCALAPPDATA"]) / "kritarc"


def plugins(*arguments: str) -> str:
    """Run the command, and return all it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        main(["plugins", *arguments])
    return said.getvalue()


def import_zip(importer: str, zipped: Path) -> list[str]:
    """Import as Krita does; what it says goes through a translation."""
    vars(builtins)["i18n"] = str
    spec = importlib.util.spec_from_file_location("plugin_importer", importer)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    done = module.PluginImporter(str(zipped), str(RESOURCES), lambda plugin: True).import_all()
    return [plugin["name"] for plugin in done]


def engine() -> str:
    """What the plug-in would start, or what it says."""
    try:
        return " ".join(Engine.beside(str(PLUGIN), "Krita 5.2.9").command)
    except BridgeError as error:
        return str(error)


def tell(importer: str) -> dict[str, object]:
    out = Path(os.environ["APPDATA"]) / "Zoë lädt herunter"
    plugins("pack", "--out", str(out))
    packed = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()}
    RESOURCES.mkdir()
    SETTINGS.parent.mkdir(exist_ok=True)
    SETTINGS.write_bytes(b"[python]\r\nenable_softlight_krita=true\r\n")
    return {
        "packed": packed,
        "imported": import_zip(importer, next(out.glob("*krita.zip"))),
        "alone": [engine(), plugins("status", "--krita")],
        "no gimp": plugins("install", "--gimp"),
        "with engine": [engine(), plugins("status", "--krita")],
        "taken over": plugins("install", "--krita"),
        "removed": plugins("uninstall"),
        "left": [str(path) for path in RESOURCES.rglob("*") if path.is_file()],
    }


sys.stdout.write(json.dumps(tell(sys.argv[1])) + "\n")
