import { encode, fact, type Fact } from "#events/catalog.ts";
import { NO_STREAM, type Batch } from "#events/envelope.ts";
import { executorId, MAX_EVENTS_PER_BATCH, newBatchId, newPlanId, RANDOM_BYTES_PER_ID } from "#events/ids.ts";
import { inline } from "#events/payload.ts";
import { planStream } from "#events/streams.ts";
import { startPlan } from "#machines/decide/start.ts";
import { emptyState } from "#machines/state.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { Projector } from "#src/projecting/projector.ts";
import { SILENT } from "#src/ports/log.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { INPUTS, sequentialPlan } from "./bench-engine.ts";

// A store with many finished plans and a few live ones, written without running them: the same facts, appended whole.
// Only what opening costs is measured on it; how fast it was filled says nothing.

const STEPS = 10;
const EVENTS_PER_PLAN = 2 + STEPS * 2 + 1;
const AT_ONCE = 100;
const EXECUTOR = executorId.parse("bench");

export async function fillStore(directory: string, size: { events: number; livePlans: number }): Promise<void> {
  await using store = await openEmbedded({ directory, clock: systemClock, command: "bench fill" });
  const plans = Math.ceil(size.events / EVENTS_PER_PLAN);
  for (let done = 0; done < plans; done += AT_ONCE) {
    const group = Array.from({ length: Math.min(AT_ONCE, plans - done) }, (_, index) => {
      return store.events.append(planBatch(done + index < size.livePlans));
    });
    await Promise.all(group);
  }
  const { events, views } = store;
  const projector = new Projector({ events, views, clock: systemClock, log: SILENT, families: [PLANS, TOOLS] });
  await projector.catchUp();
  await projector[Symbol.asyncDispose]();
}

function planBatch(isLive: boolean): Batch {
  const now = systemClock.now();
  const plan = newPlanId(now, systemRandom.bytes(RANDOM_BYTES_PER_ID));
  const id = newBatchId(now, systemRandom.bytes(RANDOM_BYTES_PER_ID));
  const decision = startPlan(
    { type: "StartPlan", definition: sequentialPlan(STEPS), inputs: INPUTS },
    emptyState(plan),
    {
      now,
      epoch: 1,
      random: () => 0,
    },
  );
  const started = decision.kind === "accepted" ? decision.facts : [];
  const steps = Array.from({ length: STEPS }, (_, index) => stepFacts(`s${index}`)).flat();
  const facts = isLive ? started : [...started, ...steps, fact("PlanSucceeded", { epoch: 1 })];
  const origin = { batch: id, occurredAt: now, tenant: "default", correlation: plan, actor: "bench" };
  const events = facts.slice(0, MAX_EVENTS_PER_BATCH).map(encode);
  return { id, stream: planStream(plan), expectedRevision: NO_STREAM, origin, events };
}

function stepFacts(step: string): Fact[] {
  const call = { tool: "bench.echo", toolVersion: "1.0.0", executor: EXECUTOR, idempotent: true, timeoutMs: 300_000 };
  const args = { args: inline({ value: "begin" }), argsHash: "0".repeat(32) };
  return [
    fact("StepDispatched", { step, attempt: 1, epoch: 1, edition: 1, alternative: -1, ...call, ...args }),
    fact("StepSucceeded", { step, attempt: 1, output: inline("begin"), durationMs: 1 }),
  ];
}
