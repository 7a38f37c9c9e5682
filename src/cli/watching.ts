import { Fault } from "#events/fault.ts";
import { planId, type PlanId } from "#events/ids.ts";
import type { Client, Output } from "#src/api/client.ts";
import { FoldedPlan } from "#src/client/folded-plan.ts";
import { isGone } from "#src/cli/connection.ts";
import { isOver, type Ending } from "#src/cli/ending.ts";
import type { Reporter } from "#src/cli/reporter.ts";

// Follows plans that another process runs, from their first fact to their ends: the same screen and lines as where they
// run, from facts that are folded here.
//
// W1. Watching changes nothing: an interruption ends the watching, and the plans go on.
// W2. How a plan ended is told after every fact up to its end was shown.

export interface WatchOptions {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

export interface Watched {
  readonly plan: string;
  readonly name: string;
  /** Facts up to this revision are known already: they are folded and not told. Default: none are. */
  readonly known?: number;
}

type Watchable = Pick<Client, "events" | "live" | "wait" | "payload">;

/** One ending for each plan, in the same order; the reporter is closed then. */
export async function watchPlans(
  client: Watchable,
  plans: readonly Watched[],
  { reporter, signal }: WatchOptions,
): Promise<Ending[]> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const live = plans.map(({ plan }) => showLive(client, plan, { reporter, signal: until }));
  try {
    return await Promise.all(plans.map((plan) => watchOne(client, plan, { reporter, signal })));
  } finally {
    over.abort();
    await Promise.all(live);
    await reporter.close();
  }
}

/** A plan of which only what happens from now on is told. */
export async function watchedFromNow(client: Pick<Client, "get">, reference: string): Promise<Watched> {
  const { plan, name, revision } = await client.get({ plan: reference });
  return { plan, name, known: revision };
}

async function watchOne(client: Watchable, watched: Watched, options: WatchOptions): Promise<Ending> {
  const plan = planId.parse(watched.plan);
  const { name } = watched;
  try {
    return await toItsEnd(client, { plan, known: watched.known ?? -1 }, options);
  } catch (error) {
    if (options.signal.aborted || isGone(error)) {
      return { plan, name, status: options.signal.aborted ? "detached" : "interrupted" };
    }
    if (!Fault.is(error, "plan-quarantined") && !Fault.is(error, "plan-unreadable")) throw error;
    return { plan, name, status: "quarantined", error: { code: error.code, message: error.message } };
  }
}

async function toItsEnd(
  client: Watchable,
  { plan, known }: { readonly plan: PlanId; readonly known: number },
  { reporter, signal }: WatchOptions,
): Promise<Ending> {
  const folded = new FoldedPlan(plan, client);
  const shown = new AbortController();
  const settled = settledDetail(client, plan, signal);
  // Facts that are there already are shown first; then the end is looked out for after each.
  let end: Output<"wait"> | undefined;
  const stopWhenShown = (): void => {
    if (end !== undefined && folded.state.revision >= end.revision) shown.abort();
  };
  const waiting = settled.then(
    (detail) => {
      end = detail;
      stopWhenShown();
    },
    () => shown.abort(),
  );
  for await (const recorded of client.events({ plan }, { signal: AbortSignal.any([signal, shown.signal]) })) {
    const fact = await folded.apply(recorded);
    const { revision } = folded.state;
    if (revision >= known) reporter.facts(plan, revision === known ? [] : [fact], folded.state);
    stopWhenShown();
    if (shown.signal.aborted) break;
  }
  await waiting;
  return endingOfDetail(await settled);
}

/** Resolves when the plan has ended, or only a person can bring it further. */
async function settledDetail(client: Watchable, plan: string, signal: AbortSignal): Promise<Output<"wait">> {
  for (;;) {
    const detail = await client.wait({ plan }, { signal });
    if (detail.settled) return detail;
    signal.throwIfAborted();
  }
}

export function endingOfDetail(detail: Output<"get">): Ending {
  const { name, status, durationMs, response, provenance, outputs, error, unknown } = detail;
  const plan = planId.parse(detail.plan);
  if (!isOver(status)) return { plan, name, status: "needs-person", unknown };
  return {
    ...{ plan, name, status, durationMs },
    ...(response === undefined ? {} : { response }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(outputs === undefined ? {} : { outputs }),
    ...(error === undefined ? {} : { error }),
  };
}

/** The live channel is an addition: what fails about it says nothing about the plan. */
async function showLive(client: Watchable, plan: string, { reporter, signal }: WatchOptions): Promise<void> {
  try {
    for await (const message of client.live({ plan }, { signal })) {
      if (message.kind !== "dropped") reporter.live(liveOf(message));
    }
  } catch {
    // Nobody answers any more; whoever follows the facts says so.
  }
}

function liveOf(message: Exclude<Output<"live">, { kind: "dropped" }>): Parameters<Reporter["live"]>[0] {
  const { step, attempt, at } = message;
  const base = { plan: planId.parse(message.plan), step, attempt, at };
  if (message.kind === "log") return { ...base, kind: "log", message: message.message };
  const { percent, message: said, text } = message;
  return {
    ...{ ...base, kind: "progress" },
    ...(percent === undefined ? {} : { percent }),
    ...(said === undefined ? {} : { message: said }),
    ...(text === undefined ? {} : { text }),
  };
}
