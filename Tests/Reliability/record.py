"""Figures as they were measured, one JSON file a row, in .build/reliability/."""

import datetime
import json
import os
import sys

from .world import ROOT

FOLDER = os.path.join(ROOT, ".build", "reliability")


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return f"{len(os.sched_getaffinity(0))} × {model}, load {os.getloadavg()[0]:.1f}"


def save(name, figures):
    os.makedirs(FOLDER, exist_ok=True)
    figures = {**figures, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
               "machine": machine(), "command": " ".join(os.environ.get("RELIABILITY_COMMAND", "").split())
               or " ".join(os.path.basename(argument) for argument in sys.argv)}
    with open(os.path.join(FOLDER, f"{name}.json"), "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)


def load(name):
    try:
        with open(os.path.join(FOLDER, f"{name}.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None
