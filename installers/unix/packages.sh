# Putting packages into the new environment, and saying in one sentence why that failed. Sourced by main.sh.

make_environment() {
    case $METHOD in
        uv) quietly "$uv" venv --no-project --python "$PYTHON" "$NEW" ;;
        pip) quietly "$PYTHON" -I -m venv "$NEW" ;;
        wheel) quietly "$PYTHON" -I -m venv --without-pip "$NEW" ;;
    esac || failed "the environment cannot be made"
}

# install_listed WORD...: install from the index or from the wheelhouse, each file by its checksum.
install_listed() {
    if [ -n "$WHEELHOUSE" ]; then
        set -- --no-index --find-links "$WHEELHOUSE" "$@"
    fi
    install_wheels --require-hashes --only-binary :all: "$@"
}

# install_wheels WORD...: the words go to pip or uv.
install_wheels() {
    case $METHOD in
        uv) "$uv" pip install --python "$NEW/bin/python" "$@" ;;
        # No cache: it would leave 140 MB in the home.
        pip) "$NEW/bin/python" -I -m pip install --no-user --no-cache-dir --retries 2 "$@" ;;
        wheel) "$NEW/bin/python" -I "$PIP/pip" install --no-user --no-cache-dir --retries 2 "$@" ;;
    esac
}

# Install what the engine needs.
install_locked() {
    watched install_listed -r "$HERE/requirements/$BACKEND.txt" ||
        failed "the packages cannot be installed"
}

# Install Softlight itself: the wheel of a release, or one that is built of this checkout.
install_softlight() {
    if ! own=$(only_file "$TOP"/softlight-*.whl); then
        quietly install_listed --target "$WORK/build" -r "$HERE/requirements/build.txt" ||
            failed "what builds Softlight's wheel cannot be installed"
        quietly build_wheel || failed "Softlight's wheel cannot be built"
        own=$(only_file "$WORK"/wheel/softlight-*.whl) || failed "Softlight's wheel was not built"
    fi
    # Found by its path, so no index and no wheelhouse is asked.
    quietly install_wheels --no-index --no-deps "$own" || failed "Softlight's wheel cannot be installed"
}

build_wheel() (
    cd "$TOP" && PYTHONPATH=$WORK/build "$NEW/bin/python" -m hatchling build -t wheel -d "$WORK/wheel"
)

# The engine must start before anything points to it.
try_engine() {
    quietly "$NEW/bin/python" -I -c "$ENGINE_STARTS" || failed "the new engine does not start"
}

ENGINE_STARTS='
import os
import softlight.engine.server
from softlight.runtime import installation
installation.load()
os._exit(0)
'

quietly() {
    "$@" >>"$LOG" 2>&1
}

# watched COMMAND...: as `quietly`, and show which packages come.
watched() {
    { "$@" 2>&1 && : >"$WORK/done"; } | tee -a "$LOG" | sed -nE 's/^ *Downloading ([^ -]+)(-[0-9][^ -]*)?[^ ]* /  \1\2 /p'
    [ -f "$WORK/done" ] && rm -f "$WORK/done"
}

# failed WHAT: say what is wrong and what helps, by what pip or uv said. The old engine is untouched.
failed() {
    whole="nothing was changed"
    said=$(tail -n 400 "$LOG" 2>/dev/null) || said=''
    if told 'no space left|disk quota exceeded'; then
        stop "The disk of '$ENGINE' is full, so $whole; make room and start again."
    elif told 'do not match the hashes|hash mismatch'; then
        stop "A package has not the checksum that it must have, so $whole; ${WHEELHOUSE:+take another copy of '$WHEELHOUSE', or }start again later$(culprit)."
    elif [ -n "$WHEELHOUSE" ] && told 'no matching distribution|no solution found|no usable wheels|not found in'; then
        stop "'$WHEELHOUSE' lacks a package for Python $PYTHON_VERSION on $MACHINE$(culprit), so $whole; make it anew as $GUIDE says."
    elif told 'name resolution|name or service|nodename nor servname|newconnectionerror|connection refused|network is unreachable|dns error|timed out|failed to fetch|error sending request|connection (broken|reset|aborted)|proxyerror|sslerror|certificate'; then
        stop "The packages cannot be downloaded, since the package index is not reached, so $whole; connect and start again, or give a folder of wheels with --offline ($GUIDE)."
    elif told 'read-only file system|permission denied'; then
        stop "'$ENGINE' cannot be written, so $whole; give yourself the right to write there and start again."
    fi
    printf '%s\n' "$said" | tail -n 15 >&2
    stop "$1 for the reason above, so $whole."
}

told() {
    printf '%s\n' "$said" | grep -qiE "$1"
}

# The package that pip or uv named last, in brackets.
culprit() {
    named=$(printf '%s\n' "$said" | sed -nE -e 's/^ *([A-Za-z0-9_.-]+==[^ ]+) from .*/\1/p' \
        -e 's/.*(No matching distribution found for|Hash mismatch for|Because) `?([A-Za-z0-9_.=-]+).*/\2/p' | tail -n 1)
    [ -z "$named" ] || printf ' (%s)' "$named"
}
