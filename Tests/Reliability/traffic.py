"""Customers who do what customers do, and keep a journal: whose is what they were given?"""

import asyncio
import collections
import random
import time

from .client import Client
from .world import DEPARTMENT, TENANT, tokens

# What a call may be answered with while something is broken; 0 is no answer at all.
TROUBLE = {0, 502, 503, 504}

# Seconds. Redis answers before it replicates; a master that was frozen takes writes until the gateway has found out that it
# is replaced, which it asks once a second.
REPLICATION_LAG = 0.5
NOTICED = 2


class Journal:
    """What all customers together have seen."""

    def __init__(self):
        self.answers = 0
        self.calls = collections.Counter()
        self.failures = collections.Counter()
        self.cancelled = 0
        # Refusals of what was given to a customer, by what explains them.
        self.excused = collections.Counter()
        self.wrong, self.crossed = [], []
        self.owner_of = {}
        # Beginnings and ends of faults after which Redis may have forgotten what it had confirmed.
        self.forgetting = []
        self.trouble = []

    def may_be_forgotten(self, moment):
        """Whether Redis may have forgotten what was written at that moment."""
        return any(began - REPLICATION_LAG < moment < ended + NOTICED for began, ended in self.forgetting)

    def claim(self, kind, value, name):
        """A room, token or id belongs to one customer for good."""
        owner = self.owner_of.setdefault((kind, value), name)
        if owner != name:
            self.crossed.append(f"{kind} of {owner} was given to {name}")

    def note(self, route, status):
        self.calls[route] += 1
        self.answers += status not in TROUBLE
        if status in TROUBLE:
            self.failures["no answer" if status == 0 else str(status)] += 1
            self.trouble.append(time.monotonic())


