# What the foreign parts share: a folder for the work, what they started and end again, and how they fail. A part calls
# `begin NAME` once; its programs go into `started`, their output into "$work"/*.log.

begin() {
    part=$1
    work=$(mktemp -d "/tmp/doorstep-$part.XXXXXX")
    started=()
    trap clean_up EXIT
}

fail() { printf '%s: %s\n' "$part" "$*" >&2; exit 1; }

clean_up() {
    local code=$? one
    for one in ${started[@]+"${started[@]}"}; do kill "$one" 2>/dev/null || true; done
    wait || true
    if [ "$code" -ne 0 ]; then for one in "$work"/*.log; do [ -e "$one" ] && { echo "-- $one"; tail -n 20 "$one"; } >&2; done; fi
    rm -rf "$work"
    exit "$code"
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
