"""The plug-in as a file: Krita's own importer, a new start, no engine yet, then one, and all taken out again.

Run:   python -m pytest -m hosts tests/hosts/test_krita_import.py
       SOFTLIGHT_PICTURES=docs …  -k 5.2 renews krita-import.png of the documentation
Needs: what `roots.py` needs; some 50 s for each Krita. 5.2 runs by default.
"""

from __future__ import annotations

import json
import shutil

import pytest
from conftest import find_root
from krita_application import KRITAS, add
from krita_docker import PHOTO, keep, names, show_docker, status
from krita_sitting import Sitting, seated
from workplace import Workplace

import softlight
from softlight.plugins.archives import archive, pack
from softlight.plugins.contents import RECORD

pytestmark = pytest.mark.hosts

NO_ENGINE = (
    "Softlight's engine, which does the work of this plug-in, is not installed for you; install it by "
    "Softlight's installer or by the commands of its README, then start Krita again."
)


@pytest.mark.parametrize("name", KRITAS)
def test_imported_and_used(name: str, place: Workplace) -> None:
    root = find_root(name)
    plugin = add(place, "krita_watcher") / "softlight_krita"
    pack(["krita"], place.home)
    with seated(root, place, PHOTO) as person:
        bring_in(person, archive("krita").name)
    assert json.loads((plugin / RECORD).read_text("utf-8"))["engine"] is None

    with seated(root, place, PHOTO) as person:
        show_docker(person)
        person.click("softlight_run")
        look = person.until(lambda told: status(told) == NO_ENGINE, "what is missing")
        assert names(look) == ["Background"]
        # Softlight is installed now, on a computer on which it finds no GIMP; nobody touches the plug-in.
        place.softlight("plugins", "install", "--gimp")
        place.point_at_this_python()
        person.click("softlight_run")
        person.until(lambda told: "De-wrinkle" in names(told), "the result")
        person.ended()

    assert f"Took over Softlight {softlight.__version__}" in place.install_plugins("--krita")
    assert json.loads((plugin / RECORD).read_text("utf-8"))["engine"]
    assert place.softlight("plugins", "uninstall").returncode == 0
    assert "softlight_krita" not in (place.home / ".config/kritarc").read_text("utf-8")
    assert list(plugin.parents[1].rglob("*softlight*")) == []


def bring_in(person: Sitting, file: str) -> None:
    """Import a zip that lies in the home folder, as a user does, and quit."""
    person.choose("Tools", "Scripts", "Import Python Plugin from File...")
    person.screen.window("Import Plugin")
    person.screen.type(file)
    person.screen.key("Return")
    asked = person.screen.window("Activate Plugins")
    person.until(lambda told: True, "the question to be drawn")
    keep("krita-import.png", person.screen.shot(asked))
    person.screen.key("Return")  # Yes
    person.screen.gone("Activate Plugins")
    # Krita 5.3 and 6 write their settings when they end.
    person.screen.activate(person.window)
    person.screen.key("ctrl+q")
    person.screen.gone("Krita")
    settings = person.place.home / ".config/kritarc"
    person.screen.wait_for(
        lambda: "enable_softlight_krita=true" in settings.read_text("utf-8"), "the plug-in to be switched on"
    )


IMPORT = """
import builtins, importlib.util, sys
builtins.i18n = str
path = "/usr/share/krita/pykrita/plugin_importer/plugin_importer.py"
spec = importlib.util.spec_from_file_location("plugin_importer", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
importer = module.PluginImporter(sys.argv[1], sys.argv[2], lambda plugin: True)
print([plugin["ui_name"] for plugin in importer.import_all()])
"""


@pytest.mark.parametrize("name", KRITAS)
def test_imported_over_an_older_version(name: str, place: Workplace) -> None:
    """The importer deletes the folder: what the user has set and the engine's place are elsewhere."""
    root = find_root(name)
    place.install_plugins("--krita")
    resources = place.home / ".local/share/krita"
    (resources / "pykrita/softlight_krita/old_idea.py").touch()
    kritarc = place.home / ".config/kritarc"
    kritarc.write_text(kritarc.read_text("utf-8") + "\n[softlight]\ndewrinkle={}\n", "utf-8")
    settings = kritarc.read_bytes()
    pack(["krita"], place.folder)
    zipped = place.folder / archive("krita").name
    done = root.run(["python3", "-c", IMPORT, str(zipped), str(resources)], place.environment)
    assert done.stdout == "['Softlight']\n", done.stderr
    assert not (resources / "pykrita/softlight_krita/old_idea.py").exists()
    assert kritarc.read_bytes() == settings
    told = place.softlight("plugins", "status", "--krita")
    assert (told.returncode, told.stdout.count("its engine starts")) == (0, 1), told.stdout
    shutil.rmtree(resources / "actions")
    assert "softlight_krita.action' is missing" in place.softlight("plugins", "status", "--krita").stdout