class Customer:
    def __init__(self, number, port, journal, seed, cancels):
        self.name = f"customer{number}"
        self.journal, self.cancels = journal, cancels
        self.random = random.Random(seed * 1_000_003 + number)
        self.client = Client(port)
        self.rid = self.token = self.id = None
        self.is_troubled = False
        self.since = 0.0
        # What happened last, for the report of a wrong answer.
        self.recent = collections.deque(maxlen=8)
        # Rooms that were to be closed, by calls whose answer nobody has: such a call may be served at any time, also after
        # the room was resumed.
        self.closing = set()
        # When which room was closed, and those that were found to be gone.
        self.closed, self.gone = {}, set()

    async def call(self, route, method, fields=None, token=None, patience=None):
        """The answer, or None when the customer did not wait for it."""
        # A customer who leaves: the page is closed, the phone loses its network.
        if patience is None:
            patience = self.random.uniform(0, 0.05) if self.random.random() < self.cancels else 90
        path = "/managers/" + route if route == "access_token" else "/customers/" + route
        try:
            answer = await asyncio.wait_for(self.client.call(method, path, fields, token), patience)
        except asyncio.TimeoutError:
            self.journal.cancelled += 1
            self.recent.append((time.monotonic(), f"{route} given up {self.rid}"))
            if patience >= 60:
                self.journal.wrong.append(f"{route}: no answer within {patience} s")
            return None
        status = answer.status if answer else 0
        self.recent.append((time.monotonic(), f"{route} {status} {self.rid}"))
        self.is_troubled = status in TROUBLE
        self.journal.note(route, status)
        return answer if status else None

    def expect(self, holds, text):
        if not holds:
            now = time.monotonic()
            calls = ", ".join(f"-{now - moment:.2f} s {what}" for moment, what in self.recent)
            self.journal.wrong.append(f"{self.name}: {text}; calls before: {calls}")

    async def connect(self, patience=None):
        fields = {"api_key": TENANT, "department_id": DEPARTMENT, "name": self.name}
        answer = await self.call("client_connect", "POST", fields, patience=patience)
        if answer is None or answer.status in TROUBLE:
            return False
        body = answer.json
        self.expect(answer.status == 200 and isinstance(body, dict), f"client_connect: {answer.status} {answer.body[:200]}")
        if answer.status != 200 or not isinstance(body, dict):
            return False
        if body.get("customer_name") != self.name:
            self.journal.crossed.append(f"{self.name} was answered as {body.get('customer_name')}")
        for kind, key in (("room", "rid"), ("token", "token"), ("account", "id"), ("user", "user_id")):
            self.expect(isinstance(body.get(key), str) and body[key], f"client_connect: no {key}")
            self.journal.claim(kind, body.get(key), self.name)
        self.expect(self.id in (None, body.get("id")), "client_connect: another account than before")
        self.rid, self.token, self.id = body.get("rid"), body.get("token"), body.get("id")
        self.since = time.monotonic()
        return True

    def refused(self, route, answer):
        """401 or 404 for what was given to the customer: allowed only when Redis may have lost it, or they closed it; and then
        the room is not given to them again."""
        reason = None
        if self.rid in self.closing:
            reason = "closed by a call without an answer"
        elif self.journal.may_be_forgotten(self.since):
            reason = "opened around a fail-over"
        elif self.journal.may_be_forgotten(self.closed.get(self.rid, -1e9)):
            reason = "closed around a fail-over"
        now = time.monotonic()
        # While two servers still take themselves for the master, gateways may disagree about a room more than once.
        if reason and (self.rid not in self.gone or self.journal.may_be_forgotten(now)):
            self.journal.excused[reason] += 1
        else:
            began, ended = self.journal.forgetting[-1] if self.journal.forgetting else (-1e9, -1e9)
            self.expect(False, f"{route}: {answer.status} {answer.body[:200]} {now - self.since:.2f} s after it was opened, "
                               f"{now - began:.2f} s after the last fault of the master began and {now - ended:.2f} s after it ended; "
                               f"{reason}")
        self.gone.add(self.rid)
        self.rid = self.token = None

    async def history(self):
        answer = await self.call("history_message", "GET", {"room_id": self.rid, "count": 5}, self.token)
        if answer is None or answer.status in TROUBLE:
            return
        if answer.status in (401, 404):
            return self.refused("history_message", answer)
        body = answer.json
        self.expect(answer.status == 200 and isinstance(body, dict), f"history_message: {answer.status}")
        if isinstance(body, dict) and answer.status == 200:
            messages = body.get("messages") or []
            if body.get("room_id") != self.rid or any(message.get("rid") != self.rid for message in messages):
                self.journal.crossed.append(f"{self.name} read another room")

    async def history_of(self, other):
        """Somebody else's room."""
        if other.rid is None or other.rid == self.rid:
            return
        answer = await self.call("history_message", "GET", {"room_id": other.rid}, self.token)
        if answer is not None and answer.status == 200:
            self.journal.crossed.append(f"{self.name} could read the room of {other.name}")

    async def transfer(self):
        answer = await self.call("Transfer", "POST", {"group_id": self.rid}, self.token)
        if answer is None or answer.status in TROUBLE:
            return
        if answer.status in (401, 404):
            return self.refused("Transfer", answer)
        self.expect(answer.status in (200, 409, 429), f"Transfer: {answer.status} {answer.body[:200]}")
        if answer.status == 200 and answer.json.get("customer_name") != self.name:
            self.journal.crossed.append(f"{self.name} was transferred as {answer.json.get('customer_name')}")

    async def close(self, patience=None):
        """Whether the room is gone for certain."""
        answer = await self.call("shutdown_service", "POST", {"group_id": self.rid}, self.token, patience)
        if answer is None or answer.status in TROUBLE:
            # It may be closed all the same, and the token with it.
            self.closing.add(self.rid)
            self.rid = self.token = None
            return False
        if answer.status in (401, 404):
            self.refused("shutdown_service", answer)
            return False
        self.expect(answer.status == 200, f"shutdown_service: {answer.status} {answer.body[:200]}")
        self.closed[self.rid] = time.monotonic()
        self.rid = self.token = None
        return answer.status == 200

    async def ping(self):
        good = self.random.random() < 0.8
        token = tokens.access_token() if good else tokens.access_token(key="another-key-another-key-another-key")
        answer = await self.call("auth_ping", "GET", token=token)
        if answer is None or answer.status in TROUBLE:
            return
        self.expect(answer.status == (200 if good else 401), f"auth_ping: {answer.status} for a {'good' if good else 'bad'} token")

    async def act(self, others):
        if self.rid is None or self.token is None:
            return await self.connect()
        dice = self.random.random()
        if dice < 0.35:
            await self.connect()
        elif dice < 0.65:
            await self.history()
        elif dice < 0.75:
            await self.history_of(self.random.choice(others))
        elif dice < 0.92:
            await self.ping()
        elif dice < 0.95:
            await self.transfer()
        else:
            await self.close()


async def run(customers, is_over, pace):
    """All customers at once until `is_over()`; `pace` is the mean pause of one between two calls."""

    async def live(customer):
        while not is_over():
            await customer.act(customers)
            if pace:
                await asyncio.sleep(customer.random.expovariate(1 / pace))
            elif customer.is_troubled:
                # Whoever asks again at once while nothing works only keeps the processors from mending it.
                await asyncio.sleep(customer.random.uniform(0.02, 0.1))

    await asyncio.gather(*(live(customer) for customer in customers))


async def tidy_up(customers, seconds=60):
    """Everybody comes back once more and closes their room; returns how many could not."""
    end = time.monotonic() + seconds
    gate = asyncio.Semaphore(16)

    async def leave(customer):
        async with gate:
            while time.monotonic() < end:
                if await customer.connect(patience=30) and await customer.close(patience=30):
                    return 0
                await asyncio.sleep(0.1)
            return 1

    return sum(await asyncio.gather(*(leave(customer) for customer in customers)))
