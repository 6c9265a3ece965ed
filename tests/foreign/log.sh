#!/usr/bin/env bash
# Independent tools read exports that the real program made, and refuse them where a byte is changed: Go's sumdb/note and
# tlog, the crates signed_note, tlog_tiles and ct-merkle, pymerkle, aics-tlog. The foreign witness aics-witness cosigns beside
# our own, and both refuse a second history. Any disagreement ends with 1.
#
#   ./test --foreign        runs it with everything else
#   tests/foreign/log.sh    alone, after `cargo build --workspace --bins`
#
# Needs Go with golang.org/x/mod (Debian packages, installed where apt-get is there) and Python 3.12 or later; the Python
# packages go into target/foreign.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=$root/target/debug
kept=$root/target/foreign
data=$root/../shared/data/cases
. "$here/common.bash"
begin log
mkdir -p "$kept"

# ---- the tools ----

# Go 1.19 and its libraries as Debian has them; no module is fetched.
prepare_go() {
    export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE=$kept/go-cache
    if ! command -v go >/dev/null || [ ! -d "$GOPATH/src/golang.org/x/mod/sumdb/tlog" ]; then
        command -v apt-get >/dev/null || fail "install Go and golang.org/x/mod below $GOPATH"
        as_root apt-get update -q >"$work/apt.log" 2>&1 || fail "apt-get update failed"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            golang-go golang-golang-x-mod-dev >>"$work/apt.log" 2>&1 || fail "apt-get could not install Go"
    fi
    go build -o "$kept/go-oracle" "$here/go/main.go"
}

prepare_rust() {
    cargo build --quiet --locked --manifest-path "$here/rust/Cargo.toml" --target-dir "$kept/rust"
}

python_new_enough() {
    local one
    for one in python3 python3.13 python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3; do
        if "$one" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then command -v "$one"; return; fi
    done
    fail "Python 3.12 or later was not found; install it, or put it in PATH as python3.12"
}

prepare_python() {
    local wanted="aics-tlog==0.2.1 aics-witness==0.1.0 pymerkle==7.0.0"
    if [ "$(cat "$kept/venv/wanted" 2>/dev/null)" != "$wanted" ]; then
        rm -rf "$kept/venv"
        "$(python_new_enough)" -m venv "$kept/venv"
        # shellcheck disable=SC2086 # each is a word
        "$kept/venv/bin/pip" install --quiet --disable-pip-version-check $wanted >"$work/pip.log" 2>&1 \
            || fail "pip could not install $wanted"
        printf '%s' "$wanted" >"$kept/venv/wanted"
    fi
}

# ---- two exports of one real log ----

# password FILE LOGIN, of what init printed.
password() {
    python3 -c 'import json,sys; print(next(l["password"] for l in json.load(open(sys.argv[1]))["logins"] if l["login"] == sys.argv[2]))' "$@"
}

# sign_in DIR LOGIN
sign_in() { DOORSTEP_PASSWORD=$(password "$1.json" "$2") "$bin/doorstep" login --user "$2" >/dev/null; }

# set_up DIR: a new data folder whose server will listen on a port of its own.
set_up() {
    "$bin/doorstep" init "$1" --tenant Foreign --json >"$1.json"
    listen_on "$1"
}

# listen_on DIR
listen_on() {
    local port=$((21000 + RANDOM % 9000))
    sed -i "s/^#* *listen = .*/listen = \"127.0.0.1:$port\"/; s/^#* *metrics_listen = .*/metrics_listen = \"off\"/" "$1/doorstep.toml"
    printf 'http://127.0.0.1:%s' "$port" >"$1.url"
}

# serve DIR
serve() {
    export DOORSTEP_SERVER DOORSTEP_SESSION=$1.session
    DOORSTEP_SERVER=$(cat "$1.url")
    "$bin/doorstep-server" --dir "$1" >"$1.log" 2>&1 &
    started+=("$!")
    wait_for "$DOORSTEP_SERVER"
}

