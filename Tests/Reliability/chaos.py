#!/usr/bin/env python3
"""Mixed traffic while parts are killed, frozen and restarted at random; ends with a report.

    make chaos                 ten minutes; CHAOS_SECONDS, CHAOS_SEED
    make crossing              fail-overs only, until CROSSING_ANSWERS answers have come
"""

import argparse
import asyncio
import collections
import json
import os
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from Reliability import faults, record, traffic  # noqa: E402
from Reliability.world import AGENTS, TENANT, World, wait_until  # noqa: E402


class Probe:
    """A customer who asks all the time: when does it work again?"""

    def __init__(self, port, journal, seed):
        self.customer = traffic.Customer(999_999, port, journal, seed, cancels=0)
        self.seen = collections.deque(maxlen=100_000)

    async def run(self, is_over):
        while not is_over():
            began = time.monotonic()
            works = await self.customer.connect(patience=20)
            self.seen.append((began, time.monotonic(), works))
            await asyncio.sleep(0.02)

    def recovered(self, since):
        """Seconds from `since` until everything worked for ten calls in a row; None when it has not yet."""
        row = []
        for began, _, works in self.seen:
            if began < since:
                continue
            row = row + [began] if works else []
            if len(row) == 10:
                return max(row[0] - since, 0)
        return None


async def break_things(world, plan, quiet, seed, probe, journal, is_over):
    """One fault after the other; yields what each was and what it took."""
    dice = random.Random(seed)
    history = []
    while not is_over():
        fault = dice.choice(plan)
        is_forgetful = fault.__name__ in faults.FORGETFUL
        if is_forgetful:
            await asyncio.to_thread(faults.wait_for_replica, world)
        began = time.monotonic()
        if is_forgetful:
            journal.forgetting.append((began, float("inf")))
        await asyncio.to_thread(fault, world, dice)
        mended = time.monotonic()
        if is_forgetful:
            await asyncio.to_thread(faults.wait_for_one_master, world)
            journal.forgetting[-1] = (began, time.monotonic())
        while (seconds := probe.recovered(mended)) is None and time.monotonic() < mended + 60:
            await asyncio.sleep(0.1)
        if seconds is None:
            journal.wrong.append(f"{fault.__name__}: no recovery within 60 s")
        history.append({"fault": fault.__name__, "lasted": mended - began, "recovered": seconds})
        print(f"  {fault.__name__}: lasted {mended - began:.2f} s, all well {seconds or 60:.2f} s later", flush=True)
        await asyncio.sleep(dice.uniform(quiet / 2, quiet * 3 / 2))
    return history


def orphans(world, names):
    """What is left when everybody has gone: rooms, accounts twice, agents' slots."""
    rooms = [room for room in world.chat("/_devchat/rooms")["rooms"] if room["t"] in ("p", "d") and not room["archived"]]
    accounts = collections.Counter(
        user.get("name") for user in world.chat("/_devchat/users")["users"] if user.get("name") in names)
    load = world.redis(world.master() or world.redis_ports[0], "HVALS", f"cg:{{{TENANT}}}:load").split()
    return {"rooms": [room["name"] for room in rooms], "accounts": sum(count - 1 for count in accounts.values()),
            "slots": sum(int(value) for value in load)}


async def play(world, options):
    journal = traffic.Journal()
    customers = [traffic.Customer(n, world.port, journal, options.seed, options.cancels)
                 for n in range(options.customers)]
    probe = Probe(world.port, journal, options.seed)
    end = time.monotonic() + options.seconds
    # A fault that has begun is seen to its end, with traffic.
    breaking = None

    def is_over():
        return time.monotonic() > end or 0 < options.answers <= journal.answers

    def has_settled():
        return is_over() and (breaking is None or breaking.done())

    plan = faults.FAIL_OVERS if options.failovers else faults.ALL
    breaking = asyncio.create_task(break_things(world, plan, options.quiet, options.seed, probe, journal, is_over))
    began = time.monotonic()
    await asyncio.gather(traffic.run(customers, has_settled, options.pace), probe.run(has_settled))
    seconds = time.monotonic() - began
    history = await breaking
    everybody = customers + [probe.customer]
    stayed = await traffic.tidy_up(everybody)
    if stayed:
        journal.wrong.append(f"{stayed} customers could not close their room when all was well again")
    names = {customer.name for customer in everybody}
    left = orphans(world, names)
    # What nobody can close any more, the sweeper does.
    for _ in range(options.sweep):
        if not any(left.values()):
            break
        await asyncio.sleep(1)
        left = orphans(world, names)
    if left["rooms"]:
        print("  rooms left: " + ", ".join(left["rooms"][:10]))
    return journal, history, seconds, {**left, "rooms": len(left["rooms"])}


