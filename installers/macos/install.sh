#!/bin/sh
# Install Softlight for this user on macOS, without root: sh installers/macos/install.sh [--help]

SYSTEM=macos BACKENDS='cpu' DOWNLOAD=95 UV_RANGE='>=3.11,<3.14' GUIDE=docs/install-macos.md
OLDEST_MACOS=14
# The last ones are where Homebrew and python.org put theirs, which may be missing on the PATH.
CANDIDATES='python3 python3.14 python3.13 python3.12 python3.11'
for place in /opt/homebrew/bin /usr/local/bin; do
    CANDIDATES="$CANDIDATES $place/python3.14 $place/python3.13 $place/python3.12 $place/python3.11"
done
for version in 3.14 3.13 3.12 3.11; do
    CANDIDATES="$CANDIDATES /Library/Frameworks/Python.framework/Versions/$version/bin/python3"
done

set_places() {
    DATA="$HOME/Library/Application Support"
}

check_system() {
    [ "$(uname -s)" = Darwin ] || stop "This is not macOS; use installers/linux/install.sh on Linux."
    release=$(sw_vers -productVersion) || stop "The version of macOS cannot be found out."
    [ "${release%%.*}" -ge "$OLDEST_MACOS" ] ||
        stop "Softlight's packages need macOS $OLDEST_MACOS or newer, and this is $release; update macOS."
}

# Apple's own is no Python but asks to install developer tools.
is_stub() {
    [ "$1" = /usr/bin/python3 ]
}

# fits_here VERSION MACHINE: the last onnxruntime for Intel Macs has no wheel for Python 3.14.
fits_here() {
    [ "$2" != x86_64 ] || [ "$1" != 3.14 ]
}

check_python() {
    case $MACHINE in
        arm64 | x86_64) ;;
        *) stop "Softlight's packages are made for Apple silicon and Intel, and this machine is $MACHINE." ;;
    esac
}

python_remedy() {
    echo "Softlight needs Python 3.11 to 3.14 (on Intel to 3.13), and ${1:-none} was found; install Python 3.13 from python.org, or with 'brew install python@3.13', and start again."
}

venv_remedy() {
    echo "Python $PYTHON_VERSION at '$PYTHON' comes without its modules venv and ensurepip; install Python 3.13 from python.org and start again."
}

# What a browser downloaded carries a mark that keeps macOS from loading it; wheels of a wheelhouse may hand it on.
after_packages() {
    ! command -v xattr >/dev/null || xattr -dr com.apple.quarantine "$NEW" 2>/dev/null || :
}

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
TOP=${HERE%/*}
# shellcheck source=unix/main.sh
. "$HERE/unix/main.sh"
# In one line, since an uninstallation removes this file while it is read.
main "$@"; exit