# wait_for URL
wait_for() {
    local address=${1#http://} tries
    for tries in $(seq 200); do
        (exec 3<>"/dev/tcp/${address%:*}/${address#*:}") 2>/dev/null && return
        sleep 0.1
    done
    fail "nobody listens on $1 after $((tries / 10)) s"
}

make_exports() {
    set_up "$work/d"
    serve "$work/d"
    sign_in "$work/d" admin
    "$bin/doorstep" staff import "$data/porto-staff.csv" >/dev/null
    sign_in "$work/d" supervisor
    "$bin/doorstep" case import "$data/porto-cases.csv" >/dev/null
    "$bin/doorstep" log export "$work/old" >/dev/null
    "$bin/doorstep" case import "$data/porto-messy.csv" >/dev/null
    "$bin/doorstep" plan propose --day "$(date -u -d '+1 day' +%F)" >/dev/null
    "$bin/doorstep" log export "$work/new" >/dev/null
    local index
    for index in 0 255 256 600; do "$bin/doorstep" log proof "$index" --out "$work/proof-$index" >/dev/null; done
}

# ---- what they say ----

vkey_of() { grep -F "/$1+" "$work/new/keys/log.vkey"; }

say_go() { "$kept/go-oracle" "$(vkey_of events)" "$1" "$2" "$work"/proof-*; }
say_rust() { "$kept/rust/debug/doorstep-log-oracle" export "$(vkey_of events)" "$1" "$2"; }
say_pymerkle() { "$kept/venv/bin/python" "$here/python/trees.py" "$1" "$2"; }
say_aics() {
    local log=$2 index aics=$kept/venv/bin/aics-tlog key
    key=$(vkey_of events)
    "$aics" verify-consistency --tiles "$log" --log-key "$key" --old-checkpoint "$1/checkpoint" \
        --checkpoint "$log/checkpoint" >"$work/said.log" || return 1
    for index in 0 255 256 $(($(sed -n 2p "$log/checkpoint") - 1)); do
        "$aics" verify-inclusion --tiles "$log" --log-key "$key" --index "$index" --checkpoint "$log/checkpoint" \
            >"$work/said.log" || return 1
    done
    echo "aics-tlog: both notes and four leaves hold"
}

# change FILE OFFSET: another byte there, of the kind that was there.
change() {
    python3 - "$1" "$2" <<'PY'
import sys
path, offset = sys.argv[1], int(sys.argv[2])
data = bytearray(open(path, "rb").read())
data[offset] = ord("A") if data[offset] != ord("A") else ord("B")
open(path, "wb").write(data)
PY
}

# refused NAME FILE OFFSET TOOL...: each tool refuses the new state with this byte changed.
refused() {
    local name=$1 file=$2 offset=$3 tool
    shift 3
    rm -rf "$work/bad"
    cp -r "$work/new/events" "$work/bad"
    change "$work/bad/$file" "$offset"
    for tool in "$@"; do
        if "say_$tool" "$work/old/events" "$work/bad" >"$work/good.log" 2>&1; then fail "$tool took $name for good"; fi
        # It must be a refusal, not a tool that does not run.
        "say_$tool" "$work/old/events" "$work/new/events" >"$work/good.log" 2>&1 || fail "$tool refuses what is good"
    done
    printf 'foreign: %s is refused by %s\n' "$name" "$*"
}

# ---- a foreign witness beside our own ----

port() { echo $((21000 + RANDOM % 9000)); }

# start_witnesses KEYS: each trusts the log's keys; writes the policy that wants both.
start_witnesses() {
    local aics=$kept/venv/bin/aics-witness conf=$work/theirs/witness.json theirs ours key
    theirs=$(port)
    ours=$(port)
    mkdir "$work/theirs"
    "$aics" init -c "$conf" --name foreign.example/w1 --listen "127.0.0.1:$theirs" >"$work/theirs.log" 2>&1
    while read -r key; do "$aics" add-log -c "$conf" --origin "${key%%+*}" --vkey "$key" >>"$work/theirs.log" 2>&1; done <"$1"
    their_key=$("$aics" status -c "$conf" | awk '/^vkey/ { print $2 }')
    "$aics" serve -c "$conf" >>"$work/theirs.log" 2>&1 &
    started+=("$!")
    "$bin/doorstep" witness init "$work/ours" --name own.example/w2 >"$work/ours.log"
    "$bin/doorstep" witness add-log "$work/ours" --key "$1" >>"$work/ours.log"
    our_key=$("$bin/doorstep" witness show "$work/ours" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["key"])')
    "$bin/doorstep" witness serve "$work/ours" --listen "127.0.0.1:$ours" >>"$work/ours.log" 2>&1 &
    started+=("$!")
    wait_for "http://127.0.0.1:$theirs"
    wait_for "http://127.0.0.1:$ours"
    printf 'log %s\nwitness theirs %s http://127.0.0.1:%s\nwitness ours %s http://127.0.0.1:%s\ngroup both all theirs ours\nquorum both\n' \
        "$(head -n 1 "$1")" "$their_key" "$theirs" "$our_key" "$ours" >"$work/policy"
}

# stop_last: the server that was started last.
stop_last() {
    local last=${started[${#started[@]}-1]}
    kill "$last"
    wait "$last" || true
}

# exported NAME DIR: an export of a data folder, also without a server.
exported() { "$bin/doorstep" log export "$work/$1" --dir "$2" --json >"$work/$1.json"; }

foreign_witness() {
    local first=$work/first second=$work/second third=$work/third
    set_up "$first"
    exported before "$first"
    python3 -c 'import json,sys; print("\n".join(json.load(open(sys.argv[1]))["keys"]))' "$work/before.json" >"$work/keys"
    start_witnesses "$work/keys"
    cp "$work/policy" "$first/policy"
    sed -i 's/^#* *witness_policy = .*/witness_policy = "policy"/' "$first/doorstep.toml"
    serve "$first"
    sign_in "$first" admin
    "$bin/doorstep" staff import "$data/porto-staff.csv" >/dev/null
    exported cosigned "$first"
    stop_last
    # The same folder, keys and all, three times: each goes on with a history of its own. The second grows larger than the
    # first, the third stays smaller.
    for copy in "$second" "$third"; do
        cp -r "$first" "$copy"
        cp "$first.json" "$copy.json"
        listen_on "$copy"
    done
    serve "$first"
    sign_in "$first" supervisor
    "$bin/doorstep" case import "$data/porto-messy.csv" >/dev/null
    exported true "$first"
    stop_last
    "$bin/doorstep" verify "$work/true" --policy "$work/policy" >"$work/verify.log" || fail "our verifier misses the quorum"
    for key in "$their_key" "$our_key"; do
        "$kept/venv/bin/aics-tlog" verify-checkpoint --note "$work/true/events/checkpoint" \
            --log-key "$(grep -F /events+ "$work/keys")" --witness-key "$key" --quorum 1 >"$work/said.log" \
            || fail "aics-tlog refuses a cosignature of ${key%%+*}"
    done
    # An operator who asks no witness signs another history; whoever is asked then refuses it, and it is not signed on.
    sed -i 's/^witness_policy = .*/witness_policy = ""/' "$second/doorstep.toml"
    serve "$second"
    sign_in "$second" supervisor
    "$bin/doorstep" case import "$data/porto-cases.csv" >/dev/null
    stop_last
    sed -i 's/^witness_policy = .*/witness_policy = "policy"/' "$second/doorstep.toml"
    serve "$second"
    sign_in "$second" admin
    for _ in $(seq 100); do [ -n "$(halted)" ] && break; sleep 0.1; done
    [ "$(halted)" = forked ] || fail "another history than the cosigned one is signed on: halted as $(halted)"
    exported other "$second"
    if "$bin/doorstep" verify "$work/other" --policy "$work/policy" >"$work/verify.log"; then fail "another history was cosigned"; fi
    grep -q quorum_unmet "$work/verify.log" || fail "the other history is refused for another reason"
    local kept_there kept_here
    kept_there=$("$kept/venv/bin/aics-witness" evidence -c "$work/theirs/witness.json" | grep -c witness_latest_note)
    kept_here=$("$bin/doorstep" witness refusals "$work/ours" --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["refusals"]))')
    [ "$kept_there" -ge 1 ] && [ "$kept_here" -ge 1 ] || fail "no witness kept the refusal: theirs $kept_there, ours $kept_here"
    printf 'foreign: both witnesses cosign one history and refuse the other (kept: theirs %s, ours %s)\n' "$kept_there" "$kept_here"
    stop_last
    goes_on_as_new "$third"
    stop_last
}

# halted: why the events log of the running server is halted, or nothing.
halted() { "$bin/doorstep" log head --json | python3 -c 'import json,sys; print((json.load(sys.stdin).get("halted") or {}).get("reason", ""))'; }

# goes_on_as_new DIR: what the witnesses hold halts a log that was set back, though its key store was set back with it; the
# documented way out names the log that it leaves.
goes_on_as_new() {
    local tries case_id
    serve "$1"
    sign_in "$1" admin
    "$bin/doorstep" staff import "$data/porto-staff.csv" >/dev/null
    for tries in $(seq 100); do
        [ -n "$(halted)" ] && break
        [ "$tries" -lt 100 ] || fail "a log that was set back is signed although its witnesses hold more"
        sleep 0.1
    done
    [ "$(halted)" = rolled-back ] || fail "halted as $(halted)"
    "$bin/doorstep" log continue --yes >"$work/said.log" || fail "the halted log does not go on"
    sign_in "$1" supervisor
    "$bin/doorstep" case import "$data/porto-messy.csv" >/dev/null
    sleep 1
    exported continued "$1"
    if "$bin/doorstep" verify "$work/continued" --key "$work/keys" >"$work/verify.log"; then fail "a continued log verifies as if nothing was lost"; fi
    "$bin/doorstep" verify "$work/continued" --key "$work/keys" --accept-continued "$(sed -n '1s/+.*//p' "$work/continued/keys/log.vkey")/events" \
        >"$work/verify.log" || fail "the continued log does not verify"
    grep -q log_continued "$work/verify.log" || fail "the report does not say that the log was continued"
    case_id=$("$bin/doorstep" case list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["items"][0]["id"])')
    "$bin/doorstep" log export "$work/case" --case "$case_id" >"$work/said.log" || fail "no case is exported after the log was continued"
    "$bin/doorstep" verify "$work/case" --key "$work/keys" >"$work/verify.log" || fail "a case of the continued log does not verify"
    printf 'foreign: a log that was set back is halted, goes on as a new one that names the old, and verifies, also one case of it\n'
}

prepare_go
prepare_rust
prepare_python
make_exports
"$kept/rust/debug/doorstep-log-oracle" sizes
for tool in go rust pymerkle aics; do "say_$tool" "$work/old/events" "$work/new/events" || fail "$tool disagrees"; done
signature=$(($(wc -c <"$work/new/events/checkpoint") - 20))
root_at=$(($(head -n 2 "$work/new/events/checkpoint" | wc -c) + 3))
refused "a changed signature" checkpoint "$signature" go rust aics
refused "a changed root" checkpoint "$root_at" go rust aics pymerkle
refused "a changed leaf" tile/entries/000 100 go rust pymerkle aics
refused "a changed tile" tile/0/000 100 go rust aics
foreign_witness
printf 'foreign: all agree\n'
