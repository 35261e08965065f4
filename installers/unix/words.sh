# What the installer says and asks. Sourced by main.sh.

say() {
    printf '%s\n' "$*"
}

stop() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

# agreed QUESTION: whether the user says yes. Without a terminal nobody can, so then it takes --yes.
agreed() {
    [ "$YES" = no ] || return 0
    [ -t 0 ] || return 1
    printf '%s [y/N] ' "$1"
    read -r reply || return 1
    case $reply in [yY]*) return 0 ;; *) return 1 ;; esac
}
