#!/usr/bin/env bash
# Renders the pictures of README.md and docs/screens.md with the program itself, on the demo's invented town.
#
#   cargo build --release && docs/pictures/render.sh [PROGRAM]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-$here/../../target/release/doorstep}

picture() { # NAME SIZE KEYS ARGUMENTS...
    local name=$1 size=$2 keys=$3
    shift 3
    "$program" demo --snapshot "$size" --form svg --keys "$keys" "$@" >"$here/$name.svg"
    echo "$name.svg"
}

picture today 100x28 "" --lang en
picture visit 80x24 "i Space Enter 1 3 5 7 9 2 Enter o 1 Enter Enter 2 Enter 5 0 0 Tab f Enter" --lang en
picture navigate 100x26 "l" --lang en
picture today-zh 48x24 "" --lang zh-CN
picture live 120x32 "" --lang en --supervisor live
picture plan 120x30 "" --lang en --supervisor plan
picture log 100x24 ": t a m p Enter V" --lang en --supervisor log
