import { isDeepStrictEqual } from "node:util";
import { canonicalJson } from "#events/canonical.ts";
import { decode, isStepFact, type FactOf, type StepFact } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { PlanId } from "#events/ids.ts";
import { planOfStream, planStream } from "#events/streams.ts";
import { encodeState } from "#machines/snapshot.ts";
import type { PlanView } from "#machines/state.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import type { ExecutorMessage } from "#src/ports/bus.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { LaidOverViews, PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { eventsAt, type MemoryContents } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import type { Account } from "./scripted-tools.ts";
import type { World } from "./world.ts";

// What must be true at every moment, judged from the log and from what really ran. The rules are written down here a
// second time, over plain events: a checker that asked the runtime's own fold would agree with its mistakes.
//
// K1. No effect before its fact is durable.
// K2. One end an attempt, attempts without gap, one outcome a step, one end a plan.
// K3. A step whose success is durable never runs again.
// K4. A non-idempotent step has never two attempts in flight, and no second run that nobody decided.
// K5. What was answered is in the log; what was refused is not.
// K6. Views that were saved, left behind and taken up again say what the log says.

export class Violation extends Error {}

interface StepTrace {
  attempts: number;
  inFlight: number;
  succeededAt: number;
  failed: boolean;
  unknown: boolean;
}

interface PlanTrace {
  readonly steps: Map<string, StepTrace>;
  ended: string | undefined;
}

export class Checkers {
  readonly plans = new Map<PlanId, PlanTrace>();
  private readonly world: World;
  private readonly contents: MemoryContents;
  private readonly account: Account;
  private read = 0;
  private judged = 0;

  constructor(world: World, contents: MemoryContents, account: Account) {
    this.world = world;
    this.contents = contents;
    this.account = account;
  }

  /** Reads what was appended since; call after everything that happens. */
  check(): void {
    const fresh = this.contents.log.slice(this.read);
    this.read = this.contents.log.length;
    for (const event of eventsAt(fresh)) this.follow(event);
    this.checkExecutions();
  }

  /** K1, at the moment at which a command leaves its coordinator. */
  checkSent(message: ExecutorMessage): void {
    if (message.kind !== "run") return;
    this.check();
    const { plan, step, attempt } = message.key;
    const known = this.plans.get(plan)?.steps.get(step);
    if ((known?.attempts ?? 0) < attempt)
      this.fail(`attempt ${attempt} of ${step} was sent before its dispatch was durable`);
  }

  /** The live state is what folding the log anew gives. */
  async checkState(plan: PlanId, encoded: string, revision: number): Promise<void> {
    const clock = { now: () => 0, monotonic: () => 0, after: neverTimer, soon: queueMicrotask };
    const { events } = openMemory({ clock, contents: this.contents });
    const state = await loadPlan(plan, { events, payloads: this.payloads }, { toRevision: revision });
    if (canonicalJson(encodeState(state)) !== encoded)
      this.fail(`the live state of ${plan} at ${revision} is not what the log says`);
  }

  /** K6: what was saved of a view, through all crashes, is what the log says. */
  async checkViews(): Promise<void> {
    const views = new LaidOverViews(openMemory({ clock: systemClock, contents: this.contents }));
    for (const family of [PLANS, TOOLS]) {
      const [kept, anew] = await Promise.all([views.current(family), views.anew(family)]);
      const all = { limit: Infinity };
      if (!isDeepStrictEqual(await kept.list(all), await anew.list(all)))
        this.fail(`the view ${family[0].name} is not what the log says`);
    }
  }

  private get payloads(): Payloads {
    return new Payloads(memoryBlobs());
  }

  /** The last events of a plan, for the message of a failing run. */
  last(plan: PlanId): string {
    const events = eventsAt(this.contents.streams.get(planStream(plan)) ?? []);
    return events
      .slice(-3)
      .map(({ type, data }) => `${type} ${JSON.stringify(data).slice(0, 200)}`)
      .join("; ");
  }

  fail(text: string): never {
    throw new Violation(text);
  }

