"""Parts of the hot path by themselves: time, allocations, instructions."""

import re
import subprocess


def _instructions(program, name, repetitions):
    done = subprocess.run(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", program, name,
         str(repetitions)],
        capture_output=True, text=True, timeout=600)
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode or not found:
        raise RuntimeError(f"valgrind {name}: {done.stderr[-2000:]}")
    return int(found.group(1).replace(",", ""))


def run(programs, options):
    done = subprocess.run([programs["micro"]], capture_output=True, text=True, timeout=600, check=True)
    result = {}
    for line in done.stdout.splitlines():
        name, nanoseconds, allocations = line.split()
        # The difference of two lengths: what starting costs falls out, and the rest is the same every time.
        few, many = (_instructions(programs["micro"], name, count) for count in (200, 1200))
        result[name] = {"nanoseconds": float(nanoseconds), "allocations": float(allocations),
                        "instructions": (many - few) / 1000}
    options.say("parts: " + ", ".join(
        f"{name} {one['instructions']:,.0f} instructions, {one['allocations']:g} allocations"
        for name, one in result.items()))
    return result
