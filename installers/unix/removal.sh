# Taking Softlight out again. Sourced by main.sh.

# What the installed Softlight calls its folders: runtime, log, cache, settings, models.
FOLDERS='
from softlight_bridge import places
from softlight_models.places import user_places
found = user_places()
print(places.runtime_folder(), places.log_folder(), found.cache, found.config, found.models, sep="\n")
'

uninstall() {
    if [ ! -d "$ENGINE" ]; then
        stop "Softlight is not installed in '$ENGINE', so there is nothing to take out."
    fi
    take_lock
    python=$ENGINE/current/bin/python
    if [ ! -L "$ENGINE/current" ]; then
        say "There was only an installation that was broken off; it is gone."
        return
    fi
    "$python" -I -c 'import softlight' 2>/dev/null ||
        stop "The installed Softlight does not start, and is needed to take the plug-ins out; install it again, then uninstall it."
    # Not through a file: the disk may be full, and that may be why.
    folders=$("$python" -I -c "$FOLDERS") || stop "The installed Softlight does not know its folders; install it again, then uninstall it."
    runtime=$(line 1) log=$(line 2) cache=$(line 3) config=$(line 4) models=$(line 5)
    if [ "$PURGE" = yes ] && ! agreed "Remove your settings in '$config' and all models in '$models' as well?"; then
        stop "Nothing was removed; leave --purge out to keep settings and models, or add --yes."
    fi
    "$python" -I -m softlight plugins uninstall || stop "A plug-in could not be taken out, for the reason above, so all else is still there; put that right and start again."
    await_end "$runtime"
    if [ -L "$LINK" ] && [ "$(readlink "$LINK")" = "$ENGINE/current/bin/softlight" ]; then
        rm -f "$LINK"
    fi
    rm -rf "$log" "$cache" "$runtime"
    # The link first: what is left after a kill -9 in between is then taken for what it is.
    rm -f "$ENGINE/current"
    remove_all_but_current
    rm -rf "$ENGINE/python"
    rm -rf "$ENGINE/lock"
    LOCKED=no
    remove_made
    if [ "$PURGE" = yes ]; then
        rm -rf "$config"
        # A folder that SOFTLIGHT_MODELS names may be a studio's.
        [ -n "${SOFTLIGHT_MODELS-}" ] || rm -rf "$models"
    fi
    case $log in */softlight/*) rmdir "${log%/*}" 2>/dev/null ;; esac
    rmdir "$models" "$config" "$ENGINE" "$DATA/softlight" 2>/dev/null
    say "Softlight is gone."
    for left in "$config" "$models"; do
        [ ! -d "$left" ] || say "Left: '$left'."
    done
}

# line NUMBER: of the folders.
line() {
    printf '%s\n' "$folders" | sed -n "$1p"
}

# await_end RUNTIME: the engine was asked to end; it finishes what it computes.
await_end() {
    waited=0
    while [ -e "$1/engine.json" ] && [ "$waited" -lt 20 ]; do
        sleep 1
        waited=$((waited + 1))
    done
}
