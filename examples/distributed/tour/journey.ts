import { auditOf, type Claim } from "./audit.ts";
import { factsOfHistory, hasEndedPlan, type Fact } from "./facts.ts";
import type { Installation } from "./installation.ts";
import type { Program } from "./program.ts";
import type { Seen } from "./witness.ts";

// The way of one plan through an installation of which a worker and a coordinator are killed.
//
// J1. Who is killed has something in hand: the worker runs a step that all others need, the coordinator owns the plan.
// J2. Times are from the moment of the kill to the fact that shows that the plan went on, as it was told.

export interface Journey {
  readonly plan: string;
  readonly facts: number;
  /** From the kill of the worker until its step was dispatched to another one. */
  readonly workerKilledMs: number;
  /** From the kill of the coordinator until the next fact of the plan. */
  readonly coordinatorKilledMs: number;
  readonly claims: readonly Claim[];
}

export interface JourneyOptions {
  readonly installation: Installation;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

/** All that reads files waits for the first; the second reads them, and takes a while. */
const NEEDED_STEP = "files";
const LATER_STEP = "weights";

export async function travel({ installation, now, tell, signal }: JourneyOptions): Promise<Journey> {
  const { witness, workers, coordinators } = installation;
  const [door] = coordinators;
  if (door === undefined) throw new Error("no coordinator serves");
  const submitted = installation.submit(door, signal);
  // What has to be told while the command ends is told by facts: the first step begins before it does.
  const dispatched = await dispatchOf(NEEDED_STEP, () => true);
  const executor = dispatched.fact.data.executor ?? "";
  const workerKilledAt = now();
  const worker = await killed(workers.get(executor), `it has the step ${NEEDED_STEP} of the plan`);
  const elsewhere = await dispatchOf(NEEDED_STEP, (fact) => fact.data.executor !== executor);
  const workerKilledMs = now() - workerKilledAt;
  const other = workers.get(elsewhere.fact.data.executor ?? "")?.name ?? "another worker";
  tell(`${NEEDED_STEP} runs again, on ${other}: ${seconds(workerKilledMs)} after ${worker.name} was killed`);
  const plan = await submitted;

  const { by: owner } = await dispatchOf(LATER_STEP, () => true);
  const coordinatorKilledAt = now();
  await killed(owner, `it owns the plan, and ${LATER_STEP} runs on ${other}`);
  const survivor = coordinators.find((one) => one !== owner) ?? (await again(owner));
  const next = await witness.first(
    (seen) => seen.by !== owner && seen.by === survivor && isOf(plan, seen.fact),
    signal,
  );
  const coordinatorKilledMs = now() - coordinatorKilledAt;
  tell(`${next.by.name} goes on with the plan: ${seconds(coordinatorKilledMs)} after the kill`);

  const end = await witness.first(({ fact }) => isOf(plan, fact) && hasEndedPlan(fact), signal);
  tell(`the plan ended: ${end.fact.type}`);
  const history = factsOfHistory(await installation.ask(survivor, ["history", plan], signal));
  const seen = witness.seen.map(({ fact }) => fact).filter((fact) => isOf(plan, fact));
  const claims = auditOf(history, seen, { step: NEEDED_STEP, executor });
  return { plan, facts: history.length, workerKilledMs, coordinatorKilledMs, claims };

  function dispatchOf(step: string, isMeant: (fact: Fact) => boolean): Promise<Seen> {
    const isDispatch = ({ type, data }: Fact): boolean => type === "StepDispatched" && data.step === step;
    return witness.first(({ fact }) => isDispatch(fact) && isMeant(fact), signal);
  }

  async function killed(program: Program | undefined, why: string): Promise<Program> {
    if (program === undefined) throw new Error("the step runs on no worker of the tour");
    await program.kill();
    tell(`${program.name} is killed (SIGKILL): ${why}`);
    return program;
  }

  async function again({ name }: Program): Promise<Program> {
    tell(`${name} is started again: it was the only one, for a store in a folder has one holder`);
    return installation.startCoordinator(name, signal);
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function isOf(plan: string, fact: Fact): boolean {
  return fact.plan === plan;
}