  private follow(event: RecordedEvent): void {
    const plan = planOfStream(event.stream);
    if (plan === undefined) return;
    const trace = this.plans.get(plan) ?? { steps: new Map<string, StepTrace>(), ended: undefined };
    this.plans.set(plan, trace);
    const fact = decode(event);
    if (trace.ended !== undefined && fact.type !== "StepLateReported") {
      this.fail(`${fact.type} after ${trace.ended} in ${plan}`);
    }
    if (fact.type === "PlanSucceeded" || fact.type === "PlanFailed" || fact.type === "PlanCancelled") {
      this.end(trace, fact.type);
    } else if (isStepFact(fact)) {
      const step = trace.steps.get(fact.data.step) ?? freshTrace();
      trace.steps.set(fact.data.step, step);
      this.followStep(step, fact, event);
    }
  }

  private end(trace: PlanTrace, type: string): void {
    trace.ended = type;
    for (const [step, { inFlight }] of trace.steps) {
      if (inFlight > 0) this.fail(`${type} while ${step} is in flight`);
    }
  }

  private followStep(step: StepTrace, fact: StepFact, event: RecordedEvent): void {
    const name = `${fact.type} of ${fact.data.step} in ${event.stream}`;
    if (fact.type === "StepDispatched") this.dispatch(step, fact, name);
    else if (fact.type === "StepFailed" || fact.type === "StepTimedOut" || fact.type === "StepLost") {
      Object.assign(step, {
        inFlight: 0,
        failed: fact.data.next.kind === "final",
        unknown: fact.data.next.kind === "unknown",
      });
    } else if (fact.type === "StepCancelled") Object.assign(step, { inFlight: 0, failed: true });
    else if (fact.type === "StepOutcomeResolved" && fact.data.resolution.kind !== "done") {
      Object.assign(step, { unknown: false, failed: fact.data.resolution.kind === "fail" });
    } else if (isSuccess(fact)) this.succeed(step, name);
  }

  private dispatch(step: StepTrace, { data }: FactOf<"StepDispatched">, name: string): void {
    if (data.attempt !== step.attempts + 1) this.fail(`${name} is attempt ${data.attempt} after ${step.attempts}`);
    if (step.inFlight > 0) this.fail(`${name}: two attempts in flight`);
    if (step.succeededAt >= 0) this.fail(`${name} after its success`);
    if (step.failed || step.unknown) this.fail(`${name} after it had failed for good, or with an unknown outcome`);
    step.attempts++;
    step.inFlight++;
  }

  private succeed(step: StepTrace, name: string): void {
    if (step.succeededAt >= 0) this.fail(`${name}: an outcome was recorded twice`);
    step.succeededAt = this.world.elapsed;
    step.inFlight = 0;
    step.failed = false;
    step.unknown = false;
  }

  /** K3 and K4 against what really ran. */
  private checkExecutions(): void {
    for (const { plan, step, startedAt } of this.account.executions.slice(this.judged)) {
      const trace = this.plans.get(plan as PlanId)?.steps.get(step);
      if (trace === undefined || trace.attempts === 0)
        this.fail(`${step} of ${plan} ran although nothing was dispatched`);
      const elapsed = startedAt - (this.world.now() - this.world.elapsed);
      if (trace.succeededAt >= 0 && trace.succeededAt < elapsed)
        this.fail(`${step} of ${plan} ran again after its durable success`);
    }
    this.judged = this.account.executions.length;
  }
}

function isSuccess(fact: StepFact): boolean {
  if (fact.type === "StepLateReported") return fact.data.adopted;
  return fact.type === "StepSucceeded" || fact.type === "StepOutcomeResolved";
}

function freshTrace(): StepTrace {
  return { attempts: 0, inFlight: 0, succeededAt: -1, failed: false, unknown: false };
}

function neverTimer(): Disposable {
  return { [Symbol.dispose]: () => undefined };
}

/** What `checkState` compares; taken at once, because the state goes on changing. */
export function fingerprint(state: PlanView): string {
  return canonicalJson(encodeState(state));
}
