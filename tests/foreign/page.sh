#!/usr/bin/env bash
# A real browser opens the page of a notice: it works by keyboard alone and without script, each control has its name, and "not
# today" takes the visit out of the plan; how soon is told. Debian's chromium, headless, driven through WebDriver.
#
#   ./test --foreign        runs it with everything else
#   tests/foreign/page.sh   alone, after `cargo build --workspace --bins`
#
# Needs chromium and its driver (Debian packages, installed where apt-get is there) and Python 3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/common.bash"
begin page

if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
    command -v apt-get >/dev/null || fail "install chromium and chromedriver"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null </dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium chromium-driver \
        fonts-noto-cjk >/dev/null </dev/null || fail "chromium could not be installed"
fi

# The demo has a server with notices that left the house, and keeps serving.
"$root/target/debug/doorstep" demo >"$work/demo.log" 2>&1 &
started+=($!)
for tries in $(seq 1800); do
    grep -q "^a notice" "$work/demo.log" && break
    kill -0 "${started[0]}" 2>/dev/null || fail "the demo ended"
    [ "$tries" -lt 1800 ] || fail "the demo shows no notice"
    sleep 0.1
done
page=$(sed -n 's/^a notice *//p' "$work/demo.log")
server=${page%%/n/*}
export DOORSTEP_SERVER=$server DOORSTEP_SESSION=$work/session
printf 'demo-demo-demo\n' | "$root/target/debug/doorstep" login --user supervisor --password-stdin >/dev/null

port=$((22000 + RANDOM % 8000))
chromedriver --port="$port" >"$work/driver.log" 2>&1 &
started+=($!)
python3 "$here/python/page.py" "http://127.0.0.1:$port" "$page" "$root/target/debug/doorstep"
