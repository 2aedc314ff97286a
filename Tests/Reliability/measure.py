#!/usr/bin/env python3
"""Measures single rows of Tests/RELIABILITY.md: measure.py --programs FOLDER ROW…

    failover     fail-overs of Redis by Sentinel: errors after the promotion
    redis-down   answers while Redis is away
    disconnects  clients who leave at any point
    descriptors  a daemon with 64 descriptors
    chat-load    calls made of a chat server that fails, against those of one that is well
    breaker      how soon the 503 comes while the chat server is left alone
    hanging      auth_ping while 1,000 calls of the chat server hang
    overload     three times the traffic that there is capacity for
    soak         SOAK_SECONDS of even traffic: memory and descriptors
"""

import argparse
import asyncio
import os
import random
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from Reliability import faults, overload, record, traffic  # noqa: E402
from Reliability.client import Client  # noqa: E402
from Reliability.world import TENANT, World, tokens, wait_until  # noqa: E402


def percentile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)] if values else None


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


async def at_once(count, parallel, body):
    """`body(n)` for each n, so many at a time."""
    numbers = iter(range(count))

    async def work():
        for number in numbers:
            await body(number)

    await asyncio.gather(*(work() for _ in range(parallel)))


def failover(world, options):
    """Each time the master is killed; how long after the promotion is the last error?"""
    windows, outages = [], []
    for turn in range(options.count or 5):
        journal = traffic.Journal()
        journal.forgetting = [(time.monotonic(), float("inf"))]
        customers = [traffic.Customer(turn * 100 + n, world.port, journal, turn, 0) for n in range(30)]
        moments = {}

        def break_it():
            old = world.master()
            time.sleep(1)
            process = world.parts[faults.redis_master(world)]
            moments["killed"] = time.monotonic()
            process.child.kill()
            process.child.wait()
            while world.master() in (None, old):
                time.sleep(0.01)
            moments["promoted"] = time.monotonic()
            name = f"redis{world.redis_ports.index(old)}"
            world.processes.remove(process)
            time.sleep(6)
            world.start_part(name)
            time.sleep(3)
            moments["over"] = True

        breaker = threading.Thread(target=break_it)
        breaker.start()
        asyncio.run(traffic.run(customers, lambda: "over" in moments, 0.02))
        breaker.join()
        windows.append(max(max(journal.trouble, default=0) - moments["promoted"], 0))
        outages.append(max(max(journal.trouble, default=0) - moments["killed"], 0))
        wait_until(lambda: "master_link_status:up" in world.redis(
            next(p for p in world.redis_ports if p != world.master()), "INFO", "replication"), "the replica", 30)
        print(f"  the last error {windows[-1]:.2f} s after the promotion, {outages[-1]:.2f} s after the end of the master")
    return {"count": len(windows), "after_promotion_max": round(max(windows), 3), "outage_max": round(max(outages), 3)}


def redis_down(world, options):
    count = options.count or 5_000
    token = tokens.access_token()
    # Nothing is remembered any more of a token that was good a moment ago.
    world.processes.end(world.parts["redis0"])
    time.sleep(11)
    times, statuses = [], {}

    async def ask(number):
        client = Client(world.port)
        began = time.monotonic()
        if number % 2:
            answer = await client.call("GET", "/customers/auth_ping", token=token)
        else:
            answer = await client.call("POST", "/customers/client_connect", {"api_key": TENANT, "name": f"n{number}"})
        times.append(time.monotonic() - began)
        status = answer.status if answer else 0
        statuses[status] = statuses.get(status, 0) + 1
        client.close()

    asyncio.run(at_once(count, 16, ask))
    return {"count": count, "p99_ms": round(percentile(times, 0.99) * 1000, 1), "statuses": statuses}


