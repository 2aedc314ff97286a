"""Rows about a chat server that is asked for more than it gives: three times too much work, and one that fails."""

import asyncio
import collections
import os
import subprocess
import sys
import time

from .world import ROOT, TENANT, tokens, wait_until

sys.path.insert(0, os.path.join(ROOT, "Benchmarks"))

from harness import load  # noqa: E402

# Operations that the one loop has under way, of which seven eighths may be starts, and what the chat server takes for each
# call: with two calls in sequence about 140 starts a second, which is little work for every processor here. So it is the
# gateway's bound that is measured and not who of all the programs on this machine gets the processor.
OPERATIONS = 32
CHAT_MILLISECONDS = 100

# How long a call hangs that is to do so for the whole of a measurement: less than the 10 s that the gateway gives a request.
HANG_MILLISECONDS = 9_000


def generator(folder):
    """Benchmarks/tools/load.c, built: what it takes of the processors is not missing elsewhere."""
    program = os.path.join(folder, "load")
    subprocess.run(["gcc", "-O2", "-o", program, os.path.join(ROOT, "Benchmarks", "tools", "load.c")], check=True)
    return program


def starts(folder, name, count):
    """A file with so many first calls of customers who are not known yet."""
    return load.requests_file(os.path.join(folder, name), (load.http_request(
        "POST", "/customers/client_connect", f"api_key={TENANT}&name={name}{number}", Connection="keep-alive")
        for number in range(count)))


