#!/usr/bin/env bash
# Measures start-up, import and memory of the release build, for docs/performance.md.
#
#   cargo build --release && tests/measure.sh [FOLDER WITH THE PROGRAMS]
#
# Needs ../shared. Measures PostgreSQL too where DOORSTEP_TEST_PG names a server (./test starts one for tests).
# Run it on a quiet machine; three rounds each, all printed.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
bin=${1:-$here/target/release}
cases=$here/../shared/data/cases/porto-large-cases.csv
staff=$here/../shared/data/cases/porto-large-staff.csv
[ -f "$cases" ] || { echo "missing: $cases (see ../shared/README.md)" >&2; exit 1; }
work=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true; server=; }
trap 'stop; rm -rf "$work"' EXIT
now() { date +%s%N; }
since() { echo $((($(now) - $1) / 1000000)); }

# one ENGINE ROUND [init options]: sets up a folder, starts the server, imports, reports.
one() {
  local engine=$1 round=$2 dir=$work/$1-$2 port=$((7600 + RANDOM % 300)) t
  shift 2
  export DOORSTEP_SERVER=http://127.0.0.1:$port DOORSTEP_SESSION=$dir.session
  "$bin/doorstep" init "$dir" --tenant Measure --json "$@" >"$dir.json"
  sed -i "s/^#* *listen = .*/listen = \"127.0.0.1:$port\"/; s/^#* *metrics_listen = .*/metrics_listen = \"off\"/" "$dir/doorstep.toml"
  t=$(now)
  "$bin/doorstep-server" --dir "$dir" >"$dir.log" 2>&1 &
  server=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$engine round $round: listening after $(since "$t") ms, resident $(awk '/VmRSS/{print $2}' /proc/$server/status) kB"
  password() { python3 -c "import json,sys; print([l['password'] for l in json.load(open(sys.argv[1]))['logins'] if l['login']==sys.argv[2]][0])" "$dir.json" "$1"; }
  DOORSTEP_PASSWORD=$(password admin) "$bin/doorstep" login --user admin >/dev/null
  "$bin/doorstep" staff import "$staff" >/dev/null
  DOORSTEP_PASSWORD=$(password supervisor) "$bin/doorstep" login --user supervisor >/dev/null
  for what in "first import" "same file again"; do
    t=$(now)
    "$bin/doorstep" case import "$cases" >"$dir.out"
    echo "$engine round $round: $what of 20,000 rows in $(since "$t") ms, peak resident $(awk '/VmHWM/{print $2}' /proc/$server/status) kB"
  done
  t=$(now)
  "$bin/doorstep" plan propose --day 2026-11-23 --without-notice >"$dir.out"
  echo "$engine round $round: plan over 20,000 cases in $(since "$t") ms, peak resident $(awk '/VmHWM/{print $2}' /proc/$server/status) kB"
  stop
}

for round in 1 2 3; do one sqlite "$round"; done
if [ -n "${DOORSTEP_TEST_PG:-}" ]; then
  for round in 1 2 3; do
    for name in "measure_$$_$round" "measure_$$_${round}_keys"; do psql -q "$DOORSTEP_TEST_PG" -c "CREATE DATABASE $name"; done
    base=${DOORSTEP_TEST_PG%/*}
    one postgres "$round" --url "$base/measure_$$_$round" --keys-url "$base/measure_$$_${round}_keys"
    for name in "measure_$$_$round" "measure_$$_${round}_keys"; do psql -q "$DOORSTEP_TEST_PG" -c "DROP DATABASE $name"; done
  done
fi
