import { describe, expect, it } from "vitest";
import type { EncodedEvent } from "#events/envelope.ts";
import { newBatchId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import { openStore } from "#src/open-store.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { usedWorkplace, type Workplace } from "./workplace.ts";

// Events that nobody understands, or that come when the charts do not accept them: that plan is put aside with its stream
// and revision, and the others go on.

const WAITING =
  "plan: waiting\nsteps:\n  pause: { wait: 1500ms }\n  after: { value: 1, needs: [pause] }\nrespond: waited\n";

describe("an event of an unknown type", () => {
  it("puts its plan into quarantine, by stream and revision, while others go on", async () => {
    await expectQuarantined({ type: "StepTeleported", schemaVersion: 1, data: { step: "pause" } }, /StepTeleported/);
  });
});

describe("an event that the chart refuses", () => {
  it("puts its plan into quarantine, by stream and revision, while others go on", async () => {
    const data = { step: "after", attempt: 1 };
    await expectQuarantined({ type: "StepCancelled", schemaVersion: 1, data }, /StepCancelled/);
  });
});

async function expectQuarantined(event: EncodedEvent, names: RegExp): Promise<void> {
  await using place = await usedWorkplace();
  await place.write("waiting.yaml", WAITING);
  const bad = await interrupted(place);
  const good = await interrupted(place);
  const revision = await append(place, bad, event);

  const resumed = await place.run("resume", "--plain");
  expect(resumed.code, resumed.stderr).toBe(6);
  const where = `${planStream(bad)} at revision ${revision}`;
  expect(resumed.stderr).toContain(where);
  expect(resumed.stderr).toMatch(names);
  expect(resumed.stdout).toBe("waited\n");
  expect(await statusOf(place, good)).toBe("succeeded");

  const doctor = await place.run("doctor");
  expect(doctor.code, doctor.stderr).toBe(6);
  expect(doctor.stdout).toMatch(/checksums right/);
  expect(doctor.stderr).toContain(where);
  const again = await place.run("resume");
  expect(again).toMatchObject({ code: 0, stdout: "nothing to resume\n" });
  expect(again.stderr).toMatch(/is quarantined and left alone/);
  const named = await place.run("resume", bad);
  expect(named.code).toBe(6);
  expect(named.stderr).toMatch(/plan-quarantined/);
  const exported = await place.run("history", bad, "--json");
  expect(exported.code, exported.stderr).toBe(0);
  expect(exported.stdout).toMatch(names);
  const released = await place.run("doctor", "--release", bad);
  expect(released.code, released.stderr).toBe(0);
}

/** A plan that was killed while it waits. */
async function interrupted(place: Workplace): Promise<PlanId> {
  const ran = await place.runAs(
    { onStderr: (text, child) => text.includes("waits until") && child.kill("SIGKILL") },
    ...["run", "waiting.yaml", "--plain"],
  );
  expect(ran.signal).toBe("SIGKILL");
  const listed: unknown = JSON.parse((await place.run("list", "--json", "--limit", "1")).stdout);
  return newestOf(listed);
}

function newestOf(listed: unknown): PlanId {
  expect(listed).toMatchObject({ plans: [{ plan: expect.any(String), status: "running" }] });
  const { plans } = listed as { plans: [{ plan: PlanId }] };
  return plans[0].plan;
}

async function append(place: Workplace, plan: PlanId, event: EncodedEvent): Promise<number> {
  await using store = await openStore({ store: place.store });
  const stream = planStream(plan);
  const { events } = store;
  const expectedRevision = await events.revision(stream);
  const occurredAt = systemClock.now();
  const id = newBatchId(occurredAt, systemRandom.bytes(RANDOM_BYTES_PER_ID));
  const origin = { batch: id, occurredAt, tenant: "default", correlation: plan, actor: "os:test" };
  const { revision } = await events.append({ id, stream, expectedRevision, origin, events: [event] });
  return revision;
}

async function statusOf(place: Workplace, plan: PlanId): Promise<unknown> {
  const shown: unknown = JSON.parse((await place.run("show", plan, "--json")).stdout);
  return typeof shown === "object" && shown !== null && "status" in shown ? shown.status : undefined;
}
