#!/usr/bin/env python3
"""Measures the planner beside its peers, for docs/performance.md: the same instances, seeds and CPU seconds, one thread.

    cargo build --release -p doorstep-planner --example visits
    tests/measure-planner.py [--instances A-n60-k4-d1,…] [--limits 1,5,20] [--seeds 1,2,3] [--peers pyvrp] [--write]

Needs ../shared/bench, and a Python with the peers in it (`pip install pyvrp ortools pyvroom numpy`), which PEERS_PYTHON names
where it is not this one. Each plan of ours is judged by evaluate_visits.py, each of a peer by its runner with the same code.
Ours and the peers' runs alternate, one at a time. Prints a line for each run and the table; --write puts the table into
docs/performance.md, between its two marks. Run it on a quiet machine.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent
BENCH = HERE.parent / "shared" / "bench"
MARKS = ("<!-- measured: visits -->", "<!-- end of what was measured -->")


def ours(program, instance, limit, seed):
    """Objective of our plan, as the evaluator has it."""
    command = [program, instance, "--seconds", str(limit), "--seed", str(seed)]
    with tempfile.NamedTemporaryFile("w+b", suffix=".json") as plan:
        subprocess.run(command, check=True, stdout=plan, stderr=subprocess.DEVNULL)
        judged = subprocess.run([sys.executable, BENCH / "evaluate_visits.py", instance, plan.name], capture_output=True)
    found = json.loads(judged.stdout)
    if not found["feasible"]:
        sys.exit(f"{instance} {limit} s seed {seed}: our plan is refused: {found['errors']}")
    return found["objective"]


def theirs(peer, instance, limits, seed):
    """Objectives of a peer at each limit, from one run; None where it had nothing yet."""
    python = os.environ.get("PEERS_PYTHON", sys.executable)
    runner = BENCH / "peers" / "run_visits.py"
    command = [python, runner, "--solver", peer, instance, "--limits", ",".join(map(str, limits)), "--seed", str(seed)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    told = [json.loads(line) for line in lines]
    return {line["limit"]: line.get("objective") for line in told if "limit" in line and line.get("feasible", True)}


def mean(values):
    return round(statistics.mean(values)) if values and None not in values else None


def shown(value):
    return f"{value:,}" if value is not None else "none"


def table(found, limits, peers):
    lines = ["| instance | CPU s | Doorstep | " + " | ".join(peers) + " | ahead of the best by |", "|---|" + "---:|" * (len(peers) + 3)]
    for instance in sorted({key[0] for key in found}):
        for limit in limits:
            us = mean(found[instance, limit, "doorstep"])
            them = [mean(found[instance, limit, peer]) for peer in peers]
            best = max((value for value in them if value is not None), default=None)
            ahead = f"{100 * (us - best) / abs(best):+.2f} %" if best else "–"
            cells = [instance, f"{limit:g}", shown(us), *map(shown, them), ahead]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", default="A-n60-k4-d1,A-n60-k4-d1-asym,A-n200-k12-d1,A-n200-k12-d1-asym,A-n200-k3-d5")
    parser.add_argument("--limits", default="1,5,20")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--peers", default="pyvrp")
    parser.add_argument("--program", default=str(HERE / "target" / "release" / "examples" / "visits"))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    limits = [float(limit) for limit in asked.limits.split(",")]
    seeds, peers = [int(seed) for seed in asked.seeds.split(",")], asked.peers.split(",")
    found = {}
    for name in asked.instances.split(","):
        instance = str(BENCH / "visits" / f"{name}.json")
        for seed in seeds:
            for limit in limits:
                found.setdefault((name, limit, "doorstep"), []).append(ours(asked.program, instance, limit, seed))
            for peer in peers:
                at = theirs(peer, instance, limits, seed)
                for limit in limits:
                    found.setdefault((name, limit, peer), []).append(at.get(limit))
            row = {f"{who} {limit:g} s": values[-1] for (of, limit, who), values in found.items() if of == name}
            print(f"{name} seed {seed}: {row}", flush=True)
    lines = table(found, limits, peers)
    print("\n".join(lines))
    if asked.write:
        page = HERE / "docs" / "performance.md"
        text = page.read_text(encoding="utf-8")
        head, rest = text.split(MARKS[0], 1)
        tail = rest.split(MARKS[1], 1)[1]
        page.write_text(f"{head}{MARKS[0]}\n\n" + "\n".join(lines) + f"\n\n{MARKS[1]}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
