"""Calls that go on to the chat server: how many, how long they take, and what they cost there."""

import os
import re
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request

from . import load, nginx_site, tokens
from .world import World, free_port, tenant_id

TENANTS = 50
LATENCIES = (0, 50, 500)


def _connect(tenant, name):
    return load.http_request("POST", "/customers/client_connect", f"api_key={tenant_id(tenant)}&name={name}")


def start_nginx(processes, folder, sources, world, descriptors, keep=64):
    """The gateway's site alone, on a port of its own."""
    where = os.path.join(folder, "nginx")
    os.makedirs(where)
    port = free_port()
    nginx_site.write_main(where, sources, port, world.socket, {}, descriptors, keep)
    user = ["-g", "user root;"] if os.getuid() == 0 else []
    arguments = ["nginx", "-p", where, "-e", f"{where}/error.log", "-c", f"{where}/nginx.conf", *user]
    nginx = processes.start("nginx", arguments, where)
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/nginx/", timeout=1).read()
            return nginx, port
        except OSError:
            nginx.check()
            time.sleep(0.02)
    raise RuntimeError("nginx does not come")


class Bench:
    def __init__(self, world, programs, port, folder, options):
        self.world, self.programs, self.port, self.folder, self.options = world, programs, port, folder, options
        self.names = 0

    def file(self, name, requests):
        return load.requests_file(os.path.join(self.folder, f"{name}.requests"), requests)

    def cold(self, count):
        """Customers who have never been here."""
        start = self.names
        self.names += count
        return self.file("cold", (_connect(n % TENANTS, f"new{n}") for n in range(start, start + count)))

    def resumed(self):
        return self.file("resumed", (_connect(n % TENANTS, f"customer{n}") for n in range(2000)))

    def history(self):
        return self.file("history", (
            load.http_request("GET", f"/customers/history_message?room_id=room{n:020d}", Authorization=f"token{n:038d}")
            for n in range(2000)))

    def alone(self):
        """The stand-in asked directly, with the call that a page of history makes."""
        return self.file("alone", (
            load.http_request("GET", f"/api/v1/groups.history?roomId=room{n:020d}&count=30") for n in range(200)))

    def send(self, requests, connections, port=None, **options):
        return load.load(self.programs["load"], port or self.port, connections, requests, **options)


def run(processes, programs, sources, folder, descriptors, options):
    world = World(processes, programs, folder, tenants=TENANTS)
    world.seed(0, 2000)
    world.start_daemon()
    nginx, port = start_nginx(processes, folder, sources, world, descriptors)
    bench = Bench(world, programs, port, folder, options)
    bench.send(bench.cold(200), 8, once=True)
    result = {"throughput": {}, "latency": {}, "added": {}}
    makers = {"cold": lambda count: bench.cold(count), "resumed": lambda _: bench.resumed(),
              "history": lambda _: bench.history()}
    for milliseconds in LATENCIES:
        world.set_latency(milliseconds)
        width = 32 if milliseconds == 0 else 256
        for name, make in makers.items():
            rates, cpus, failed, reason = [], [], 0, ""
            for _ in range(options.rounds):
                requests = make(int(4000 * options.seconds) + 2 * width)
                before = world.daemon.cpu()
                measured = bench.send(requests, width, strict=False, once=name == "cold", seconds=options.seconds)
                failed, reason = failed + measured["failed"], reason or measured["refusal"]
                cpus.append((world.daemon.cpu() - before) / measured["done"] * 1e6)
                rates.append(measured["rate"])
            result["throughput"][f"{name} {milliseconds}"] = {
                "rate": statistics.median(rates), "cpu": statistics.median(cpus), "connections": width,
                "failed": failed, "reason": reason}
        options.say(f"forwarding, {milliseconds} ms: " + ", ".join(
            f"{name} {result['throughput'][f'{name} {milliseconds}']['rate']:,.0f}/s" for name in makers))
        count = max(200, int(1600 * options.seconds / (1 + milliseconds / 10)))
        alone = bench.send(bench.alone(), 4, port=world.chat_port, count=count)
        result["latency"][f"alone {milliseconds}"] = {"p50": alone["p50"], "p99": alone["p99"]}
        for name, make in makers.items():
            measured = bench.send(make(count), 4, strict=False, count=count)
            result["latency"][f"{name} {milliseconds}"] = {"p50": measured["p50"], "p99": measured["p99"]}
    world.set_latency(0)
    processes.stop()
    result["calls"] = _calls(processes, programs, sources, os.path.join(folder, "calls"), descriptors, options)
    for name in ("cold", "resumed", "history"):
        trips = result["calls"][name]["chat"]
        for milliseconds in LATENCIES:
            own = result["latency"][f"{name} {milliseconds}"]
            alone = result["latency"][f"alone {milliseconds}"]
            # What the calls themselves take, one after another as often as this operation has to.
            result["added"][f"{name} {milliseconds}"] = {
                part: own[part] - trips * alone["p50"] for part in ("p50", "p99")}
    return result