def report(journal, history, seconds, left):
    lines = [f"{sum(journal.calls.values())} calls in {seconds:.0f} s: "
             + ", ".join(f"{count} {route}" for route, count in journal.calls.most_common()),
             f"given up by the customer: {journal.cancelled}",
             "failures by cause: " + (", ".join(f"{count} × {cause}" for cause, count in journal.failures.most_common())
                                      or "none"),
             "refused with reason: " + (", ".join(f"{count} × {cause}" for cause, count in journal.excused.most_common())
                                        or "none"),
             f"answers: {journal.answers}, of another customer: {len(journal.crossed)}, wrong: {len(journal.wrong)}",
             f"orphans: {left['rooms']} rooms, {left['accounts']} accounts, {left['slots']} slots"]
    by_fault = collections.defaultdict(list)
    for entry in history:
        by_fault[entry["fault"]].append(entry["recovered"] if entry["recovered"] is not None else 60)
    for fault, times in sorted(by_fault.items()):
        lines.append(f"{fault}: {len(times)} times, all well again after at most {max(times):.2f} s")
    lines += [f"CROSSED {text}" for text in journal.crossed[:20]] + [f"WRONG {text}" for text in journal.wrong[:20]]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="the folder with customersd and devchat")
    parser.add_argument("--name", default="chaos")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--answers", type=int, default=0, help="end after so many; 0 is no end")
    parser.add_argument("--customers", type=int, default=100)
    parser.add_argument("--pace", type=float, default=0.1, help="mean seconds between two calls of a customer")
    parser.add_argument("--cancels", type=float, default=0.1, help="share of the calls that are given up at once")
    parser.add_argument("--quiet", type=float, default=2, help="mean seconds between the end of a fault and the next")
    parser.add_argument("--failovers", action="store_true", help="no other faults than Redis fail-overs")
    parser.add_argument("--sweep", type=int, default=90, help="seconds for the sweeper to take away what is left")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--logs", help="a folder for everybody's output, kept when anything was wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="customers-reliability-") as folder:
        world = World(os.path.abspath(options.programs), folder)
        try:
            world.start()
            journal, history, seconds, left = asyncio.run(play(world, options))
            is_bad = bool(journal.wrong or journal.crossed or any(left.values()))
            if is_bad and options.logs:
                os.makedirs(options.logs, exist_ok=True)
                for process in world.processes:
                    shutil.copy(process.log, os.path.join(options.logs, process.name + ".log"))
        except BaseException:
            for process in world.processes:
                with open(process.log, errors="replace") as log:
                    print(f"== {process.name}\n{log.read()[-1500:]}", file=sys.stderr)
            raise
        finally:
            world.stop()
    print(report(journal, history, seconds, left))
    record.save(options.name, {
        "calls": sum(journal.calls.values()), "answers": journal.answers, "seconds": round(seconds),
        "failures": dict(journal.failures), "cancelled": journal.cancelled, "excused": dict(journal.excused),
        "wrong": len(journal.wrong), "crossed": len(journal.crossed), "orphans": left,
        "faults": len(history), "recovery_max": max((h["recovered"] or 60 for h in history), default=None),
        "seed": options.seed,
    })
    return 1 if is_bad else 0


if __name__ == "__main__":
    sys.exit(main())
