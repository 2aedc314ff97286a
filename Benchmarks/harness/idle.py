"""The daemon with nothing to do, and its start."""

import os
import statistics
import time

from .world import World


def run(processes, programs, folder, options):
    world = World(processes, programs, folder)
    starts = []
    for _ in range(options.starts):
        starts.append(world.start_daemon())
        world.stop_daemon()
    world.start_daemon()
    # What a start leaves behind is over.
    time.sleep(2)
    wakeups, cpu = world.daemon.wakeups(), world.daemon.cpu()
    time.sleep(options.idle_seconds)
    result = {
        "start": statistics.median(starts), "starts": starts, "rss": world.daemon.status("VmRSS"),
        "own": world.daemon.status("RssAnon"),
        "wakeups": (world.daemon.wakeups() - wakeups) / options.idle_seconds,
        "cpu": (world.daemon.cpu() - cpu) / options.idle_seconds, "threads": world.daemon.status("Threads"),
        "size": os.path.getsize(programs["customersd"]),
    }
    processes.stop()
    options.say(f"idle: {result}")
    return result
