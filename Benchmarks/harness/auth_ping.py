"""auth_ping through nginx: the daemon and everybody else in turn, several rounds in one run."""

import os
import statistics

from . import load, tokens
from .peers import CONTESTANTS, Peers
from .world import World, free_port


def run(processes, programs, sources, folder, descriptors, options):
    world = World(processes, programs, folder)
    world.start_daemon()
    peers = Peers(processes, programs, world, sources, descriptors, (free_port(), free_port()))
    peers.verify()
    token = tokens.access_token()
    cells = {}
    for connections in options.connections:
        for kept in (True, False):
            samples = {name: [] for name in CONTESTANTS}
            for number in range(options.rounds):
                # Nobody is always the first, or always behind the same one.
                names = list(CONTESTANTS)
                names = names[number % len(names):] + names[:number % len(names)]
                for name in names:
                    samples[name].append(_measure(peers, name, token, connections, kept, options.seconds))
            cells[f"{connections} {'kept' if kept else 'new'}"] = {
                name: _summary(measured) for name, measured in samples.items()}
            options.say(_line(connections, kept, cells))
    result = {"cells": cells, "fresh": _fresh(peers, programs, folder, options)}
    for process in list(processes):
        process.check()
    processes.stop()
    return result


def _measure(peers, name, token, connections, kept, seconds):
    headers = {"Authorization": token}
    if not kept:
        headers["Connection"] = "close"
    group = peers.processes_of(name)
    own = peers.members[name]
    before, own_before = sum(process.cpu() for process in group), own.cpu()
    result = load.wrk(peers.url(name), connections, seconds, headers)
    requests = result["requests"]
    return {
        "rate": result["rate"], "p50": result["p50"], "p99": result["p99"], "requests": requests,
        "own": (own.cpu() - own_before) / requests * 1e6,
        "whole": (sum(process.cpu() for process in group) - before) / requests * 1e6,
    }


def _summary(measured):
    summary = {key: statistics.median(one[key] for one in measured) for key in measured[0]}
    summary["rates"] = [round(one["rate"]) for one in measured]
    summary["requests"] = sum(one["requests"] for one in measured)
    return summary


def _fresh(peers, programs, folder, options):
    """Tokens of which none comes twice: what the daemon remembers of tokens helps nobody here."""
    count = int(40000 * options.seconds)
    path = os.path.join(folder, "fresh.requests")
    load.requests_file(path, (
        load.http_request("GET", "/customers/auth_ping", Authorization=tokens.access_token(jti=f"{number:032x}"))
        for number in range(count)))
    samples = []
    for number in range(options.rounds):
        before = peers.world.daemon.cpu()
        # Each round with tokens of its own would be a large file; a restart makes the daemon forget instead.
        result = load.load(programs["load"], peers.port, 32, path, once=True)
        samples.append({"rate": result["rate"], "own": (peers.world.daemon.cpu() - before) / result["done"] * 1e6})
        peers.world.stop_daemon()
        peers.world.start_daemon()
        peers.members["customersd"] = peers.world.daemon
    os.unlink(path)
    return {key: statistics.median(one[key] for one in samples) for key in samples[0]}


def _line(connections, kept, cells):
    cell = cells[f"{connections} {'kept' if kept else 'new'}"]
    rates = ", ".join(f"{name} {one['rate']:,.0f}" for name, one in cell.items())
    return f"auth_ping, {connections} connections, {'kept' if kept else 'a new one a request'}: {rates}"
