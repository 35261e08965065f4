"""What the engine inherits of the host's environment: as little as possible.

A host's own variables break other programs: Krita sets PYTHONPATH, AppImages set LD_LIBRARY_PATH, GIMP puts
its folder of DLLs first in PATH, and each brings its own Qt, GIO and locale folders. So only what is named
here passes.
"""

from __future__ import annotations

import os
from typing import Mapping

_POSIX = (
    "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR",
    "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
    "XDG_SESSION_ID", "CUDA_VISIBLE_DEVICES", "CUDA_CACHE_PATH",
    "DBUS_SESSION_BUS_ADDRESS",  # by which flatpak-spawn starts the engine outside the sandbox
)  # fmt: skip
_WINDOWS = (
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TEMP", "TMP", "USERNAME", "USERPROFILE", "USERDOMAIN",
    "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "COMPUTERNAME",
    "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "PROCESSOR_IDENTIFIER", "CUDA_VISIBLE_DEVICES",
    "CUDA_PATH",
)  # fmt: skip

_NETWORK = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"),
    *("SOFTLIGHT_MODELS", "XDG_CONFIG_DIRS"),
)
"""What the model store goes by: proxies, certificates, pip's index, the models' folder, a studio's policy."""


def clean_environment(host: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the engine's process.

    Parameters
    ----------
    host : mapping
        The host's own, `os.environ`.
    """
    if os.name == "nt":
        kept = {name: host[name] for name in _WINDOWS if name in host}
        root = kept.get("SYSTEMROOT", "C:\\Windows")
        kept["PATH"] = os.pathsep.join((root + "\\System32", root))
    else:
        kept = {name: host[name] for name in _POSIX if name in host}
        kept.update({name: value for name, value in host.items() if name.startswith("LC_")})
        kept["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    # An AppImage's own certificates are gone when it is closed, and the engine lives longer.
    image = host.get("APPDIR") or None
    kept.update(
        {name: host[name] for name in _NETWORK if name in host and not (image and image in host[name])}
    )
    return kept
