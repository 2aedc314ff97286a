#!/usr/bin/env python3
"""Reads what libFuzzer said and says it in one line: result.py TARGET EXIT-STATUS LOG SECONDS STANDSTILLS

The log holds one part after another when the machine stood still now and then.
The result goes into the table of Tests/RELIABILITY.md. Inputs are not shown: some may break a libfcgi without a gate.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from Reliability import record  # noqa: E402

target, status, log, seconds, standstills = sys.argv[1:]
text = open(log, encoding="utf-8", errors="replace").read()


def stats(name):
    return [int(number) for number in re.findall(rf"^stat::{name}:\s+(\d+)", text, re.M)]


coverage = re.findall(r" cov: (\d+) ", text)
result = {
    "target": target,
    "inputs": sum(stats("number_of_executed_units")),
    "seconds": int(seconds),
    "standstills": int(standstills),
    "peak_rss_mib": max(stats("peak_rss_mb"), default=None),
    "coverage": int(coverage[-1]) if coverage else None,
    "findings": 0 if status == "0" else 1,
}
record.save(f"fuzz-{target}", result)

if status == "0":
    print(f"{target}: {result['inputs']} inputs in {result['seconds']} s, coverage {result['coverage']}, "
          f"peak {result['peak_rss_mib']} MiB, no finding")
else:
    print(f"{target}: a finding after {result['inputs']} inputs; see {log}", file=sys.stderr)
    for line in text.splitlines():
        if re.match(r"RULE BROKEN|SUMMARY|==\d+== ?ERROR|Fatal error|Test unit written|.*Fatal error:|ALARM", line):
            print("  " + line, file=sys.stderr)
    sys.exit(1)