def _calls(processes, programs, sources, folder, descriptors, options):
    """Chat server calls and sequential round trips of each operation, with devchat, the faithful stand-in.

    The depths are measured, not reasoned: when every call of the chat server, or every answer of Redis, takes a while
    longer, how many times that is the operation longer?
    """
    result = {}
    for asked, chat_latency, redis_latency in (("chat", 0.2, None), ("redis", 0, 0.04)):
        world = World(processes, programs, os.path.join(folder, asked), chat="devchat", redis_latency=redis_latency)
        world.start_daemon()
        _, port = start_nginx(processes, world.folder, sources, world, descriptors)
        if chat_latency:
            world.ask_chat("/_devchat/fault", f'{{"route":"*","kind":"latency","ms":{chat_latency * 1000:.0f}}}')
        _measure_calls(world, f"http://127.0.0.1:{port}/customers", asked, chat_latency or redis_latency, result)
        processes.stop()
    options.say("chat server calls / in sequence / Redis in sequence: " + ", ".join(
        f"{name} {one['calls']:g}/{one['chat']:g}/{one['redis']:g}" for name, one in result.items()))
    return result


def _measure_calls(world, url, asked, latency, result):
    tenant = tenant_id(0)
    access = tokens.access_token()

    def call(path, token=None, **form):
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(f"{url}/{path}", data=body, headers={"Authorization": token} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise load.Refused(f"{path}: {error.code} {error.read().decode()}") from error

    def value(answer, key):
        return re.search(rf'"{key}":"([^"]*)"', answer).group(1)

    def count(name, operation, prepare=lambda: None):
        """The median of a few, and the most: a look-up that was due may fall into any of them."""
        calls, depths = [], []
        wanted, patience = 1 if name.startswith("first") else 5, 15
        while len(depths) < wanted:
            try:
                prepare()
                before = world.ask_chat("/_devchat/calls")["total"]
                begun = time.monotonic()
                answer = operation()
            except load.Refused:
                # On a busy machine the delay may grow beyond the daemon's deadline for Redis.
                patience -= 1
                if asked == "chat" or patience == 0:
                    raise
                continue
            depths.append(int((time.monotonic() - begun) / latency))
            calls.append(world.ask_chat("/_devchat/calls")["total"] - before)
        row = result.setdefault(name, {})
        if asked == "chat":
            row["chat"], row["most_chat"] = statistics.median(depths), max(depths)
            row["calls"], row["most_calls"] = statistics.median(calls), max(calls)
        else:
            # A delay is short here, and whatever else the machine does looks like one more of them.
            row["redis"] = min(depths)
        return answer

    number = iter(range(10**6))
    count("first cold", lambda: call("client_connect", api_key=tenant, name=f"first{next(number)}"))
    answer = count("cold", lambda: call("client_connect", api_key=tenant, name=f"cold{next(number)}"))
    # Longer than presence is shared: the next call has to ask for it.
    count("cold, presence unknown", lambda: call("client_connect", api_key=tenant, name=f"stale{next(number)}"),
          lambda: time.sleep(6))
    room, token = value(answer, "rid"), value(answer, "token")
    name = value(answer, "customer_name")
    count("resumed", lambda: call("client_connect", api_key=tenant, name=name))
    count("resumed with token", lambda: call("client_connect", token, api_key=tenant, group_id=room))
    count("history", lambda: call(f"history_message?room_id={room}", token))
    count("history, access token", lambda: call(f"history_message?room_id={room}", access))
    count("connect", lambda: call("connect", access, name=f"direct{next(number)}"))
    count("Transfer", lambda: call("Transfer", token, group_id=room))
    rooms = []

    def open_room():
        rooms.append(value(call("client_connect", api_key=tenant, name=f"close{next(number)}"), "rid"))

    count("shutdown_service", lambda: call("shutdown_service", access, group_id=rooms[-1]), open_room)