def disconnects(world, options):
    """Clients of nginx, and web servers at the daemon's socket, that leave after any number of bytes and any time."""
    count = options.count or 100_000
    token = tokens.access_token()
    daemon = world.parts["daemon0"]
    dice = random.Random(1)
    requests = [
        (f"GET /customers/auth_ping HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n\r\n").encode(),
        (lambda body: (f"POST /customers/client_connect HTTP/1.1\r\nHost: a\r\n"
                       f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"))(
            f"api_key={TENANT}&name=somebody").encode(),
    ]

    def pair(name, value):
        return bytes([len(name)]) + (len(value) | 0x80000000).to_bytes(4, "big") + name.encode() + value.encode()

    def fastcgi(kind, content=b""):
        return bytes([1, kind, 0, 1]) + len(content).to_bytes(2, "big") + bytes(2) + content

    requests.append(fastcgi(1, b"\0\1\0\0\0\0\0\0") + fastcgi(4, pair("REQUEST_METHOD", "GET") + pair(
        "REQUEST_URI", "/customers/auth_ping") + pair("HTTP_AUTHORIZATION", token)) + fastcgi(4) + fastcgi(5))

    async def leave(number):
        request = requests[number % 3]
        try:
            if number % 3 == 2:
                _, writer = await asyncio.open_unix_connection(world.socket(0))
            else:
                _, writer = await asyncio.open_connection("127.0.0.1", world.port)
            writer.write(request[:dice.randrange(len(request) + 1)] if number % 2 else request)
            await asyncio.sleep(dice.choice((0, 0, 0.001, 0.005, 0.02)))
            writer.transport.abort() if number % 5 else writer.close()
        except OSError:
            pass

    asyncio.run(at_once(min(count, 1_000), 50, leave))
    time.sleep(7)
    before, threads = descriptors(daemon), daemon.status("Threads")
    memory = daemon.status("VmRSS")
    asyncio.run(at_once(count, 50, leave))
    # A half request is waited for 5 s, an idle connection of nginx's for 60 s.
    end = time.monotonic() + 70
    while descriptors(daemon) > before and time.monotonic() < end:
        time.sleep(0.5)
    load = world.redis(world.redis_ports[0], "HVALS", f"cg:{{{TENANT}}}:load").split()
    # Somebody has one room, whatever they left.
    slots = max(sum(int(value) for value in load) - 1, 0)
    return {"count": count, "descriptors": max(descriptors(daemon) - before, 0), "threads": daemon.status("Threads") - threads,
            "slots": slots, "memory_mib": round((daemon.status("VmRSS") - memory) / 1024, 1),
            "works": world.ping() == 200}


def descriptor_limit(world, options):
    """More connections than the daemon has descriptors, and requests on all of them."""
    daemon = world.parts["daemon0"]
    crowd = []
    for _ in range(options.count or 300):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(world.socket(0))
        except OSError:
            pass
        crowd.append(connection)
    time.sleep(3)
    alive = daemon.child.poll() is None
    most = descriptors(daemon) if alive else None
    for connection in crowd:
        connection.close()
    began = time.monotonic()
    recovered = None
    while time.monotonic() < began + 20:
        if world.ping() == 200:
            recovered = time.monotonic() - began
            break
        time.sleep(0.02)
    return {"count": len(crowd), "descriptors": most, "alive": alive and daemon.child.poll() is None,
            "recovered": None if recovered is None else round(recovered, 2)}


def soak(world, options):
    seconds = float(os.environ.get("SOAK_SECONDS", "3600"))
    journal = traffic.Journal()
    customers = [traffic.Customer(n, world.port, journal, 1, 0.02) for n in range(200)]
    daemon = world.parts["daemon0"]
    samples = []
    began = time.monotonic()

    def watch():
        while time.monotonic() < began + seconds:
            samples.append((time.monotonic() - began, daemon.status("VmRSS") / 1024, descriptors(daemon)))
            time.sleep(min(5, seconds / 60))

    watcher = threading.Thread(target=watch)
    watcher.start()
    asyncio.run(traffic.run(customers, lambda: time.monotonic() > began + seconds, 200 / options.rate))
    watcher.join()
    # The first third is warm-up: caches and the allocator's pools fill.
    warm = [sample for sample in samples if sample[0] > seconds / 3]
    mean_time = sum(s[0] for s in warm) / len(warm)
    mean_memory = sum(s[1] for s in warm) / len(warm)
    slope = (sum((s[0] - mean_time) * (s[1] - mean_memory) for s in warm)
             / sum((s[0] - mean_time) ** 2 for s in warm) * 3600)
    # Both sides keep the connections of a busy moment for a minute or two. A leak lifts the floor.
    tenth = max(1, len(warm) // 10)
    return {"count": journal.answers, "seconds": round(seconds), "rate": round(journal.answers / seconds),
            "slope_mib_h": round(slope, 2), "memory_mib": round(warm[-1][1], 1),
            "descriptors_first": min(s[2] for s in warm[:tenth]), "descriptors_last": min(s[2] for s in warm[-tenth:]),
            "descriptors_most": max(s[2] for s in warm), "wrong": len(journal.wrong)}


ROWS = {
    "failover": (failover, {}),
    "redis-down": (redis_down, {"daemons": 1, "sentinel": False}),
    "disconnects": (disconnects, {"daemons": 1, "sentinel": False}),
    "descriptors": (descriptor_limit, {"daemons": 1, "sentinel": False, "limits": ["prlimit", "--nofile=64:64"],
                                       "settings": "workers: 1\n"}),
    "chat-load": (overload.failing, {"daemons": 1, "sentinel": False}),
    "breaker": (overload.breaker_open, {"daemons": 1, "sentinel": False}),
    "hanging": (overload.hanging, {"daemons": 1, "sentinel": False}),
    "overload": (overload.three_times, {"daemons": 1, "sentinel": False, "settings": "workers: 1\n",
                                        "operations": overload.OPERATIONS}),
    "soak": (soak, {"daemons": 1, "sentinel": False}),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="the folder with customersd and devchat")
    parser.add_argument("--count", type=int, default=0, help="instead of the row's own number")
    parser.add_argument("--rate", type=float, default=500, help="soak: calls a second")
    parser.add_argument("--seconds", type=float, default=10, help="overload: of each load")
    parser.add_argument("rows", nargs="+", choices=sorted(ROWS))
    options = parser.parse_args()
    for row in options.rows:
        body, plan = ROWS[row]
        with tempfile.TemporaryDirectory(prefix="customers-reliability-") as folder:
            world = World(os.path.abspath(options.programs), folder, **plan)
            try:
                world.start()
                figures = body(world, options)
            finally:
                world.stop()
        print(f"{row}: " + ", ".join(f"{key} {value}" for key, value in figures.items()), flush=True)
        record.save(row, figures)


if __name__ == "__main__":
    main()
