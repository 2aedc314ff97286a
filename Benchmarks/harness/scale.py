"""Many at once: requests in flight, idle connections, sessions in Redis."""

import os
import socket
import statistics
import struct
import time

from . import load, tokens
from .forwarding import start_nginx
from .world import World, tenant_id

# Descriptors that a process needs besides those of its requests.
RESERVE = 150
TENANTS = 1000


def _write_length(text):
    return bytes([len(text)]) if len(text) < 128 else struct.pack(">I", len(text) | 1 << 31)


def fastcgi_request(token):
    """auth_ping as nginx sends it, with the wish to keep the connection."""
    parameters = b""
    for name, value in {"REQUEST_METHOD": "GET", "REQUEST_URI": "/customers/auth_ping", "REMOTE_ADDR": "127.0.0.1",
                        "REQUEST_ID": "2e0eee3ec852bfb5e5da22fde5ead208", "HTTP_AUTHORIZATION": token}.items():
        parameters += _write_length(name) + _write_length(value) + name.encode() + value.encode()

    def record(kind, content=b""):
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    return record(1, struct.pack(">HB5x", 1, 1)) + record(4, parameters) + record(4) + record(5)


def _history(number):
    return load.http_request(
        "GET", f"/customers/history_message?room_id=room{number:020d}", Authorization=f"token{number:038d}")


def _connect(number, name):
    return load.http_request("POST", "/customers/client_connect", f"api_key={tenant_id(number % TENANTS)}&name={name}")


