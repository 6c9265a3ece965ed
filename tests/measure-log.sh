#!/usr/bin/env bash
# Measures signed events in pushes of 20 on the release build, for docs/performance.md: events a second, times to the
# answer and to a signed checkpoint, and CPU, on SQLite and PostgreSQL, alone and during an import of 20,000 rows; beside
# each engine the plain multi-row insert of the same bytes.
#
#   cargo build --release -p doorstep-tests --bin doorstep-load && tests/measure-log.sh [ROUNDS] [PROGRAM]
#
# Needs ../shared, python3 and PostgreSQL's programs (initdb, pg_ctl, psql), of which it starts a server of its own with
# default settings, so with fsync on. Run it on a quiet machine; three rounds, all printed, take some four minutes.
# EVENTS=N pushes other than 60000 events a run, and twice as many
# beside an import; ENGINES=postgres measures one engine alone.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
rounds=${1:-3}
load=${2:-$here/target/release/doorstep-load}
events=${EVENTS:-60000}
[ -x "$load" ] || { echo "missing: $load; see the top of this file" >&2; exit 1; }
[ -d "$here/../shared" ] || { echo "missing: ../shared" >&2; exit 1; }

# A server of PostgreSQL in a folder of its own. It refuses to run as root, so root hands it to somebody without rights.
bin=
for folder in "$(dirname "$(command -v initdb || echo /)")" /usr/lib/postgresql/*/bin; do
  if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then bin=$folder; fi
done
[ -n "$bin" ] || { echo "missing: initdb and pg_ctl of PostgreSQL" >&2; exit 1; }
work=$(mktemp -d /tmp/doorstep-measure.XXXXXX)
user=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
fi
as_user() {
  if [ "$(id -un)" = "$user" ]; then "$@"; else setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"; fi
}
chmod 711 "$work"
mkdir -m 700 "$work/pg"
chown "$user" "$work/pg"
cd "$work/pg"
as_user "$bin/initdb" -D "$work/pg/data" -U doorstep -A trust -E UTF8 --locale=C >/dev/null
stop() { as_user "$bin/pg_ctl" -D "$work/pg/data" -m fast -s -w stop || true; rm -rf "$work"; }
trap stop EXIT
port=$((20000 + RANDOM % 12000))
as_user "$bin/pg_ctl" -D "$work/pg/data" -l "$work/pg/log" -s -w \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$work/pg" start
pid=$(head -1 "$work/pg/data/postmaster.pid")
export PGOPTIONS="-c client_min_messages=warning"
base=postgres://doorstep@127.0.0.1:$port
sql() { psql -q "$base/$1" "${@:2}"; }
cd "$here"

# timed WHAT COMMAND...: seconds and CPU of a plain insert of the same bytes.
timed() {
  local what=$1 begun ended
  shift
  begun=$(date +%s%N)
  "$@"
  ended=$(date +%s%N)
  awk -v what="$what" -v us=$(((ended - begun) / 1000)) -v events="$plain" \
    'BEGIN { printf "%s: %d rows in %.2f s: %.0f rows/s\n", what, events, us / 1e6, events * 1e6 / us }'
}
plain_sqlite() {
  rm -f "$work/plain.db"*
  python3 - "$work/plain.db" "$work/plain.sql" <<'PYTHON'
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
statements = open(sys.argv[2]).read().splitlines()
before = os.times()
for statement in statements:
    database.execute(statement)
used = os.times()
print(f"  CPU of the process: {(used.user + used.system - before.user - before.system) * 1e6 / (len(statements) * 20):.1f} us a row")
PYTHON
}
plain_postgres() {
  sql postgres -c "DROP DATABASE IF EXISTS plain" -c "CREATE DATABASE plain"
  cat >"$work/plain.psql" <<'PSQL'
SELECT pg_backend_pid() AS pid \gset
\setenv BACKEND :pid
\i plain.sql
\! awk -v rows="$ROWS" '{ sub(/.*[)] /, ""); printf "  CPU of the backend: %.1f us a row\n", ($12 + $13) * 10000 / rows }' /proc/$BACKEND/stat
PSQL
  (cd "$work" && ROWS=$plain psql -q "$base/plain" -f plain.psql)
}

plain=$((events / 2))
for round in $(seq "$rounds"); do
  for engine in ${ENGINES:-sqlite postgres}; do
    # The log's own work, alone and beside an import; and visits with rules, contacts and outcomes behind their events.
    for what in "chain no" "chain yes" "door no"; do
      read -r mix import <<<"$what"
      count=$events
      if [ "$import" = yes ]; then count=$((events * 2)); fi
      arguments=(--events "$count" --mix "$mix" --import "$import")
      if [ "$engine" = postgres ]; then
        for name in load load_keys; do
          sql postgres -c "DROP DATABASE IF EXISTS $name" -c "CREATE DATABASE $name"
        done
        arguments+=(--database "$base/load" --keys "$base/load_keys" --database-pid "$pid")
      fi
      echo "== $engine, $mix, import: $import, round $round"
      "$load" "${arguments[@]}"
    done
    arguments=(--plain "$work/plain.sql" --events "$plain")
    if [ "$engine" = postgres ]; then arguments+=(--database "$base/load" --keys "$base/load_keys"); fi
    "$load" "${arguments[@]}"
    echo "== $engine, plain insert of the same bytes, round $round"
    timed "plain insert on $engine" "plain_$engine"
  done
done
