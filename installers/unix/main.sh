# The installer of Softlight for Linux and macOS. Sourced by linux/install.sh and macos/install.sh, which say what is
# different there: set_places, check_system, is_stub, fits_here, check_python, python_remedy, venv_remedy.
#
# HERE is the folder `installers`, TOP the one above it: a checkout, or an unpacked release with Softlight's wheel.

# shellcheck source=unix/words.sh
. "$HERE/unix/words.sh"
# shellcheck source=unix/python.sh
. "$HERE/unix/python.sh"
# shellcheck source=unix/packages.sh
. "$HERE/unix/packages.sh"
# shellcheck source=unix/engine.sh
. "$HERE/unix/engine.sh"
# shellcheck source=unix/removal.sh
. "$HERE/unix/removal.sh"

usage() {
    cat <<END
Install Softlight for this user, without root: sh installers/$SYSTEM/install.sh [options]

  --backend $BACKENDS   what computes (the one that is installed, else cpu)
  --offline WHEELHOUSE  take all packages from this folder, without a network
  --yes                 ask nothing: let uv download a Python where none fits, and --purge remove
  --uninstall           take plug-ins, engine, command, log and caches out; settings and models stay
  --purge               --uninstall, with settings and models
  --help                this text

$GUIDE says more.
END
}

main() {
    YES=no PURGE=no LOCKED=no ACTION=install BACKEND='' WHEELHOUSE=''
    while [ $# -gt 0 ]; do
        case $1 in
            --backend | --offline)
                [ $# -ge 2 ] || stop "$1 takes a value; --help explains it."
                [ "$1" = --backend ] && BACKEND=$2 || WHEELHOUSE=$2
                shift
                ;;
            --backend=*) BACKEND=${1#*=} ;;
            --offline=*) WHEELHOUSE=${1#*=} ;;
            --yes | -y) YES=yes ;;
            --uninstall) ACTION=uninstall ;;
            --purge) ACTION=uninstall PURGE=yes ;;
            --help | -h) usage && return ;;
            *) stop "'$1' is no option of the installer; --help lists them." ;;
        esac
        shift
    done
    prepare
    trap leave EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if [ "$ACTION" = uninstall ]; then
        uninstall
    else
        install
    fi
}

# What holds for every action.
prepare() {
    [ -z "${SUDO_USER-}${DOAS_USER-}${PKEXEC_UID-}" ] ||
        stop "Softlight goes into your own home and not into root's; start it without sudo."
    case ${HOME-} in
        /*) [ -d "$HOME" ] || stop "Your home '$HOME' does not exist; set HOME to a folder of yours." ;;
        *) stop "HOME names no home folder; set it to yours." ;;
    esac
    # Another program's settings for Python would reach into the environment.
    unset PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONUSERBASE VIRTUAL_ENV CONDA_PREFIX PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
    # What pip and uv say is read by `failed`.
    NO_COLOR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
    export NO_COLOR PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INPUT
    set_places
    ENGINE=$DATA/softlight/engine BIN=$HOME/.local/bin
    LINK=$BIN/softlight
}

install() {
    check_system
    [ -d "$HERE/requirements" ] || stop "This copy of the installer can only uninstall; to install, take the one of a release or of a checkout."
    installed=$(cat "$ENGINE/current/backend" 2>/dev/null) || installed=''
    BACKEND=${BACKEND:-${installed:-cpu}}
    case "|$BACKENDS|" in
        *"|$BACKEND|"*) ;;
        *) stop "--backend takes $BACKENDS here, and not '$BACKEND'." ;;
    esac
    if [ -n "$WHEELHOUSE" ]; then
        WHEELHOUSE=$(CDPATH='' cd -- "$WHEELHOUSE" 2>/dev/null && pwd -P) || stop "The folder of wheels that --offline names does not exist; correct its name."
    fi
    take_lock
    find_python
    begin
    check_room "$(room_for "$BACKEND")"
    say "Installing Softlight for Python $PYTHON_VERSION at '$PYTHON', back end $BACKEND ($(amount "$BACKEND"))."
    make_environment
    install_locked
    install_softlight
    after_packages
    write_launcher
    try_engine
    switch_over
    link_command
    version=$("$ENGINE/current/bin/python" -I -m softlight --version) || version=Softlight
    say "$version is installed in '$ENGINE'."
    "$ENGINE/current/bin/python" -I -m softlight plugins install ||
        say "The engine works; a plug-in does not appear yet, for the reason above."
    say "The command is '$COMMAND'; '$COMMAND doctor' shows what it runs on."
}

# Megabytes on the disk while it is installed, downloads included.
room_for() {
    case $1 in cuda) echo 5000 ;; *) echo 800 ;; esac
}

amount() {
    if [ -n "$WHEELHOUSE" ]; then
        echo "from '$WHEELHOUSE'"
    else
        case $1 in cuda) echo "a download of 1.7 GB" ;; *) echo "a download of $DOWNLOAD MB" ;; esac
    fi
}