def _busy_seconds():
    """CPU that the whole machine has used: all but idle and waiting for input."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, interrupts, soft = map(int, file.readline().split()[1:8])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def run(processes, programs, sources, folder, descriptors, options):
    result = {}
    world = World(processes, programs, os.path.join(folder, "flight"), tenants=TENANTS // 10)
    world.seed(0, 2000)
    world.start_daemon()
    result["flight"] = _in_flight(processes, programs, sources, world, descriptors, options)
    result["idle connections"] = _idle_connections(world, descriptors, options)
    processes.stop()
    result["sessions"] = _sessions(processes, programs, sources, os.path.join(folder, "sessions"), descriptors, options)
    return result


def _in_flight(processes, programs, sources, world, descriptors, options):
    """Waves of history_message on a chat server that takes 500 ms. Each request holds a descriptor to nginx and one to the
    chat server, so the limit of descriptors may allow fewer than were asked for."""
    width = min(options.in_flight, (descriptors - RESERVE) // 2)
    folder = world.folder
    _, port = start_nginx(processes, folder, sources, world, descriptors, keep=width)
    requests = load.requests_file(os.path.join(folder, "flight.requests"), (
        _history(n % 2000) for n in range(width)))
    world.set_latency(500)
    before = world.daemon.status("VmRSS")
    world.ask_chat("/_standin/reset", body="")
    cpu, busy = world.daemon.cpu(), _busy_seconds()
    # The first waves open the connections.
    measured = load.load(programs["load"], port, width, requests, strict=False, waves=options.waves, spread=450)
    cpu, busy = world.daemon.cpu() - cpu, _busy_seconds() - busy
    warm = measured["waves"][2:] or measured["waves"]
    chat = world.ask_chat("/_standin/counts")
    world.set_latency(0)
    highest, after = world.daemon.status("VmHWM"), world.daemon.status("VmRSS")
    # When nobody has asked for some seconds the daemon gives free memory back.
    time.sleep(27)
    result = {
        "asked": options.in_flight, "width": width, "failed": measured["failed"], "statuses": measured["statuses"],
        "refusal": measured["refusal"], "peak": max(wave["peak"] for wave in measured["waves"]),
        "chat_peak": chat["peak"],
        "p50": statistics.median(wave["p50"] for wave in warm), "p99": statistics.median(wave["p99"] for wave in warm),
        "p99s": [wave["p99"] for wave in measured["waves"]], "rss_before": before,
        "rss": highest, "rss_after": after, "rss_rested": world.daemon.status("VmRSS"),
        "cpu": cpu / max(measured["done"], 1) * 1e6, "whole": busy / max(measured["done"], 1) * 1e6,
        "cores": len(os.sched_getaffinity(0)), "threads": world.daemon.status("Threads"),
        "processes": len(world.daemon.family()),
    }
    options.say(f"in flight: {result}")
    return result


def _idle_connections(world, descriptors, options):
    width = min(options.in_flight, descriptors - RESERVE)
    request = fastcgi_request(tokens.access_token())
    world.stop_daemon()
    world.start_daemon()
    before = world.daemon.status("VmRSS")
    kept = []
    try:
        for _ in range(width):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(world.socket)
            connection.sendall(request)
            answer = b""
            while not (b'"pong"' in answer and len(answer) % 8 == 0):
                part = connection.recv(4096)
                if not part:
                    raise RuntimeError("the daemon closed an idle connection")
                answer += part
            kept.append(connection)
        # The daemon takes them for idle when nobody has asked for five seconds.
        time.sleep(7)
        wakeups, cpu = world.daemon.wakeups(), world.daemon.cpu()
        time.sleep(options.idle_seconds)
        result = {
            "connections": len(kept), "rss": world.daemon.status("VmRSS"), "rss_before": before,
            "wakeups": (world.daemon.wakeups() - wakeups) / options.idle_seconds,
            "cpu": (world.daemon.cpu() - cpu) / options.idle_seconds,
        }
        # Each of them still answers.
        begun = time.monotonic()
        for connection in kept[:: max(1, width // 500)]:
            connection.sendall(request)
            if b'"pong"' not in connection.recv(4096):
                raise RuntimeError("an idle connection does not answer")
        result["answers"] = True
        result["answer_microseconds"] = (time.monotonic() - begun) / len(kept[:: max(1, width // 500)]) * 1e6
    finally:
        for connection in kept:
            connection.close()
    options.say(f"idle connections: {result}")
    return result


def _sessions(processes, programs, sources, folder, descriptors, options):
    world = World(processes, programs, folder, tenants=TENANTS)
    world.start_daemon()
    _, port = start_nginx(processes, folder, sources, world, descriptors)
    result, seeded, number = {}, 0, 0
    ping = load.requests_file(os.path.join(folder, "ping.requests"), [
        load.http_request("GET", "/customers/auth_ping", Authorization=tokens.access_token())])
    for sessions in options.sessions:
        world.seed(seeded, sessions)
        seeded = sessions
        # Spread over all of them, so that nothing is found in a cache that a real day would not find there.
        chosen = [(n * 7919) % sessions for n in range(min(sessions, 20000))]
        files = {
            "auth_ping": ping,
            "resumed": load.requests_file(os.path.join(folder, "resumed.requests"), (
                _connect(n, f"customer{n}") for n in chosen)),
            "history": load.requests_file(os.path.join(folder, "history.requests"), (
                _history(n) for n in chosen)),
        }
        row = {}
        for name in (*files, "cold"):
            times = []
            for _ in range(options.rounds):
                count = int(2000 * options.seconds)
                path = files.get(name)
                if name == "cold":
                    # The same number of new ones at each size; they are few beside those that are there.
                    number += count
                    path = load.requests_file(os.path.join(folder, "cold.requests"), (
                        _connect(n, f"new{n}") for n in range(number - count, number)))
                measured = load.load(programs["load"], port, 16, path, count=count)
                times.append(measured["seconds"] / measured["done"] * 1e6)
            row[name] = statistics.median(times)
        row["rss"] = world.daemon.status("VmRSS")
        row["redis_mib"] = world.redis_number("memory", "used_memory") / 1048576
        result[str(sessions)] = row
        options.say(f"{sessions:,} sessions: " + ", ".join(f"{name} {value:,.0f}" for name, value in row.items()))
    processes.stop()
    return result
