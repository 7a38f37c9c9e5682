import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedEvent } from "#events/envelope.ts";
import { planOfStream } from "#events/streams.ts";
import { openReader } from "#src/compose.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { PLANS } from "#src/projecting/current-views.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { Effects } from "./checkers/effects.ts";
import { Law } from "./checkers/law.ts";
import { checkStore } from "./checkers/store.ts";
import { Ledger, type Entry } from "./ledger.ts";
import { LOAD_PLANS } from "./load/plans.ts";
import { crashPlace, type Place } from "./place.ts";
import { Witness } from "./witness.ts";

// A run that went well, and in each test one thing that a crash must not do: its checker names it.

let place: Place;
let scratch: TemporaryFolder;
let log: readonly RecordedEvent[];
let entries: readonly Entry[];

beforeAll(async () => {
  place = await crashPlace();
  scratch = await temporaryFolder();
  for (const name of ["orders", "large"]) {
    const plan = LOAD_PLANS.find((one) => one.name === name);
    const file = await place.write(`${name}.yaml`, plan?.source ?? "");
    const { code, stderr } = await place.start(["run", file, "--json", "--input", `id=${name}`]).ended;
    expect(code, stderr).toBe(0);
  }
  await using reader = await openReader({ store: place.store });
  log = await Array.fromAsync(reader.events.readAll());
  const ledger = new Ledger(place.ledger);
  ledger.refresh();
  entries = ledger.entries;
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

/** A witness who has seen all of it. */
function witness(): Witness {
  const seen = new Witness();
  for (const event of log) seen.see(event);
  return seen;
}

function at(step: string, type: string): RecordedEvent {
  const found = log.find((event) => event.type === type && JSON.stringify(event.data).includes(`"step":"${step}"`));
  if (found === undefined) throw new Error(`there is no ${type} of ${step}`);
  return found;
}

/** Follows the facts, then judges a ledger. */
function judge(facts: readonly RecordedEvent[], written: readonly Entry[]): void {
  const ledger = new Ledger("");
  const law = new Law(place.store);
  const effects = new Effects(law, ledger);
  for (const event of facts) law.follow(event);
  for (const entry of written) ledger.add(entry);
  effects.check(written);
  effects.checkEnd();
}

/** A copy of the store with something done to it. */
async function copied(name: string, change: (store: string) => unknown): Promise<string> {
  const store = path.join(scratch.path, name);
  cpSync(place.store, store, { recursive: true });
  await change(store);
  return store;
}

const THOROUGH = { isThorough: true };
const begun = (step: string): Entry => entries.find((entry) => entry.step === step && entry.what === "begun")!;

describe("a run without a crash", () => {
  it("breaks nothing", async () => {
    const seen = witness();
    const plan = planOfStream(log[0]!.stream)!;
    seen.hear({ operation: "submit", plan, revision: 3, type: "PlanStarted", mark: "" });
    expect(await checkStore(place.store, seen, THOROUGH)).toHaveLength(log.length);
    judge(log, entries);
  });
});

describe("the witness names", () => {
  it("a fact that is gone", async () => {
    const seen = witness();
    seen.see({ ...log.at(-1)!, position: log.length });
    await expect(checkStore(place.store, seen, THOROUGH)).rejects.toThrow(/^facts: .*seen at position \d+, is gone/);
  });

  it("a fact that says something else, and another in its place", () => {
    const changed = log.map((event, index) => (index === 4 ? { ...event, data: { step: "reserve" } } : event));
    expect(() => witness().check(changed)).toThrow(/^facts: .* says something else now/);
    const replaced = log.map((event, index) => (index === 4 ? log[5]! : event));
    expect(() => witness().check(replaced)).toThrow(/^facts: .* stands there now/);
  });

  it("a subscription that leaves one out, or shows one twice", () => {
    const seen = witness();
    expect(() => seen.see({ ...log[0]!, position: log.length + 1 })).toThrow(/^subscription: /);
    expect(() => seen.see(log.at(-1)!)).toThrow(/^subscription: /);
  });

  it("the same where positions have gaps: one shown twice at once, one left out against the log", () => {
    const spread = log.map((event) => ({ ...event, position: 700 + event.position * 137 }));
    const seen = new Witness({ hasGaps: true });
    for (const event of spread.slice(0, 3)) seen.see(event);
    expect(() => seen.see(spread[2]!)).toThrow(/^subscription: /);
    seen.see(spread[4]!);
    expect(() => seen.check(spread)).toThrow(/^facts: .* stands there now/);
    expect(() => seen.check(spread.slice(0, 4))).toThrow(/^facts: /);
  });

  it("an answer that the log does not keep", () => {
    const plan = planOfStream(log[0]!.stream)!;
    const heard = (revision: number | undefined, type: string, mark = ""): Witness => {
      const seen = witness();
      seen.hear({ operation: "signal", plan, revision, type, mark });
      return seen;
    };
    expect(() => heard(1, "PlanStarted").check(log)).not.toThrow();
    expect(() => heard(0, "PlanStarted").check(log)).toThrow(/^answers: .* there is no PlanStarted/);
    expect(() => heard(500, "PlanStarted").check(log)).toThrow(/^answers: .* the log ends at/);
    expect(() => heard(1, "SignalReceived", "x").check(log)).toThrow(/^answers: /);
    const only = new Witness();
    only.hear({ operation: "submit", plan, revision: undefined, type: "PlanStarted", mark: "" });
    expect(() => only.check([])).toThrow(/^answers: /);
  });
});

describe("the ledger names", () => {
  it("a success that runs again", () => {
    const late = { ...begun("reserve"), at: at("reserve", "StepSucceeded").origin.occurredAt + 5 };
    expect(() => judge(log, [...entries, late])).toThrow(
      /^effects: .* began for reserve .* ms after its durable success/,
    );
  });

  it("an effect before its fact", () => {
    const early = log.slice(0, log.indexOf(at("charge", "StepDispatched")));
    expect(() => judge(early, [begun("charge")])).toThrow(
      /^effects: .* began 1 times for charge .*, dispatched 0 times/,
    );
  });

  it("more beginnings than dispatches", () => {
    const facts = log.slice(0, log.indexOf(at("charge", "StepSucceeded")));
    expect(() => judge(facts, [begun("charge"), begun("charge")])).toThrow(/^effects: .* began 2 times/);
  });

  it("a second run that nobody allowed", () => {
    const first = at("charge", "StepDispatched");
    const lost = { step: "charge", attempt: 1, executor: "e", next: { kind: "retry", dueAt: 0, delayMs: 0 } };
    const facts = [
      ...log.slice(0, log.indexOf(first) + 1),
      { ...first, type: "StepLost", data: lost },
      { ...first, data: { ...(first.data as object), attempt: 2 } },
    ];
    const [one, two] = [begun("charge"), { ...begun("charge"), at: begun("charge").at + 40 }];
    expect(() => judge(facts, [one, two])).toThrow(/^silent-second-run: effects.once began again for charge/);
    const allowed = {
      ...first,
      type: "StepOutcomeResolved",
      data: { step: "charge", attempt: 1, resolution: { kind: "retry" } },
    };
    const asked = facts.map((event) =>
      event.type === "StepLost" ? { ...allowed, origin: { ...first.origin, occurredAt: two.at } } : event,
    );
    expect(() => judge(asked, [one, two])).not.toThrow(/silent-second-run/);
  });

  it("a success without its effect", () => {
    const without = entries.filter(({ step, what }) => step !== "ship" || what !== "done");
    expect(() => judge(log, without)).toThrow(/^effects: ship of .* has succeeded, and effects.once has had no effect/);
  });
});

describe("the law names", () => {
  it("an outcome that is recorded twice, and two attempts in flight", () => {
    const after = (type: string, ...more: readonly RecordedEvent[]): readonly RecordedEvent[] => [
      ...log.slice(0, log.indexOf(at("charge", type)) + 1),
      ...more,
    ];
    expect(() => judge(after("StepSucceeded", at("charge", "StepSucceeded")), [])).toThrow(/^law: attempts: .* twice/);
    const dispatched = at("charge", "StepDispatched");
    const second = { ...dispatched, data: { ...(dispatched.data as object), attempt: 2 } };
    expect(() => judge(after("StepDispatched", second), [])).toThrow(/^law: attempts: .* two attempts in flight/);
  });
});

describe("the store names", () => {
  it("a store that is gone", async () => {
    await expect(checkStore(path.join(scratch.path, "gone"), witness(), THOROUGH)).rejects.toThrow(
      /^facts: .* is gone/,
    );
    const emptied = await copied("emptied", (copy) => writeFileSync(path.join(copy, "store.db"), ""));
    await expect(checkStore(emptied, new Witness(), THOROUGH)).rejects.toThrow(/^log: .* the file is gone or empty/);
  });

  it("a changed event", async () => {
    const store = await copied("changed", (copy) => {
      using database = new DatabaseSync(path.join(copy, "store.db"));
      database.exec("update appends set at = at + 1 where position = 3");
    });
    await expect(checkStore(store, new Witness(), THOROUGH)).rejects.toThrow(/^log: /);
  });

  it("a payload that is gone", async () => {
    const store = await copied("blobless", (copy) => {
      const blobs = path.join(copy, "blobs");
      for (const folder of readdirSync(blobs))
        if (folder !== "tmp") rmSync(path.join(blobs, folder), { recursive: true });
    });
    await expect(checkStore(store, new Witness(), THOROUGH)).rejects.toThrow(/^examination: blob-missing/);
  });

  it("a view that says something else than the log", async () => {
    const store = await copied("viewed", async (directory) => {
      await using open = await openEmbedded({ directory, clock: systemClock });
      const plan = planOfStream(log[0]!.stream)!;
      const view = PLANS[0];
      const { documents } = await open.views.list(view, { limit: 1 }).then((list) => ({ documents: list }));
      const document = { ...(documents[0]?.document as object), name: "another" };
      await open.views.save(view, [{ ...documents[0]!, key: plan, document }], await open.views.checkpoint(view));
    });
    await expect(checkStore(store, new Witness(), THOROUGH)).rejects.toThrow(/^views: the view plans/);
  });
});
