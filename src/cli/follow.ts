import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { Going } from "#src/api/application.ts";
import type { Engine } from "#src/api/engine.ts";
import { endingOf, type Ending } from "#src/cli/ending.ts";
import type { Reporter } from "#src/cli/reporter.ts";

// Follows plans that go on in this process from a beginning to their ends, showing what happens.
//
// F1. Listening begins before anything is asked for, so that not even a plan that ends at once is missed.
// F2. An interruption ends the waiting, not the plans: they stay as the log has them.

export interface Followed {
  readonly plan: PlanId;
  /** For an ending that the log does not tell. */
  readonly name: string;
  /** Starts the plan, or lets it go on. */
  readonly begin: () => Promise<Partial<Going>>;
}

export interface FollowOptions {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** One ending for each plan, in the same order; the reporter is closed then. Rejects with what `begin` throws and with faults of the store. */
export async function follow(engine: Engine, plans: readonly Followed[], options: FollowOptions): Promise<Ending[]> {
  const { reporter } = options;
  const wanted = new Set(plans.map(({ plan }) => plan));
  using listening = new DisposableStack();
  listening.use(engine.onFacts((plan, facts, state) => wanted.has(plan) && reporter.facts(plan, facts, state)));
  listening.use(engine.onLive((message) => wanted.has(message.plan) && reporter.live(message)));
  listening.use(engine.onTrouble((problem) => reporter.trouble(problem)));
  try {
    return await Promise.all(plans.map((followed) => followOne(engine, followed, options)));
  } finally {
    await reporter.close();
  }
}

async function followOne(engine: Engine, followed: Followed, { signal }: FollowOptions): Promise<Ending> {
  const { plan, name } = followed;
  try {
    return await orAborted(toItsEnd(engine, followed, signal), signal);
  } catch (error) {
    if (Fault.is(error, "interrupted")) return { plan, name, status: "interrupted" };
    if (!Fault.is(error, "plan-quarantined") && !Fault.is(error, "plan-unreadable")) throw error;
    return { plan, name, status: "quarantined", error: { code: error.code, message: error.message } };
  }
}

async function toItsEnd(engine: Engine, { plan, name, begin }: Followed, signal: AbortSignal): Promise<Ending> {
  const { because } = await begin();
  if (because !== undefined) return { plan, name, status: "cannot-run", error: because };
  return endingOf(await engine.settled(plan, signal), engine.plans);
}

/** A start that the store does not answer must not keep an interruption waiting. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", onAbort));
}
