#!/usr/bin/env bash
# Measures the screens of the release build, for docs/performance.md: the first frame, memory and wake-ups of a field
# user's process with the network down, and how soon the demo shows its first screen.
#
#   cargo build --release && tests/measure-screens.sh [FOLDER WITH THE PROGRAMS]
#
# Needs `script` (util-linux). Frames of long lists and of the map are measured by `cargo bench -p doorstep
# --no-default-features`. Run it on a quiet machine.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
bin=${1:-$here/target/release}
rounds=${ROUNDS:-21}
work=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true; server=; }
trap 'stop; rm -rf "$work"' EXIT
port=$((7600 + RANDOM % 300))
export DOORSTEP_SERVER=http://127.0.0.1:$port DOORSTEP_SESSION=$work/session DOORSTEP_PIN=246813
export DOORSTEP_DEVICE_DIR=$work/device DOORSTEP_LANG=en TERM=xterm-256color

# A device with a day's route, and the server gone.
"$bin/doorstep" init "$work/data" --tenant Measure --json >"$work/init.json"
sed -i "s/^#* *listen = .*/listen = \"127.0.0.1:$port\"/; s/^#* *metrics_listen = .*/metrics_listen = \"off\"/" "$work/data/doorstep.toml"
"$bin/doorstep-server" --dir "$work/data" >"$work/log" 2>&1 &
server=$!
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
password() { python3 -c "import json,sys; print([l['password'] for l in json.load(open(sys.argv[1]))['logins'] if l['login']==sys.argv[2]][0])" "$work/init.json" "$1"; }
today=$(date -u +%F)
{
    echo "staff_no,name,role,crew,home_lat,home_lon,shift,travel,languages,certificate_until"
    echo "F01,Kim Probe,field,C1,51.5033,-0.1195,00:00-23:59,car,en,2099-12-31"
} >"$work/staff.csv"
{
    echo "case_no,portfolio,name,phone,address,lat,lon,amount_due,currency,due_date,days_past_due"
    for n in $(seq 1 20); do echo "L-$n,card,Person $n,+4477009001$(printf %02d "$n"),\"$n Invented Row\",51.5$((100 + n * 7)),-0.1$((100 + n * 5)),100.00,GBP,2026-09-14,70"; done
} >"$work/cases.csv"
DOORSTEP_PASSWORD=$(password admin) "$bin/doorstep" login --user admin >/dev/null
"$bin/doorstep" staff import "$work/staff.csv" --team "Team 1" >/dev/null
code=$("$bin/doorstep" device code F01 --json)
DOORSTEP_PASSWORD=$(password supervisor) "$bin/doorstep" login --user supervisor >/dev/null
"$bin/doorstep" case import "$work/cases.csv" >/dev/null
"$bin/doorstep" plan propose --day "$today" --without-notice --json >"$work/plan.json" || true
"$bin/doorstep" plan publish latest --yes --without-notice demonstration >/dev/null || true
read -r one tenant < <(python3 -c "import json,sys; c=json.loads(sys.argv[1]); print(c['code'], c['tenant'])" "$code")
"$bin/doorstep" device enrol "$one" --tenant "$tenant" >/dev/null
"$bin/doorstep" sync >/dev/null
stop

python3 - "$bin/doorstep" "$rounds" <<'PYTHON'
import fcntl, os, pty, re, select, signal, statistics, struct, sys, termios, time
program, rounds = sys.argv[1], int(sys.argv[2])

def opened(args, until, size=(24, 80)):
    """Starts the program on a terminal; returns pid, file and milliseconds until a text is seen."""
    start = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(program, [program] + args)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    return pid, fd, seen(fd, until, start)

def seen(fd, until, start):
    text = b""
    while until not in text:
        if not select.select([fd], [], [], 60)[0]:
            sys.exit(f"{until!r} was not seen")
        text += os.read(fd, 65536)
    return (time.perf_counter() - start) * 1000

def ended(pid, fd):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(fd)

def status(pid, name):
    return int(re.search(name + r":\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1))

def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")

def wakes(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        total += int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", open(f"/proc/{pid}/task/{task}/status").read()).group(1))
    return total

firsts = []
for _ in range(rounds):
    pid, fd, ms = opened(["screen"], b"PIN")
    firsts.append(ms)
    ended(pid, fd)
print(f"first frame, network down: median {statistics.median(firsts):.1f} ms, worst {max(firsts):.1f} ms of {rounds}")

pid, fd, _ = opened(["screen"], b"PIN")
start = time.perf_counter()
os.write(fd, os.environ["DOORSTEP_PIN"].encode() + b"\r")
print(f"PIN to route: {seen(fd, b'Route', start):.0f} ms")
time.sleep(3)
print(f"field user's process: resident {status(pid, 'VmRSS') / 1024:.1f} MB, peak {status(pid, 'VmHWM') / 1024:.1f} MB")
while select.select([fd], [], [], 0)[0]:
    os.read(fd, 65536)
before, cpu_before, written = wakes(pid), cpu(pid), 0
end = time.monotonic() + 60
while (left := end - time.monotonic()) > 0:
    if select.select([fd], [], [], left)[0]:
        written += len(os.read(fd, 65536))
print(f"idle for 60 s, offline: {wakes(pid) - before} wake-ups, {cpu(pid) - cpu_before} ms CPU, {written} bytes written")
ended(pid, fd)

demos = []
for _ in range(max(3, rounds // 4)):
    pid, fd, ms = opened(["demo", "--lang", "en"], b"Route")
    demos.append(ms)
    ended(pid, fd)
print(f"demo to its first screen: median {statistics.median(demos):.0f} ms, worst {max(demos):.0f} ms of {len(demos)}")
PYTHON
