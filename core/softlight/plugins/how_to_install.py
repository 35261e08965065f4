"""The text in the zip files of plug-ins, for people who unpack them: in English, in ASCII for old editors."""

from __future__ import annotations

from collections.abc import Mapping

from softlight.plugins.hosts import Kind

TEXT = "how-to-install.txt"
"""What it is called in a zip."""
_ENGINE = """\

The zip holds the plug-in alone. The work is done by Softlight's engine, which comes by Softlight's installer
or by the commands of its README. Both put the plug-in in place as well, and take over one that is there from
this zip. Without the engine the plug-in appears, and says that it is missing.

If it does not appear: the command 'softlight plugins status' says why.
"""
_KRITA = """\
SOFTLIGHT FOR KRITA 5.1 TO 6

In Krita: Tools > Scripts > Import Python Plugin from File..., choose this zip as it is (do not unpack it),
answer "Enable plugins now?" with Yes, and start Krita again. Softlight is then in
Settings > Dockers > Softlight.

By hand: unpack it into Krita's folder of resources (Settings > Manage Resources > Open Resource Folder),
start Krita, switch Softlight on in Settings > Configure Krita > Python Plugin Manager, and start it again.
"""
_GIMP = """\
SOFTLIGHT FOR GIMP {version}

Close GIMP. Unpack this zip into your folder of plug-ins, which GIMP names under
Edit > Preferences > Folders > Plug-ins:

    Windows   %APPDATA%\\GIMP\\{folder}\\plug-ins
    Linux     ~/.config/GIMP/{folder}/plug-ins
    macOS     ~/Library/Application Support/GIMP/{folder}/plug-ins

so that there is plug-ins/softlight/softlight.py, with no other folder between. Delete an older folder
'softlight' first. Start GIMP: Softlight is then in Filters > Softlight.

On Linux and macOS softlight.py must be allowed to run as a program, or GIMP passes over it without a word.
'unzip' and most file managers keep that; where it was lost: chmod +x softlight/softlight.py
{further}"""
_THREE_TWO = "\nFor GIMP 3.2 it is the folder 3.2 in place of 3.0.\n"
_PYTHON_TWO = "\nIt needs a GIMP 2.10 with Python 2 (gimpfu), which Debian 12 and Ubuntu leave out.\n"
TEXTS: Mapping[Kind, str] = {
    "krita": _KRITA + _ENGINE,
    "gimp": _GIMP.format(version="3", folder="3.0", further=_THREE_TWO) + _ENGINE,
    "gimp210": _GIMP.format(version="2.10", folder="2.10", further=_PYTHON_TWO) + _ENGINE,
}
