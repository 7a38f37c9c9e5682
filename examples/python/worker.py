"""A worker for Planwright in Python's standard library alone. README.md says how to run it, docs/nats.md ("A worker in another
language") why it does what it does. Messages over the server's limit are left out."""
import asyncio, json, os, signal, time, uuid
from types import SimpleNamespace
from nats import Nats
from tools import TOOLS, Failure

PROTOCOL, LEASE_S, PULSE_S, REMEMBERED, ENVELOPE_BYTES = 1, 3, 1, 10_000, 16_384
ROOT = f"planwright.{os.environ.get('NAMESPACE', 'default')}"
NAME, INCARNATION = os.environ.get("WORKER", "python"), str(uuid.uuid4())
ME, SLOTS, POOL = f"{NAME}.{INCARNATION}", int(os.environ.get("SLOTS", "2")), os.environ.get("POOL")
ABOUT = {"protocol": PROTOCOL, "version": "python-1", "tools": list(TOOLS), **({"pool": POOL} if POOL else {})}


def name_of(key):
    return key["plan"], key["step"], key["attempt"]


def partition_of(plan):
    hash = 0x811C9DC5
    for byte in plan.encode():
        hash = (hash ^ byte) * 0x01000193 & 0xFFFFFFFF
    return f"{hash & 0xFF:02x}"


