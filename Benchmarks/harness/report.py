"""results.md out of results.json."""

from . import figures
from .peers import CONTESTANTS


def _table(header, rows):
    rule = "|".join("---" if n == 0 else "--:" for n in range(len(header)))
    lines = ["| " + " | ".join(header) + " |", f"|{rule}|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def write(results):
    parts = [_head(results), _figures(results)]
    for name, section in (("auth_ping", _auth_ping), ("forwarding", _forwarding), ("scale", _scale), ("idle", _idle),
                          ("micro", _micro)):
        if name in results:
            parts.append(section(results[name]))
    return "\n".join(parts)


def _head(results):
    run = results["run"]
    short = " **A short run, to try the benchmark: these figures mean nothing.**" if run["short"] else ""
    machine = "\n".join(f"- {name}: {value}" for name, value in results["machine"].items())
    return f"""\
# Results

Written by `make bench`, never by hand; [README.md](README.md) says how each figure is measured.{short}
{run["date"]}, rounds: {run["rounds"]} of {run["seconds"]} s, the contestants in turn; medians. Load generator, nginx,
contestant and Redis share the machine:

{machine}

![auth_ping through nginx](results.svg)
"""


def _figures(results):
    rows = []
    for text, wanted, measured, reached, why in figures.judged(results):
        verdict = "reached" if reached else "**falls short**"
        rows.append([text, wanted, measured, verdict if reached or not why else f"{verdict}: {why}"])
    return "## What the design wants\n\n" + _table(["figure", "wanted", "measured", ""], rows)


def _auth_ping(result):
    text = "## auth_ping through nginx\n\n"
    text += "Requests a second; the daemon's rate as a multiple of theirs in brackets. No errors.\n\n"
    cells = result["cells"]
    header = ["connections"]
    for cell in cells:
        connections, mode = cell.split()
        header.append(f"{connections}, {'kept' if mode == 'kept' else 'new each time'}")
    rows = []
    for name, (label, _, _) in CONTESTANTS.items():
        row = [label]
        for cell in cells.values():
            ratio = "" if name == "customersd" else f" ({cell['customersd']['rate'] / cell[name]['rate']:.2f}×)"
            row.append(f"{cell[name]['rate']:,.0f}{ratio}")
        rows.append(row)
    text += _table(header, rows)
    text += "\nMicroseconds of CPU a request and of latency, 32 kept connections. Those inside nginx are their nginx.\n\n"
    cell = cells["32 kept"]
    text += _table(
        ["contestant", "itself", "with nginx and Redis", "p50", "p99", "the rounds' requests a second"],
        [[label, *(f"{cell[name][key]:.1f}" for key in ("own", "whole")),
          *(f"{cell[name][key]:,.0f}" for key in ("p50", "p99")), ", ".join(f"{rate:,}" for rate in cell[name]["rates"])]
         for name, (label, _, _) in CONTESTANTS.items()])
    fresh = result["fresh"]
    text += ("\nThe daemon knows a token again for some seconds. With tokens of which none comes twice:"
             f" {fresh['rate']:,.0f} requests a second and {fresh['own']:.1f} µs of CPU in the daemon"
             " (another load generator, 32 connections).\n")
    return text


def _forwarding(result):
    text = "## Calls that go on to the chat server\n\n"
    latencies = sorted({int(key.rsplit(" ", 1)[1]) for key in result["throughput"]})
    names = {"cold": "client_connect, cold", "resumed": "client_connect, resumed", "history": "history_message"}
    header, rows = ["operation"], []
    for latency in latencies:
        header += [f"{latency} ms: requests/s", "daemon CPU, µs", "added p50, µs", "added p99, µs"]
    for name, label in names.items():
        row = [label]
        for latency in latencies:
            rate, added = result["throughput"][f"{name} {latency}"], result["added"][f"{name} {latency}"]
            row += [f"{rate['rate']:,.0f}", f"{rate['cpu']:.0f}", f"{added['p50']:,.0f}", f"{added['p99']:,.0f}"]
        rows.append(row)
    text += _table(header, rows)
    for key, one in result["throughput"].items():
        if one["failed"]:
            text += f"\n**{key} ms: {one['failed']:,} failed**, the first with {one['reason']}\n"
    text += ("\nRates with 32 connections at 0 ms, else 256; latency added to what the chat server's calls take by"
             " themselves, with 4 connections.\n\n")

    def counted(one, key):
        most = one[f"most_{key}"]
        return f"{one[key]:g}" + (f" (at most {most:g})" if most > one[key] else "")

    text += _table(
        ["operation", "chat server calls", "… in sequence", "Redis round trips in sequence"],
        [[name, counted(one, "calls"), counted(one, "chat"), f"{one['redis']:g}"] for name, one in result["calls"].items()])
    return text


def _scale(result):
    flight, idle = result["flight"], result["idle connections"]
    waves = ", ".join(f"{value / 1000:.0f}" for value in flight["p99s"])
    before, most, after = (flight[key] / 1024 for key in ("rss_before", "rss", "rss_after"))
    # The daemon gives free memory back when nobody has asked for some seconds.
    rested = f", {flight['rss_rested'] / 1024:.0f} MiB half a minute later" if "rss_rested" in flight else ""
    text = f"""\
## Many at once

{flight['width']:,} requests of history_message in flight on a chat server that takes 500 ms: {flight['failed']} failed,
p50 {flight['p50'] / 1000:.0f} ms, p99 {flight['p99'] / 1000:.0f} ms; wave by wave {waves} ms. The chat server saw
{flight['chat_peak']:,} at once. Memory {before:.0f} MiB before, {most:.0f} MiB at its highest, {after:.0f} MiB after{rested};
{flight['threads']} threads, {flight['processes']} process.
"""
    if flight["failed"]:
        text += f"\nOf the failed, the first: {flight['refusal']}\n"
    if flight["width"] < flight["asked"]:
        text += ("\nEach request in flight holds two descriptors, and this machine allows a process no more than it takes"
                 f" for {flight['width']:,}.\n")
    text += f"""\

{idle['connections']:,} idle FastCGI connections: memory {idle['rss_before'] / 1024:.1f} → {idle['rss'] / 1024:.1f} MiB,
{idle['wakeups']:.1f} wake-ups a second, {idle['cpu'] * 100:.2f} % CPU; each answers again at once
({idle['answer_microseconds']:.0f} µs).

"""
    sessions = result["sessions"]
    text += "Microseconds an operation takes with 16 connections at work, and memory in MiB:\n\n"
    text += _table(
        ["sessions in Redis", "auth_ping", "client_connect, resumed", "history_message", "client_connect, cold",
         "daemon", "Redis"],
        [[f"{size:,}", *(f"{sessions[str(size)][name]:.0f}" for name in figures.OPERATIONS),
          f"{sessions[str(size)]['rss'] / 1024:.0f}", f"{sessions[str(size)]['redis_mib']:,.0f}"]
         for size in sorted(map(int, sessions))])
    return text


def _idle(result):
    return f"""\
## Idle

Start to ready {result['start'] * 1000:.0f} ms (median of {len(result['starts'])}). Idle {result['rss'] / 1024:.1f} MiB,
{result['own'] / 1024:.1f} MiB of it its own and not pages of files, {result['threads']} threads,
{result['wakeups']:.1f} wake-ups a second, {result['cpu'] * 100:.2f} % CPU. The program's file has
{result['size'] / 1048576:.0f} MiB.
"""


def _micro(result):
    return "## Parts of the hot path\n\n" + _table(
        ["part", "instructions", "allocations", "nanoseconds"],
        [[name, f"{one['instructions']:,.0f}", f"{one['allocations']:g}", f"{one['nanoseconds']:,.0f}"]
         for name, one in result.items()])
