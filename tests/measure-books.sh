#!/usr/bin/env bash
# Measures the life of a large book on the release build, for docs/performance.md: loans in, the day's work, payments in, lists,
# reports, and plans replayed.
#
#   cargo build --release && tests/measure-books.sh [FOLDER WITH THE PROGRAMS]
#
# Needs ../shared: 20,000 people of its cases, each with a loan of two instalments. Measures PostgreSQL too where
# DOORSTEP_TEST_PG names a server. Run it on a quiet machine; ROUNDS (3) each, all printed.
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
today=$(date -u +%F)

# The files: each loan fell due some weeks ago and falls due again soon; every other one pays the first instalment today.
python3 - "$cases" "$work" "$today" <<'PYTHON'
import csv, datetime, sys
cases, work, today = sys.argv[1], sys.argv[2], datetime.date.fromisoformat(sys.argv[3])
day = lambda ahead: (today + datetime.timedelta(days=ahead)).isoformat()
rows = list(csv.DictReader(open(cases, encoding="utf-8")))
person = ["name", "phone", "address", "lat", "lon", "currency", "language"]
with open(work + "/loans.csv", "w", newline="") as loans, open(work + "/payments.csv", "w", newline="") as paid:
    loans, paid = csv.writer(loans), csv.writer(paid)
    loans.writerow(["loan_no", "portfolio", *person, "due_date", "instalment", "principal", "interest", "penalty", "fees"])
    paid.writerow(["reference", "loan_no", "portfolio", "day", "amount", "currency", "kind"])
    for n, row in enumerate(rows):
        who = [row[name] for name in person]
        for instalment, due in enumerate([-3 - n % 95, 4 + n % 25], 1):
            loans.writerow([row["case_no"], "consumer-loan", *who, day(due), instalment, "100.00", "9.50", "0.50", "1.00"])
        if n % 2:
            paid.writerow([f"R-{n}", row["case_no"], "consumer-loan", day(0), "111.00" if n % 4 == 1 else "40.00", row["currency"], "payment"])
PYTHON

# told WHAT COMMAND...: runs it and says how long it took and how large the server grew.
told() {
  local what=$1 t
  shift
  t=$(now)
  "$@" >"$work/out" 2>&1 || { echo "failed: $*" >&2; tail -5 "$work/out" >&2; exit 1; }
  echo "$engine round $round: $what in $(since "$t") ms, peak resident $(awk '/VmHWM/{print $2}' /proc/"$server"/status) kB"
}

# one ENGINE ROUND [init options]
one() {
  engine=$1 round=$2
  local dir=$work/$1-$2 port=$((7600 + RANDOM % 300))
  shift 2
  export DOORSTEP_SERVER=http://127.0.0.1:$port DOORSTEP_SESSION=$dir.session
  "$bin/doorstep" init "$dir" --tenant Measure --json "$@" >"$dir.json"
  sed -i "s/^#* *listen = .*/listen = \"127.0.0.1:$port\"/; s/^#* *metrics_listen = .*/metrics_listen = \"off\"/" "$dir/doorstep.toml"
  "$bin/doorstep-server" --dir "$dir" >"$dir.log" 2>&1 &
  server=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  password() { python3 -c "import json,sys; print([l['password'] for l in json.load(open(sys.argv[1]))['logins'] if l['login']==sys.argv[2]][0])" "$dir.json" "$1"; }
  DOORSTEP_PASSWORD=$(password admin) "$bin/doorstep" login --user admin >/dev/null
  "$bin/doorstep" staff import "$staff" >/dev/null
  "$bin/doorstep" portfolio add consumer-loan >/dev/null
  DOORSTEP_PASSWORD=$(password supervisor) "$bin/doorstep" login --user supervisor >/dev/null
  told "loan file of 20,000 loans, 40,000 instalments" "$bin/doorstep" loan import "$work/loans.csv"
  told "the day's work over 20,000 loans" "$bin/doorstep" daily
  told "the same day again" "$bin/doorstep" daily
  told "payment file of 10,000 rows" "$bin/doorstep" payment import "$work/payments.csv"
  told "books" "$bin/doorstep" books
  told "work list of calls" "$bin/doorstep" work list --channel call
  told "report by portfolio" "$bin/doorstep" report
  told "report by stage" "$bin/doorstep" report --by stage
  told "plan of a day" "$bin/doorstep" plan propose --day "$(date -u -d "$today + 2 days" +%F)" --without-notice
  told "that plan replayed 1,000 times" "$bin/doorstep" plan simulate latest
  told "odds learned anew" "$bin/doorstep" odds train
  stop
}

rounds=$(seq "${ROUNDS:-3}")
for round in $rounds; do one sqlite "$round"; done
if [ -n "${DOORSTEP_TEST_PG:-}" ]; then
  for round in $rounds; do
    for name in "measure_$$_$round" "measure_$$_${round}_keys"; do psql -q "$DOORSTEP_TEST_PG" -c "CREATE DATABASE $name"; done
    base=${DOORSTEP_TEST_PG%/*}
    one postgres "$round" --url "$base/measure_$$_$round" --keys-url "$base/measure_$$_${round}_keys"
    for name in "measure_$$_$round" "measure_$$_${round}_keys"; do psql -q "$DOORSTEP_TEST_PG" -c "DROP DATABASE $name"; done
  done
fi