class Worker:
    def __init__(self, url):
        self.nats = Nats(url, NAME, [f"{ROOT}.command.{ME}", f"{ROOT}.commands"], self.receive)
        self.capacity, self.sent, self.offers, self.last_slot, self.heard_at = SLOTS, 0, 0, 0, time.monotonic()
        self.lent, self.running, self.epochs = {}, {}, {}  # by coordinator, by attempt, by partition
        self.ended = {}  # by attempt: its report, or None when that was acknowledged

    def send(self, subject, message):
        self.sent += 1
        event = {"specversion": "1.0", "source": f"/{ROOT.replace('.', '/')}/{NAME}", "id": f"{INCARNATION}.{self.sent}",
                 "type": f"planwright.{message['kind']}", "datacontenttype": "application/json", "data": message}
        self.nats.publish(f"{ROOT}.{subject}", json.dumps(event).encode())

    def receive(self, payload):
        try:
            self.notice_standstill()
            message = json.loads(payload)["data"]
            getattr(self, "on_" + message["kind"].replace("-", "_"))(message)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            print(f"dropped a message: {error!r}", flush=True)

    # Slots. Each is lent to one coordinator, under a number that is never used again: what is lent and what runs is together
    # never more than there is.

    def on_hello(self, hello):
        if hello["protocol"] != PROTOCOL:
            return
        new = SimpleNamespace(slots={}, back=set(), since=self.offers + 1, at=0, last=0)
        one = self.lent.setdefault(hello["from"], new)
        one.heard_at, one.at, one.wants, one.changed = time.monotonic(), max(one.at, hello["at"]), hello["wants"], True
        one.slots = {slot: offer for slot, offer in one.slots.items() if offer > hello["heard"] or slot in hello["keeps"]}
        self.lend()

    def on_goodbye(self, goodbye):
        self.lent.pop(goodbye["from"], None)
        self.lend()

    def lend(self):
        everyone, idle = list(self.lent.values()), lambda one: len(one.slots.keys() - one.back)
        while everyone and len(self.running) + sum(len(one.slots) for one in everyone) < self.capacity:
            one = min(everyone, key=lambda one: (one.wants <= idle(one), idle(one), one.last))
            self.last_slot = one.last = self.last_slot + 1
            one.slots[one.last], one.changed = self.offers + 1, True
        for one in everyone:
            one.back &= one.slots.keys()
            is_missed = any(other.wants and not idle(other) for other in everyone) and not any(other.back for other in everyone)
            spare = len(one.slots) if self.capacity == 0 else int(is_missed and idle(one) > one.wants)
            asked = set(list(one.slots)[:spare]) - one.back
            one.back, one.changed = one.back | asked, one.changed or bool(asked)
        for coordinator, one in self.lent.items():
            if one.changed:
                self.offers, one.changed = self.offers + 1, False
                self.send(f"offer.{coordinator}.{ME}", {
                    "kind": "offer", "executor": ME, "number": self.offers, "since": one.since, "heardAt": one.at,
                    "slots": sorted(one.slots.keys() - one.back), "back": sorted(one.back), "about": ABOUT})

    # Attempts. One begins once, and its report is sent until it is acknowledged.

    def is_stale(self, key):
        partition = partition_of(key["plan"])
        self.epochs[partition] = max(key["epoch"], self.epochs.get(partition, 0))
        return key["epoch"] < self.epochs[partition]

    def on_run(self, run):
        name, one, is_stale = name_of(run["key"]), self.lent.get(run["from"]), self.is_stale(run["key"])
        has_slot = one and run["offer"] >= one.since and one.slots.pop(run.get("slot"), None) is not None
        if self.ended.get(name):
            self.report(name)
        if has_slot and not is_stale and name not in self.running and name not in self.ended:
            self.begin(name, run)
        elif has_slot:
            one.changed = True
        self.lend()

    def begin(self, name, run):
        print("begins", run["tool"], *name, flush=True)
        task = asyncio.ensure_future(self.call(run["tool"], run["args"]))
        timer = asyncio.get_running_loop().call_later(run["timeoutMs"] / 1000, self.stop, name, "timed-out")
        self.running[name] = SimpleNamespace(key=run["key"], task=task, timer=timer, began_at=time.monotonic(), why=None)
        task.add_done_callback(lambda _: self.end(name))

    async def call(self, tool, args):
        if tool not in TOOLS:
            raise Failure("not-found", "unknown-tool", f"this worker has no tool {tool}")
        output = await TOOLS[tool](args)
        if len(json.dumps(output, allow_nan=False)) > self.nats.max_payload - ENVELOPE_BYTES:
            raise Failure("resource-exhausted", "output-too-large", "the output is over the limit of the NATS server")
        return output

    def stop(self, name, why):
        if name in self.running:
            self.running[name].why = self.running[name].why or why
            self.running[name].task.cancel()

    def on_cancel(self, cancel):
        if not self.is_stale(cancel["key"]):
            self.stop(name_of(cancel["key"]), "cancelled")

    def end(self, name):
        attempt = self.running.pop(name)
        attempt.timer.cancel()
        if attempt.task.cancelled():
            outcome = {"kind": attempt.why or "cancelled"}
        elif error := attempt.task.exception():
            category, code, text = error.args if isinstance(error, Failure) else ("bug", "tool-raised", repr(error))
            outcome = {"kind": "failed", "error": {"category": category, "code": code, "message": text[:2000]}}
        else:
            outcome = {"kind": "succeeded", "output": attempt.task.result()}
        duration = round((time.monotonic() - attempt.began_at) * 1000)
        self.ended[name] = {"kind": "report", "executor": ME, "key": attempt.key, "outcome": outcome, "durationMs": duration}
        self.report(name)
        self.lend()

    def report(self, name):
        self.send(f"report.{partition_of(name[0])}.{ME}", self.ended[name])

    def on_acknowledged(self, acknowledged):
        name = name_of(acknowledged["key"])
        if self.ended.get(name) and self.ended[name]["outcome"]["kind"] == acknowledged["outcome"]:
            self.ended[name] = None

    # Time. Who is silent for the lease is given up by the others, and gives them up.

    def notice_standstill(self):
        if time.monotonic() - self.heard_at >= LEASE_S:
            self.lent.clear()
        self.heard_at = time.monotonic()

    def beat(self):
        self.notice_standstill()
        self.nats.check()
        self.send(f"pulse.{ME}", {"kind": "alive", "executor": ME})
        self.lent = {id: one for id, one in self.lent.items() if time.monotonic() - one.heard_at < LEASE_S}
        for name in [name for name, report in self.ended.items() if report]:
            self.report(name)
        for name in [name for name, report in self.ended.items() if not report][:-REMEMBERED]:
            del self.ended[name]
        self.lend()

    def drain(self, number):
        """Lends nothing more; the same signal again ends the process at once."""
        asyncio.get_running_loop().remove_signal_handler(number)
        self.capacity = 0
        self.lend()

    def is_needed(self):
        """A slot that somebody keeps may be used by a run that is on its way."""
        return self.capacity > 0 or self.running or any(self.ended.values()) or any(one.slots for one in self.lent.values())

    async def work(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.drain, number)
        connection = asyncio.ensure_future(self.nats.run())
        print(f"{ME} lends {SLOTS} slots", flush=True)
        while self.is_needed():
            self.beat()
            await asyncio.sleep(PULSE_S)
        self.send(f"pulse.{ME}", {"kind": "gone", "executor": ME})
        await self.nats.flush()
        connection.cancel()


asyncio.run(Worker(os.environ.get("NATS_URL", "nats://127.0.0.1:4222")).work())
