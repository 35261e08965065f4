#!/bin/sh
# Install Softlight for this user on Linux, without root: sh installers/linux/install.sh [--help]

SYSTEM=linux BACKENDS='cpu|cuda' DOWNLOAD=140 UV_RANGE='>=3.11,<3.15' GUIDE=docs/install-linux.md
CANDIDATES='python3 python3.14 python3.13 python3.12 python3.11'

set_places() {
    case ${XDG_DATA_HOME-} in
        /*) DATA=$XDG_DATA_HOME ;;
        *) DATA=$HOME/.local/share ;;
    esac
}

check_system() {
    [ "$(uname -s)" = Linux ] || stop "This is not Linux; use installers/macos/install.sh on a Mac."
}

is_stub() {
    return 1
}

fits_here() {
    return 0
}

check_python() {
    case $MACHINE in
        x86_64) ;;
        aarch64) [ "$BACKEND" = cpu ] || stop "There is no CUDA for $MACHINE here; take --backend cpu." ;;
        *) stop "Softlight's packages are made for x86_64 and aarch64, and this machine is $MACHINE." ;;
    esac
    if [ "$BACKEND" = cuda ] && [ ! -e /proc/driver/nvidia/version ]; then
        say "No driver of Nvidia is loaded here, and without one CUDA falls back to the CPU."
    fi
    case $LIBC in
        glibc2.[0-9] | glibc2.1[0-9] | glibc2.2[0-7])
            stop "Softlight's packages need glibc 2.28 or newer, and this system has ${LIBC#glibc}; update your distribution." ;;
        glibc*) ;;
        *) stop "Softlight's packages are made for glibc, and this system has another C library (musl, as in Alpine); take another distribution, or a container of one." ;;
    esac
}

# family: what the distribution is like, by its own words.
family() {
    [ -r /etc/os-release ] || return 0
    sed -nE 's/^(ID|ID_LIKE)="?([^"]*)"?$/\2/p' /etc/os-release | tr '\n' ' '
}

# python_remedy FOUND: one sentence for a machine whose Python, FOUND, does not fit.
python_remedy() {
    case " $(family) " in
        *" debian "* | *" ubuntu "*) how="install one with 'sudo apt install python3-venv', on Ubuntu 22.04 with 'sudo apt install python3.11-venv'" ;;
        *" fedora "* | *" rhel "* | *" centos "*) how="install one with 'sudo dnf install python3.12'" ;;
        *" arch "*) how="install one with 'sudo pacman -S python'" ;;
        *suse*) how="install one with 'sudo zypper install python312'" ;;
        *) how="install one from your distribution" ;;
    esac
    echo "Softlight needs Python 3.11 to 3.14, and ${1:-none} was found; $how, or install uv, which can bring one, and start again."
}

venv_remedy() {
    case " $(family) " in
        *" debian "* | *" ubuntu "*) how="sudo apt install python3-venv" ;;
        *" fedora "* | *" rhel "* | *" centos "*) how="sudo dnf install python3-pip" ;;
        *" arch "*) how="sudo pacman -S python" ;;
        *suse*) how="sudo zypper install python3-pip" ;;
        *) how="your distribution's package of Python's venv" ;;
    esac
    echo "Python $PYTHON_VERSION at '$PYTHON' comes without its modules venv and ensurepip; install them ($how) and start again."
}

after_packages() {
    :
}

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
TOP=${HERE%/*}
# shellcheck source=unix/main.sh
. "$HERE/unix/main.sh"
# In one line, since an uninstallation removes this file while it is read.
main "$@"; exit
