#!/usr/bin/env python3
"""Writes Tests/RELIABILITY.md from what was measured (.build/reliability/*.json): make reliability

No figure is typed by hand: a row without a file is shown as not run.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from Reliability import record  # noqa: E402
from Reliability.world import ROOT  # noqa: E402

HEAD = """\
# Reliability: what was promised, and what was measured

`make reliability` writes this file from the results in `.build/reliability/`, which the commands of the last column leave
there. A row that has not been run on this tree says so. Load and faults are on one machine, over loopback.

"""
FUZZ = ["gate", "libfcgi", "fields", "redis", "chat", "configuration"]


def yes(holds, enough=True):
    """A figure that is good but comes from too short a run has not been reached yet."""
    return "**missed**" if not holds else "reached" if enough else "so far; N too small"


def crossing(f):
    return (f"{f['crossed']} of {f['answers']:,} answers, with {f['faults']} fail-overs and {f['cancelled']:,} calls given "
            f"up", f["answers"], yes(f["crossed"] == 0, f["answers"] >= 1_000_000))


def fuzz(f):
    stood = f"; the machine stood still for a second {f['standstills']} times" if f.get("standstills") else ""
    return (f"{f['findings']} findings in {f['inputs']:,} inputs, {f['peak_rss_mib']} MiB at most{stood}", f["inputs"],
            yes(f["findings"] == 0, f["inputs"] >= 10_000_000))


def failover(f):
    return (f"{f['after_promotion_max']} s at most ({f['outage_max']} s after the master's end)", f["count"],
            yes(f["after_promotion_max"] <= 2))


def redis_down(f):
    only = set(f["statuses"]) == {"503"}
    return (f"{f['p99_ms']} ms; statuses " + ", ".join(f"{s} × {n:,}" for s, n in f["statuses"].items()), f["count"],
            yes(f["p99_ms"] <= 300 and only))


def chat_load(f):
    worst = max(f["modes"].items(), key=lambda mode: mode[1]["added"])
    return (f"{f['worst']:.3f}× at most ({worst[0]}); calls made again: "
            + ", ".join(f"{name} {mode['repeated']} of {mode['calls']:,}" for name, mode in f["modes"].items() if mode["repeated"]),
            f["count"], yes(f["worst"] <= 1.1, f["count"] >= 10_000))


def overload(f):
    return (f"{f['share']:.0%} of the peak ({f['useful']:.0f}/s of {f['peak']:.0f}/s while {f['offered']:.0f}/s came); p99 of the "
            f"admitted {f['p99_ms']} ms, {f['p99_ratio']}× that at the peak ({f['peak_p99_ms']} ms); capacity set by "
            f"`chat_operations` {f['operations']} and {f['chat_ms']} ms a call of the chat server; {f['broken']} without an answer",
            f["count"], yes(f["share"] >= 0.9 and f["p99_ratio"] <= 2 and not f["broken"]))


def breaker(f):
    return (f"p50 {f['p50_ms']:.2f} ms, p99 {f['p99_ms']:.2f} ms; statuses "
            + ", ".join(f"{s} × {n:,}" for s, n in f["statuses"].items())
            + f"; {f['chat_calls']} calls of the chat server in {f['seconds']} s", f["count"],
            yes(f["p99_ms"] <= 5 and set(f["statuses"]) == {"503"}))


def hanging(f):
    return (f"p99 {f['p99_ms']:.2f} ms beside {f['hanging']} that hang, {f['alone_p99_ms']:.2f} ms beside none", f["count"],
            yes(f["hanging"] >= 900 and f["p99_ms"] <= 2 * f["alone_p99_ms"] + 1))


def sanitizer(f):
    return (f"{f['findings']} findings in {f['count']:,} tests, {f['failures']} suites failed", f["count"],
            yes(not f["findings"] and not f["failures"], f["count"] >= 1_000))


def disconnects(f):
    leaked = f["descriptors"] + max(f["threads"], 0) + f["slots"]
    return (f"{leaked} (memory {f['memory_mib']:+} MiB)", f["count"],
            yes(leaked == 0 and f["works"], f["count"] >= 100_000))


def soak(f):
    constant = f["descriptors_last"] <= f["descriptors_first"] * 1.1
    return (f"{f['slope_mib_h']} MiB/h over {f['seconds']} s at {f['rate']} calls/s; descriptors "
            f"{f['descriptors_first']} → {f['descriptors_last']}, the fewest of the first and the last tenth, "
            f"{f['descriptors_most']} at most", f["count"],
            yes(f["slope_mib_h"] <= 1 and constant, f["seconds"] >= 3600))


def descriptors(f):
    return (f"{f['count']} connections: alive {f['alive']}, works {f['recovered']} s after they have gone", f["count"],
            yes(f["alive"] and f["recovered"] is not None and f["recovered"] <= 1))


def chaos(f):
    left = f["orphans"]
    return (f"{f['answers']:,} answers in {f['seconds']} s, {f['faults']} faults: {f['crossed']} crossed, {f['wrong']} wrong, "
            f"orphans {left['rooms']}/{left['accounts']}/{left['slots']} (rooms, accounts, slots), all well again at most "
            f"{f['recovery_max']:.2f} s after a fault", f["answers"],
            yes(not f["crossed"] and not f["wrong"] and not any(left.values()),
                f["seconds"] >= 600))


ROWS = [
    ("answers that belong to another customer, under cancels, time-outs, fail-overs", "0 of 1,000,000", "crossing", crossing),
    *((f"fuzz target `{t}`: no crash, hang > 1 s or > 64 MiB", "10,000,000 inputs", f"fuzz-{t}", fuzz) for t in FUZZ),
    *((f"{name} sanitizer: the whole test suite and the programs that it starts", "0 findings", f"sanitize-{name}",
       sanitizer) for name in ("thread", "address")),
    ("Redis fail-over: errors end after the promotion within", "2 s", "failover", failover),
    ("Redis down: p99 of the 503, never 200 or 401", "300 ms", "redis-down", redis_down),
    ("extra load on a failing chat server", "1.10×", "chat-load", chat_load),
    ("circuit breaker open: 503 within", "5 ms", "breaker", breaker),
    ("slow chat calls never delay auth_ping: 1,000 hang", "p99 ≤ 2× + 1 ms", "hanging", hanging),
    ("overload at 3× capacity: throughput; p99 of the admitted", "≥ 90 % of peak; ≤ 2×", "overload", overload),
    ("client disconnects at random points: descriptors, threads, slots leaked", "0 of 100,000", "disconnects", disconnects),
    ("soak after warm-up: memory slope; descriptors", "1 h: ≤ 1 MiB/h; constant", "soak", soak),
    ("descriptor limit 64: sheds, recovers, never exits", "≤ 1 s", "descriptors", descriptors),
    ("chaos: all parts killed, frozen, restarted at random", "10 min: 0 wrong, crossed, orphans", "chaos", chaos),
]


def main():
    lines = ["| figure | to reach | measured | N | | date, machine | command |", "|---|---|---|---|---|---|---|"]
    for what, goal, name, say in ROWS:
        figures = record.load(name) if say else None
        if figures is None:
            lines.append(f"| {what} | {goal} | not run | | | | |")
            continue
        value, count, verdict = say(figures)
        if count is None:
            count = 0
        lines.append(f"| {what} | {goal} | {value} | {count:,} | {verdict} | {figures['date']}, "
                     f"{figures.get('machine', '')} | `{figures.get('command', '')}` |")
    with open(os.path.join(ROOT, "Tests", "RELIABILITY.md"), "w", encoding="utf-8") as file:
        file.write(HEAD + "\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
