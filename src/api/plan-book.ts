import type { PlanId } from "#events/ids.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";
import { isEnded, planStateOf, type PlanView } from "#machines/state.ts";
import type { Workshop } from "#src/executor/attempt.ts";

// What an engine remembers of plans beside their actors: which of them go on here, with what, and what they last came to.
//
// B1. A plan goes on here from when it is admitted until it has ended or is dismissed.
// B2. What is said here of a plan follows from its last durable facts; where nothing was seen, the log has to be asked.

/** A plan as it was after its last fact. */
export interface PlanHead {
  readonly name: string;
  readonly status: PlanStateName;
  readonly revision: number;
}

const MAX_HEADS = 10_000;

export class PlanBook {
  /** Plans whose next facts will come by themselves, as far as was seen. */
  private readonly unsettled = new Set<PlanId>();
  /** Plans that go on here, with a workshop of their own where they were given one. */
  private readonly admitted = new Map<PlanId, Workshop | undefined>();
  /** Those of them that nothing moves until somebody does. */
  private readonly quiet = new Set<PlanId>();
  /** The oldest are forgotten. */
  private readonly heads = new Map<PlanId, PlanHead>();

  admit(plan: PlanId, workshop: Workshop | undefined): void {
    this.quiet.delete(plan);
    if (!this.admitted.has(plan) || workshop !== undefined) this.admitted.set(plan, workshop);
  }

  isAdmitted(plan: PlanId): boolean {
    return this.admitted.has(plan);
  }

  workshopOf(plan: PlanId): Workshop | undefined {
    return this.admitted.get(plan);
  }

  dismiss(plan: PlanId): void {
    this.admitted.delete(plan);
    this.quiet.delete(plan);
  }

  /** Facts of the plan are about to come. */
  expect(plan: PlanId): void {
    this.unsettled.add(plan);
  }

  /** They do not come, or nobody knows. */
  expectNothing(plan: PlanId): void {
    this.unsettled.delete(plan);
  }

  isUnsettled(plan: PlanId): boolean {
    return this.unsettled.has(plan);
  }

  /** The state after facts that are durable now. */
  note(plan: PlanId, state: PlanView): void {
    this.noteHead(plan, state);
    if (isSettled(state)) {
      this.unsettled.delete(plan);
      this.rest(plan);
    } else {
      this.unsettled.add(plan);
      this.quiet.delete(plan);
    }
    if (isEnded(state)) this.dismiss(plan);
  }

  /** The plan moves no more by itself. */
  rest(plan: PlanId): void {
    if (this.admitted.has(plan) && !this.unsettled.has(plan)) this.quiet.add(plan);
  }

  /** Plans that go on here and may move by themselves. */
  moving(): readonly PlanId[] {
    return [...this.admitted.keys()].filter((plan) => !this.quiet.has(plan));
  }

  head(plan: PlanId): PlanHead | undefined {
    return this.heads.get(plan);
  }

  private noteHead(plan: PlanId, state: PlanView): void {
    const { revision, header } = state;
    this.heads.delete(plan);
    this.heads.set(plan, { name: header.context.name, status: planStateOf(state), revision });
    const [oldest] = this.heads.keys();
    if (this.heads.size > MAX_HEADS && oldest !== undefined) this.heads.delete(oldest);
  }
}

/** Ended, or nothing runs and nothing will by itself: an outcome is unknown and a person must answer. */
export function isSettled(state: PlanView): boolean {
  if (isEnded(state)) return true;
  const willMove = state.running.size + state.ready.size + state.skippable.size + state.settling.size > 0;
  const isTimed =
    state.timers.peek() !== undefined || state.bounds.peek() !== undefined || state.retries.peek() !== undefined;
  const isAwaited = state.asking.size > 0 || state.signals.isAwaited || state.header.hasTag("paused");
  return state.unknown.size > 0 && !willMove && !isTimed && !isAwaited;
}