def three_times(world, options):
    """The most that a closed loop gets, then three times as much in an open loop, which does not wait for answers."""
    program = generator(world.folder)
    slow_down(world, CHAT_MILLISECONDS)
    seconds = options.seconds
    load.load(program, world.port, 8, starts(world.folder, "warm", 100_000), seconds=2, strict=False)
    closed = []
    for width in (OPERATIONS * 3 // 4, OPERATIONS * 7 // 8, OPERATIONS):
        result = load.load(program, world.port, width, starts(world.folder, f"closed{width}-", 100_000), seconds=seconds,
                           strict=False)
        closed.append(result | {"useful": result["successes"]["count"] / result["seconds"]})
        print(f"  closed, {width} at once: {closed[-1]['useful']:.0f}/s, p99 {result['successes']['p99'] / 1000:.0f} ms, "
              f"{result['statuses']}", flush=True)
    peak = max(closed, key=lambda result: result["useful"])
    rate = 3 * peak["useful"]
    result = load.load(program, world.port, 1_000, starts(world.folder, "open", int(rate * seconds * 2) + 1_000),
                       seconds=seconds, rate=rate, strict=False)
    useful = result["successes"]["count"] / seconds
    print(f"  open, {rate:.0f}/s: {useful:.0f}/s, p99 {result['successes']['p99'] / 1000:.0f} ms, {result['statuses']}, "
          f"{result['broken']} broken, {result['unsent']} unsent", flush=True)
    statuses = collections.Counter(result["statuses"])
    return {"count": result["done"], "peak": round(peak["useful"], 1), "peak_p99_ms": round(peak["successes"]["p99"] / 1000),
            "offered": round(rate, 1), "useful": round(useful, 1), "share": round(useful / peak["useful"], 3),
            "p99_ms": round(result["successes"]["p99"] / 1000),
            "p99_ratio": round(result["successes"]["p99"] / peak["successes"]["p99"], 2),
            "statuses": dict(statuses), "broken": result["broken"] + result["unsent"],
            "operations": OPERATIONS, "chat_ms": CHAT_MILLISECONDS}


def breaker_open(world, options):
    """What a caller waits for the 503 while the chat server is left alone."""
    program = generator(world.folder)
    world.arm({"route": "*", "kind": "status", "status": 503})
    load.load(program, world.port, 8, starts(world.folder, "opening", 1_000), count=400, strict=False)
    mark = world.chat("/_devchat/journal?count=1&after=1000000000")["last"]
    result = load.load(program, world.port, 1, starts(world.folder, "left-alone", 50_000), count=options.count or 5_000,
                       strict=False)
    calls = sum(1 for _ in events(world, mark))
    return {"count": result["done"], "p50_ms": result["p50"] / 1000, "p99_ms": result["p99"] / 1000,
            "max_ms": result["max"] / 1000, "statuses": result["statuses"], "chat_calls": calls,
            "seconds": round(result["seconds"], 1)}


def hanging(world, options):
    """auth_ping while 1,000 calls of the chat server hang, against auth_ping while there is nothing else."""
    program = generator(world.folder)
    pings = load.requests_file(os.path.join(world.folder, "pings"), [load.http_request(
        "GET", "/customers/auth_ping", Authorization=tokens.access_token())])

    def ping():
        return load.load(program, world.port, 4, pings, seconds=3)

    load.load(program, world.port, 4, starts(world.folder, "warm", 1_000), count=100)
    alone = ping()
    # The first call of each start hangs, so that all hang as soon as they have come, and for less than the gateway waits.
    world.arm({"route": "*", "onlyRequests": True, "kind": "hang", "ms": HANG_MILLISECONDS})
    crowd = subprocess.Popen([program, "--port", str(world.port), "--connections", "1000", "--requests",
                              starts(world.folder, "hanging", 1_000), "--count", "1000", "--once"],
                             stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: world.chat("/_devchat/calls")["inFlight"] >= 990, "1,000 calls that hang", 5)
        beside = ping()
        hang = world.chat("/_devchat/calls")["inFlight"]
    finally:
        crowd.wait(60)
    return {"count": beside["done"], "hanging": hang, "alone_p99_ms": alone["p99"] / 1000, "p99_ms": beside["p99"] / 1000,
            "max_ms": beside["max"] / 1000}


def slow_down(world, milliseconds):
    world.arm({"route": "*", "kind": "latency", "ms": milliseconds})


# How the chat server fails: what each call meets, and what share of them. Rates below the circuit breaker's threshold are
# the hard ones: it stays closed, so every call is sent.
FAILURES = [
    ("status 500 at 10 %", {"kind": "status", "status": 500}, 0.1),
    ("status 500 at 30 %", {"kind": "status", "status": 500}, 0.3),
    ("status 503 always", {"kind": "status", "status": 503}, 1),
    ("reset at 10 %", {"kind": "reset"}, 0.1),
    ("reset at 30 %", {"kind": "reset"}, 0.3),
    ("reset always", {"kind": "reset"}, 1),
    ("created, but 400, at 30 %", {"kind": "created-but-400"}, 0.3),
    ("no answer at 2 %", {"kind": "hang", "ms": 60_000}, 0.02),
    ("no answer at all", {"kind": "hang", "ms": 60_000}, 1),
]


def failing(world, options):
    """The same traffic against a chat server that is well, and against one that fails in each way: calls by its journal."""
    customers = options.count or 1_500
    well = calls_of_traffic(world, "well", customers)
    rows = {}
    for number, (name, fault, share) in enumerate(FAILURES):
        # The hit calls are evenly spread and known beforehand: a run can be repeated.
        if share == 1:
            world.arm({"route": "*", "onlyRequests": True, **fault})
        else:
            for hit in range(int(well["calls"] * 2 * share)):
                world.arm({"route": "*", "onlyRequests": True, **fault, "count": 1, "skip": int(hit / share)})
        seen = calls_of_traffic(world, f"f{number}-", customers)
        world.disarm()
        # Against what the same traffic makes when all is well, and against what these requests make without a repetition;
        # but for those few calls after which the circuit breaker was open, five of which a loop may repeat.
        of_well = seen["calls"] / well["calls"]
        of_once = seen["calls"] / max(seen["calls"] - seen["repeated"], 1) if of_well > 0.1 else 0
        rows[name] = {**seen, "of_well": round(of_well, 3), "added": round(max(of_well, of_once), 3)}
        print(f"  {name}: {seen['calls']} calls where {well['calls']} were made when well, {seen['repeated']} of them made again; "
              f"answers {seen['statuses']}", flush=True)
        wait_until_served(world, f"again{number}")
    worst = max(row["added"] for row in rows.values())
    return {"count": sum(row["calls"] for row in rows.values()), "well": well["calls"], "worst": worst, "modes": rows}


def calls_of_traffic(world, prefix, customers):
    """Customers who connect, and read their history when they could; what that made of calls.

    A call is made again when its request made the very same one before: method, path, query and body alike."""
    from . import measure
    from .client import Client
    mark = world.chat("/_devchat/journal?count=1&after=1000000000")["last"]
    statuses = collections.Counter()

    async def visit(number):
        client = Client(world.port)
        answer = await client.call("POST", "/customers/client_connect", {"api_key": TENANT, "name": f"{prefix}{number}"})
        statuses[answer.status if answer else 0] += 1
        if answer is not None and answer.status == 200:
            body = answer.json
            answer = await client.call("GET", "/customers/history_message", {"room_id": body["rid"]}, body["token"])
            statuses[answer.status if answer else 0] += 1
        client.close()

    asyncio.run(measure.at_once(customers, 16, visit))
    made = collections.Counter()
    for event in events(world, mark):
        if "requestId" in event:
            made[repr([event.get(key) for key in ("requestId", "method", "path", "query", "body")])] += 1
    return {"calls": sum(made.values()), "repeated": sum(count - 1 for count in made.values()), "statuses": dict(statuses)}


def events(world, after):
    """All requests since a mark; a call that hangs is in it from its arrival on."""
    while True:
        page = world.chat(f"/_devchat/journal?after={after}&count=20000&kinds=request")
        yield from page["events"]
        after = page["next"]
        if after >= page["last"]:
            return


def wait_until_served(world, name):
    """Until the circuit breakers of all loops have closed again: each lets one call a second through until then."""
    from . import measure
    from .client import Client
    failures = 1
    end = time.monotonic() + 60

    async def visit(number):
        nonlocal failures
        client = Client(world.port)
        fields = {"api_key": TENANT, "name": f"{name}-{time.monotonic_ns()}"}
        answer = await client.call("POST", "/customers/client_connect", fields)
        failures += answer is None or answer.status != 200
        client.close()

    while failures:
        if time.monotonic() > end:
            raise RuntimeError("the chat server is not called again")
        time.sleep(1.1)
        failures = 0
        asyncio.run(measure.at_once(60, 8, visit))
