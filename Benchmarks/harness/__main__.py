"""Runs what was asked for and writes the report. See ../README.md; ../run starts it with everything built."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from . import auth_ping, forwarding, idle, machine, micro, plot, report, scale
from .process import Processes, raise_descriptor_limit

PARTS = ("idle", "auth_ping", "forwarding", "scale", "micro")


def _arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/run")
    parser.add_argument("--programs", required=True, help="folder with the programs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of one measurement")
    parser.add_argument("--short", action="store_true", help="to try the benchmark itself: one round of one second")
    parser.add_argument("--only", choices=PARTS, action="append", help="these parts; others keep their last figures")
    parser.add_argument("--output", help="folder for results.json, results.md and results.svg")
    return parser.parse_args()


def _settle(options):
    options.connections = (1, 32, 256)
    options.in_flight, options.waves = 10000, 7
    options.sessions = (1000, 10000, 100000, 1000000)
    options.idle_seconds, options.starts = 10, 10
    if options.short:
        options.rounds, options.seconds, options.waves, options.sessions = 1, 1, 3, (1000, 10000)
        options.idle_seconds, options.starts = 3, 3
    options.seconds = int(options.seconds) if options.seconds >= 1 else options.seconds
    begun = time.monotonic()
    options.say = lambda text: print(f"{time.monotonic() - begun:7.1f} s  {text}", flush=True)


def _run(part, processes, programs, sources, folder, descriptors, options):
    if part == "idle":
        return idle.run(processes, programs, folder, options)
    if part == "micro":
        return micro.run(programs, options)
    module = {"auth_ping": auth_ping, "forwarding": forwarding, "scale": scale}[part]
    return module.run(processes, programs, sources, folder, descriptors, options)


def main():
    options = _arguments()
    _settle(options)
    # A signal ends the run through the clean-up below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sources = os.path.dirname(here)
    output = options.output or here
    programs = {name: os.path.join(options.programs, name) for name in (
        "customersd", "devchat", "constant", "micro", "standin", "load", "seed", "auth_ping_c", "auth_ping_go")}
    json_path = os.path.join(output, "results.json")
    results = {}
    if options.only and os.path.exists(json_path):
        with open(json_path) as file:
            results = json.load(file)
    results["machine"] = machine.describe()
    results["run"] = {"rounds": options.rounds, "seconds": options.seconds, "short": options.short,
                      "date": time.strftime("%Y-%m-%d")}
    descriptors = raise_descriptor_limit()
    results["run"]["descriptors"] = descriptors
    processes = Processes()
    folder = tempfile.mkdtemp(prefix="customers-bench-")
    # php-fpm's children and nginx's workers may run as somebody else.
    os.chmod(folder, 0o755)
    failed = 0
    try:
        for part in options.only or PARTS:
            results.pop(part, None)
            try:
                where = os.path.join(folder, part)
                results[part] = _run(part, processes, programs, sources, where, descriptors, options)
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                # The other parts are worth having all the same.
                options.say(f"{part} failed: {error}")
                failed = 1
            finally:
                processes.stop()
                shutil.rmtree(os.path.join(folder, part), ignore_errors=True)
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)
    with open(json_path, "w") as file:
        json.dump(results, file, indent=1, sort_keys=True)
        file.write("\n")
    text = report.write(results)
    with open(os.path.join(output, "results.md"), "w") as file:
        file.write(text)
    with open(os.path.join(output, "results.svg"), "w") as file:
        file.write(plot.draw(results))
    print(text)
    return failed


sys.exit(main())
