import { describe, expect, it } from "vitest";
import { canonicalJson } from "#events/canonical.ts";
import type { PlanId } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import { nextDueAt, slotPriority } from "#machines/advance.ts";
import { encodeState, SNAPSHOT_VERSION } from "#machines/snapshot.ts";
import type { PlanView } from "#machines/state.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import type { Snapshot } from "#src/ports/snapshot-store.ts";
import { SNAPSHOT_AFTER_EVENTS } from "#src/runtime/limits.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { planOf, THRICE, tool, value, wait } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "./kit.ts";

describe("a plan's state", () => {
  it("is the same from every snapshot and the rest as from the whole log", async () => {
    const { machine, plan, last } = await eventful();
    for (let revision = 0; revision <= last; revision++) {
      const before = await load(machine, plan, { toRevision: revision });
      const snapshot = { version: SNAPSHOT_VERSION, revision, state: encodeState(before) };
      for (let toRevision = revision; toRevision <= last; toRevision++) {
        const whole = await load(machine, plan, { toRevision });
        const resumed = await load(machine, plan, { toRevision, snapshot });
        expect(fingerprint(resumed), `snapshot at ${revision}, loaded to ${toRevision}`).toEqual(fingerprint(whole));
      }
    }
  });

  it("comes from the log when the snapshot is of another version, damaged, or cannot be read", async () => {
    const { machine, plan, last } = await eventful();
    const whole = fingerprint(await load(machine, plan, {}));
    const good = { version: SNAPSHOT_VERSION, revision: last, state: encodeState(await load(machine, plan, {})) };
    const bad: Snapshot[] = [
      { ...good, version: "plan-state@0", state: { ...(good.state as object), steps: [] } },
      { ...good, state: null },
      { ...good, state: { ...(good.state as object), steps: 7 } },
      { ...good, state: { ...(good.state as object), definition: { blob: "0".repeat(64), bytes: 1 } } },
    ];
    for (const snapshot of bad) expect(fingerprint(await load(machine, plan, { snapshot }))).toEqual(whole);
    const failing = { load: () => Promise.reject(new Error("a cache that is ill")) };
    expect(fingerprint(await loadPlan(plan, { ...parts(machine), snapshots: failing }))).toEqual(whole);
  });

  it("is never later than what was asked for, whatever a snapshot says of itself", async () => {
    const { machine, plan, last } = await eventful();
    const later = { version: SNAPSHOT_VERSION, revision: last - 1, state: encodeState(await load(machine, plan, {})) };
    const state = await load(machine, plan, { toRevision: last - 1, snapshot: later });
    expect(state.revision).toBe(last - 1);
  });

  it("names a stream whose beginning is missing", async () => {
    const { machine, plan } = await eventful();
    const { events } = parts(machine);
    const truncated = { read: (stream: never) => events.read(stream, { from: 2 }) };
    const loading = loadPlan(plan, { payloads: new Payloads(memoryBlobs()), events: truncated });
    await expect(loading).rejects.toMatchObject({
      code: "plan-unreadable",
      details: { revision: 2, code: "stream-truncated" },
    });
  });
});

describe("a snapshot", () => {
  it("is taken of a long plan, and a restart goes on from it", { timeout: 60_000 }, async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const count = SNAPSHOT_AFTER_EVENTS + 500;
    machine.hold("end");
    const steps = Array.from({ length: count }, (_, index) => value(`v${index}`, index));
    const ending = [tool("end", { retry: THRICE, needs: steps.map(({ id }) => id) })];
    const plan = await machine.answer(engine.start(planOf([...steps, ...ending]), {}));
    await machine.until(() => machine.calls.length === 1);
    const kept = machine.contents.snapshots.get(planStream(plan));
    expect(kept?.at(-1)?.revision).toBeGreaterThan(SNAPSHOT_AFTER_EVENTS);
    machine.crash();
    machine.on("end", () => "done");
    const second = await machine.open();
    second.resume(plan);
    expect((await machine.settled(second, plan)).in.succeeded).toBe(count + 1);
  });

  it("that claims more than the log has is ignored once an append is refused", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry: THRICE })]), {}));
    const ahead = await load(machine, plan, {});
    const state = { ...(encodeState(ahead) as object), revision: 40 };
    const stream = planStream(plan);
    machine.contents.snapshots.set(stream, [{ version: SNAPSHOT_VERSION, revision: 40, state: JSON.stringify(state) }]);
    machine.crash();
    machine.on("a", () => "done");
    const second = await machine.open();
    second.resume(plan);
    expect((await machine.settled(second, plan, 60 * SECOND_MS)).header.value).toBe("succeeded");
  });
});

/** A plan in the middle of everything: retries, a wait, a failure that is tolerated, an unknown outcome, a skip. */
async function eventful(): Promise<{ machine: Machine; plan: PlanId; last: number }> {
  const machine = new Machine();
  const engine = await machine.open();
  machine.on("flaky", () => {
    if (machine.callsOf("flaky").length < 3) throw new ToolFailure("unavailable", "again");
    return { n: 1 };
  });
  machine.on("broken", () => {
    throw new ToolFailure("validation", "never");
  });
  machine.hold("silent");
  machine.hold("open");
  const steps = [
    tool("flaky", { retry: THRICE, deadlineMs: 60 * SECOND_MS }),
    tool("broken"),
    tool("silent", {}, { idempotent: false, timeoutMs: SECOND_MS }),
    tool("open"),
    wait("long", 3_600_000, { deadlineMs: 7_200_000 }),
    value("sum", "${steps.flaky.output.n + 1}", { needs: ["flaky"] }),
    tool("never", { needs: ["sum"], when: "steps.sum.output > 5" }),
    value("after", 1, { needs: ["never"] }),
    value("any", 2, { needs: ["never", "sum"], join: "any" }),
  ];
  const plan = await machine.answer(engine.start(planOf(steps, { onFailure: "continue" }), {}));
  await machine.until(() => machine.factsOf(plan, "StepTimedOut").length === 1);
  machine.crash();
  return { machine, plan, last: machine.facts(plan).length - 1 };
}

function parts(machine: Machine) {
  const { events } = openMemory({ clock: systemClock, contents: machine.contents });
  return { events, payloads: new Payloads(memoryBlobs(machine.blobs)) };
}

function load(machine: Machine, plan: PlanId, { toRevision, snapshot }: { toRevision?: number; snapshot?: Snapshot }) {
  const snapshots = { load: () => Promise.resolve(snapshot) };
  return loadPlan(plan, { ...parts(machine), snapshots }, toRevision === undefined ? {} : { toRevision });
}

/** What a state holds and everything that is derived from it. */
function fingerprint(state: PlanView) {
  const sorted = (indexes: Iterable<number>): number[] => [...indexes].sort((a, b) => a - b);
  return {
    encoded: canonicalJson(encodeState(state)),
    in: { ...state.in },
    sets: [state.ready, state.skippable, state.running, state.unknown, state.asking].map(sorted),
    dueAt: [0, Number.MAX_SAFE_INTEGER].map((now) => nextDueAt(state as never, now)),
    wants: slotPriority(state as never, Number.MAX_SAFE_INTEGER),
  };
}
