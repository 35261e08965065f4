# The engine's folder: environments, of which `current` names the one that counts. Sourced by main.sh.
#
#   ENGINE/current -> env-…        what plug-ins and the command `softlight` start
#   ENGINE/env-DATE-PROCESS/       an environment; those beside the current one are unfinished or replaced
#   ENGINE/work-DATE-PROCESS/      what an installation needs for itself
#   ENGINE/made                    the folders that did not exist before
#   ENGINE/lock/                   an installation runs
#   ENGINE/python/                 a Python that uv brought

make_engine_folder() {
    missing=$(missing_folders "$ENGINE")
    mkdir -p "$ENGINE" 2>/dev/null ||
        stop "'$ENGINE' cannot be made; give yourself the right to write to '$DATA', or set XDG_DATA_HOME to another folder."
    [ -z "$missing" ] || printf '%s\n' "$missing" >>"$ENGINE/made" 2>/dev/null
}

# missing_folders PATH: print which folders `mkdir -p` will make, the innermost first.
missing_folders() {
    path=$1
    while [ ! -d "$path" ]; do
        printf '%s\n' "$path"
        path=${path%/*}
    done
}

# remove_made: the folders that were made for Softlight go with it, where nothing else is in them.
remove_made() {
    made=$(cat "$ENGINE/made" 2>/dev/null) || made=''
    rm -f "$ENGINE/made"
    printf '%s\n' "$made" | while IFS= read -r path; do
        [ -z "$path" ] || rmdir "$path" 2>/dev/null
    done
}

# take_lock: of two installations at once the second says so; one that was killed is tidied up after.
take_lock() {
    make_engine_folder
    if ! mkdir "$ENGINE/lock" 2>/dev/null; then
        # On a full disk uninstalling must be possible.
        [ -d "$ENGINE/lock" ] || [ "$ACTION" = uninstall ] || stop "'$ENGINE' cannot be written; make room there or give yourself the right to, and start again."
        owner=$(cat "$ENGINE/lock/process" 2>/dev/null) || owner=''
        if [ -n "$owner" ] && still_installs "$owner"; then
            stop "Another installation runs (process $owner); wait for its end and start again."
        fi
        [ ! -d "$ENGINE/lock" ] || say "Tidying up after an installation that was broken off."
    fi
    # Whoever comes here has the lock; of two that find a dead owner the last one to write does.
    { printf '%s\n' "$$" >"$ENGINE/lock/process"; } 2>/dev/null || [ "$ACTION" = uninstall ] ||
        stop "The disk of '$ENGINE' is full or read-only, so nothing was changed; make room and start again."
    LOCKED=yes
    remove_all_but_current
}

still_installs() {
    kill -0 "$1" 2>/dev/null || return 1
    command -v ps >/dev/null || return 0
    # A process of another program may have got the number meanwhile.
    case $(ps -p "$1" -o args= 2>/dev/null) in *install.sh*) return 0 ;; *) return 1 ;; esac
}

remove_all_but_current() {
    kept=$(readlink "$ENGINE/current") || kept=''
    for old in "$ENGINE"/env-* "$ENGINE"/work-* "$ENGINE"/current.new; do
        [ "$old" = "$ENGINE/$kept" ] || rm -rf "$old"
    done
}

# leave: what every way out does, a kill -9 excepted.
leave() {
    status=$?
    trap - EXIT
    [ "$LOCKED" = yes ] || exit "$status"
    remove_all_but_current
    rm -rf "$ENGINE/lock"
    # A first installation that failed leaves nothing.
    if [ ! -L "$ENGINE/current" ]; then
        rm -rf "$ENGINE/python"
        remove_made
    fi
    exit "$status"
}

begin() {
    stamp=$(date +%Y%m%dT%H%M%S)-$$
    NEW=$ENGINE/env-$stamp WORK=$ENGINE/work-$stamp
    mkdir "$WORK" 2>/dev/null || stop "'$ENGINE' cannot be written, so nothing was changed; make room or give yourself the right to, and start again."
    LOG=$WORK/log
    # Not the system's: there it is often small, and would be left after kill -9.
    TMPDIR=$WORK
    export TMPDIR
}

# check_room MEGABYTES
check_room() {
    free=$("$PYTHON" -I -c 'import shutil, sys; print(shutil.disk_usage(sys.argv[1]).free // 10**6)' "$ENGINE") || return 0
    [ "$free" -ge "$1" ] || stop "The disk of '$ENGINE' has $free MB left, and $1 MB are needed, so nothing was changed; make room and start again."
}

# What starts Softlight goes through `current`, so that it outlives the next installation. (Python's own scripts
# name the environment that they were made in.)
write_launcher() {
    quoted=$(printf '%s\n' "$ENGINE/current/bin/python" | sed "s/'/'\\\\''/g")
    printf '#!/bin/sh\n# Made by the installer of Softlight.\nexec '"'%s'"' -I -m softlight "$@"\n' "$quoted" >"$NEW/bin/softlight.new" &&
        chmod 755 "$NEW/bin/softlight.new" && mv -f "$NEW/bin/softlight.new" "$NEW/bin/softlight" &&
        printf '%s\n' "$BACKEND" >"$NEW/backend" &&
        mkdir "$NEW/installer" && cp -R "$HERE/unix" "$HERE/$SYSTEM" "$NEW/installer/" || failed "the environment cannot be finished"
}

# One rename: whoever starts Softlight meanwhile gets the old engine or the new one. The engine that runs ends first,
# with its jobs done, since it would load what it has not loaded yet from the new environment.
switch_over() {
    if [ -x "$ENGINE/current/bin/python" ]; then
        "$ENGINE/current/bin/python" -I -c "$ENGINE_ENDS" >/dev/null 2>&1 || :
    fi
    rm -f "$ENGINE/current.new"
    # os.sync: after a power cut the new environment must be there as a whole.
    quietly "$NEW/bin/python" -I -c 'import os, sys; os.sync(); os.symlink(*sys.argv[1:3]); os.replace(*sys.argv[2:4])' \
        "${NEW##*/}" "$ENGINE/current.new" "$ENGINE/current" || failed "the new engine cannot be put in place"
}

ENGINE_ENDS='
import os, time
from softlight_bridge import client, places
if client.end_engine():
    patience = time.monotonic() + 30
    while os.path.exists(places.state_path()) and time.monotonic() < patience:
        time.sleep(0.1)
'

# A link in ~/.local/bin, unless somebody else's `softlight` is there.
link_command() {
    COMMAND=$ENGINE/current/bin/softlight
    if [ -L "$LINK" ] && [ "$(readlink "$LINK")" = "$COMMAND" ]; then
        :
    elif [ -e "$LINK" ] || [ -L "$LINK" ]; then
        say "'$LINK' is there already and not this installer's, so it was left alone; the command is '$COMMAND'."
        return
    else
        missing=$(missing_folders "$BIN")
        if ! { mkdir -p "$BIN" && ln -s "$COMMAND" "$LINK"; } 2>/dev/null; then
            say "'$LINK' cannot be made; the command is '$COMMAND'."
            return
        fi
        # Before those above, in which they lie.
        { printf '%s\n' "$missing"; cat "$ENGINE/made" 2>/dev/null; } >"$WORK/made" && mv -f "$WORK/made" "$ENGINE/made"
    fi
    case :$PATH: in
        *:"$BIN":*) COMMAND=softlight ;;
        *) COMMAND=$LINK ;;
    esac
}
