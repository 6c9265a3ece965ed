#!/usr/bin/env bash
# What a database server that ends at once and a disk that is full leave of the log: nothing lost, nothing doubled, and it
# verifies.
#
#   ./test --foreign           runs it with everything else
#   tests/foreign/outage.sh    alone, after `cargo build --workspace --bins`
#
# Needs PostgreSQL's programs (./test installs them) and the right to mount a small file system in memory.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$root/target/debug
data=$root/../shared/data/cases
work=$(mktemp -d /tmp/doorstep-outage.XXXXXX)
chmod 711 "$work"
server=
pg_bin=
mounted=false

fail() { printf 'outage: %s\n' "$*" >&2; exit 1; }
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u nobody -- "$@"; else "$@"; fi; }
stop_server() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true; server=; }
clean_up() {
    local code=$?
    stop_server
    if [ -n "$pg_bin" ]; then (cd / && as_owner "$pg_bin/pg_ctl" -D "$work/pg/data" -m immediate -s stop) || true; fi
    if [ "$code" -ne 0 ]; then tail -n 20 "$work"/*.log >&2 || true; fi
    if $mounted; then umount "$work/disk"; fi
    rm -rf "$work"
    exit "$code"
}
trap clean_up EXIT

# ---- PostgreSQL ends at once, again and again, in the middle of imports, plans and pushes ----

start_database() {
    local folder
    for folder in $(dirname "$(command -v initdb)" 2>/dev/null) /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ]; then pg_bin=$folder; fi
    done
    [ -n "$pg_bin" ] || fail "initdb was not found; ./test --yes installs PostgreSQL"
    mkdir "$work/pg"
    if [ "$(id -u)" = 0 ]; then chown nobody "$work/pg"; fi
    port=$((20000 + RANDOM % 12000))
    cd /
    as_owner "$pg_bin/initdb" -D "$work/pg/data" -U doorstep -A trust -E UTF8 --locale=C --no-sync >"$work/initdb.log" 2>&1
    # Durable as in real use: what was answered must be there after the end.
    printf 'listen_addresses = %s\nport = %d\nunix_socket_directories = %s\n' "'127.0.0.1'" "$port" "'$work/pg'" \
        | as_owner tee -a "$work/pg/data/postgresql.conf" >/dev/null
    as_owner "$pg_bin/pg_ctl" -D "$work/pg/data" -l "$work/pg/server.log" -s -w start
    local name
    for name in data keys; do "$pg_bin/createdb" -h 127.0.0.1 -p "$port" -U doorstep "$name"; done
}

outlast_the_database() {
    start_database
    local restart="cd / && '$pg_bin/pg_ctl' -D '$work/pg/data' -l '$work/pg/server.log' -m immediate -s -w restart"
    if [ "$(id -u)" = 0 ]; then restart="runuser -u nobody -- sh -c \"$restart\""; fi
    "$bin/doorstep-chaos" --rounds "$1" --seed 7 --database "postgres://doorstep@127.0.0.1:$port/data" \
        --keys "postgres://doorstep@127.0.0.1:$port/keys" --outage "$restart"
}

# ---- the disk is full ----

password() {
    python3 -c 'import json,sys; print(next(l["password"] for l in json.load(open(sys.argv[1]))["logins"] if l["login"] == sys.argv[2]))' "$@"
}

set_up_on_small_disk() {
    mkdir "$work/disk"
    mount -t tmpfs -o size=24m tmpfs "$work/disk" || fail "a file system in memory could not be mounted; run as root"
    mounted=true
    "$bin/doorstep" init "$work/disk/d" --tenant Full --json >"$work/init.json"
    local port=$((21000 + RANDOM % 9000))
    export DOORSTEP_SERVER=http://127.0.0.1:$port DOORSTEP_SESSION=$work/session
    sed -i "s/^#* *listen = .*/listen = \"127.0.0.1:$port\"/; s/^#* *metrics_listen = .*/metrics_listen = \"off\"/" \
        "$work/disk/d/doorstep.toml"
    "$bin/doorstep-server" --dir "$work/disk/d" >"$work/server.log" 2>&1 &
    server=$!
    local tries
    for tries in $(seq 200); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        [ "$tries" -lt 200 ] || fail "the server does not listen"
        sleep 0.1
    done
    DOORSTEP_PASSWORD=$(password "$work/init.json" admin) "$bin/doorstep" login --user admin >/dev/null
    "$bin/doorstep" staff import "$data/porto-staff.csv" >/dev/null
    DOORSTEP_PASSWORD=$(password "$work/init.json" supervisor) "$bin/doorstep" login --user supervisor >/dev/null
}

leaves() { "$bin/doorstep" log head --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["size"])'; }

outlast_a_full_disk() {
    set_up_on_small_disk
    local before said round
    sleep 1
    before=$(leaves)
    # A file that leaves nothing.
    dd if=/dev/zero of="$work/disk/filler" bs=64k status=none 2>/dev/null || true
    for round in 1 2 3; do
        if said=$("$bin/doorstep" case import "$data/porto-cases.csv" --json 2>&1); then fail "the import landed on a full disk"; fi
        case $said in *disk-full*) ;; *) fail "the import was refused without saying that the disk is full: $said" ;; esac
        kill -0 "$server" || fail "the server ended"
    done
    # Dies with the disk full, and comes back once there is room.
    kill -9 "$server"
    wait "$server" 2>/dev/null || true
    rm "$work/disk/filler"
    "$bin/doorstep-server" --dir "$work/disk/d" >>"$work/server.log" 2>&1 &
    server=$!
    for round in $(seq 100); do "$bin/doorstep" log head >/dev/null 2>&1 && break; sleep 0.1; done
    said=$("$bin/doorstep" case import "$data/porto-cases.csv" --json)
    case $said in *'"created": 600'*) ;; *) fail "the import did not land whole: $said" ;; esac
    sleep 1
    "$bin/doorstep" log export "$work/export" --dir "$work/disk/d" --json >"$work/export.json"
    python3 -c 'import json,sys; print("\n".join(json.load(open(sys.argv[1]))["keys"]))' "$work/export.json" >"$work/keys"
    "$bin/doorstep" verify "$work/export" --key "$work/keys" >"$work/verify.log" || fail "the log does not verify"
    [ "$(leaves)" -ge $((before + 600)) ] || fail "entries were lost"
    printf 'outage: a full disk refused three imports, the fourth landed; %s leaves verify\n' "$(leaves)"
}

outlast_the_database "${ROUNDS:-6}"
outlast_a_full_disk
