# Which Python the engine gets, and by what its packages are installed. Sourced by main.sh.
#
# It sets PYTHON, PYTHON_VERSION (as in 3.13), MACHINE (as in x86_64) and METHOD: uv, pip, or wheel for a pip that
# lies beside the installer.

# Any Python can parse it. All four versions have wheels of everything; free-threaded builds have not.
PROBE='
import platform, struct, sys, sysconfig
fits = platform.python_implementation() == "CPython" and (3, 11) <= sys.version_info[:2] <= (3, 14)
fits = fits and struct.calcsize("P") == 8 and not sysconfig.get_config_var("Py_GIL_DISABLED")
libc = platform.libc_ver() if sys.platform.startswith("linux") else ("", "")
print("%s %d.%d %s %s%s" % ((fits,) + sys.version_info[:2] + (platform.machine(),) + libc))
'

find_python() {
    PYTHON='' other=''
    uv=$(command -v uv || :)
    for candidate in $CANDIDATES; do
        try_python "$candidate" && break
    done
    [ -n "$PYTHON" ] || python_of_uv || stop "$(python_remedy "$other")"
    check_python
    if [ -n "$uv" ]; then
        METHOD=uv
    elif "$PYTHON" -I -c 'import ensurepip, venv' 2>/dev/null; then
        METHOD=pip
    elif PIP=$(only_file "$TOP"/pip-*.whl); then
        METHOD=wheel
    else
        stop "$(venv_remedy)"
    fi
}

# try_python NAME: take it if it fits; else remember its version for the sentence that follows.
try_python() {
    found=$(command -v "$1") && ! is_stub "$found" || return 1
    probed=$("$found" -I -c "$PROBE" 2>/dev/null) || probed=''
    # shellcheck disable=SC2086 # three or four words
    set -- ${probed:-False 0 unknown}
    if [ "$1" = True ] && fits_here "$2" "$3"; then
        PYTHON=$found PYTHON_VERSION=$2 MACHINE=$3 LIBC=${4-}
        return 0
    fi
    [ "$2" = 0 ] || [ -n "$other" ] || other="Python $2 at '$found'"
    return 1
}

# uv may know a Python that is not on the PATH, and can bring one, which takes the user's agreement.
python_of_uv() {
    [ -n "$uv" ] || return 1
    UV_PYTHON_INSTALL_DIR=$ENGINE/python
    export UV_PYTHON_INSTALL_DIR
    known=$("$uv" python find --no-python-downloads "$UV_RANGE" 2>/dev/null) && try_python "$known" && return 0
    [ -z "$WHEELHOUSE" ] && agreed "There is no Python that fits. May uv download one (30 MB, for Softlight alone)?" || return 1
    say "Downloading a Python."
    "$uv" python install --no-bin "$UV_RANGE" ||
        stop "uv could not bring a Python, for the reason above; put that right, or install a Python yourself, and start again."
    known=$("$uv" python find --no-python-downloads "$UV_RANGE") && try_python "$known"
}

# only_file PATH...: print the first of what a pattern matched; fails where it matched nothing.
only_file() {
    [ -f "$1" ] && printf '%s\n' "$1"
}
