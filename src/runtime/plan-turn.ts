import type { Claim } from "#events/claims.ts";
import type { Fact } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { Origin } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { newBatchId, RANDOM_BYTES_PER_ID, type ExecutorId, type PlanId } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import { advance } from "#machines/advance.ts";
import { decide } from "#machines/decide/decide.ts";
import type { Decision, Moment, Slots, Surroundings } from "#machines/decide/decision.ts";
import type { PlanState } from "#machines/state.ts";
import { appendUntilAnswered } from "#src/runtime/appender.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";
import { SYSTEM, type Letter, type Sender } from "#src/runtime/mailbox.ts";
import type { Payloads } from "#src/runtime/payloads.ts";
import { attemptName, type SlotLedger } from "#src/runtime/slot-ledger.ts";
import { Turn } from "#src/runtime/turn.ts";

// One turn's decisions: the letters first, then everything that follows without anybody asking, until nothing is left
// or the turn is full.

export interface DecidedTurn {
  readonly turn: Turn;
  readonly answers: readonly { readonly letter: Letter; readonly decision: Decision }[];
  /** Letters for which the turn had no room; they are the next turn's. */
  readonly left: readonly Letter[];
  /** Slots promised in this turn, to be given back when its append is refused. */
  readonly taken: readonly TakenSlot[];
  /** There were slots, but none that suits, or not what a step claims beside: what had been given back by then, as the ledger counts. */
  readonly heldAt: number | undefined;
  /** What steps claim that found slots, and not that. */
  readonly refused: readonly (readonly Claim[])[];
  /** The turn was full before everything was decided. */
  readonly isUnfinished: boolean;
}

export interface TakenSlot {
  readonly executor: ExecutorId;
  readonly name: string;
}

interface TurnOptions {
  readonly context: RuntimeContext;
  /** Of the owner that decides. */
  readonly epoch: number;
  /** Slots that this plan may take, asked when those are free that its reports give back. */
  readonly share: () => number;
}

export async function decideTurn(
  state: PlanState,
  letters: readonly Letter[],
  { context, epoch, share }: TurnOptions,
): Promise<DecidedTurn> {
  const now = context.clock.now();
  const moment = { now, epoch, random: () => context.random.next(), blobs: context.payloads.blobs };
  const turn = new Turn(state, context.payloads, now);
  const taken: TakenSlot[] = [];
  try {
    const answers = await decideLetters(letters, { state, turn, moment, context });
    const most = share();
    const slots = new OfferedSlots(state.planId, context.ledger, () => most - taken.length);
    const left = letters.slice(answers.length);
    const around: Surroundings = { moment, slots, blobs: context.payloads.blobs };
    const asked = new Set<string>();
    while (!turn.isFull) {
      slots.beginAnew();
      const next = advance(state, around);
      if (next.kind === "idle") {
        const { refused } = slots;
        return { turn, answers, left, taken, heldAt: slots.heldAt(), refused, isUnfinished: false };
      }
      if (next.kind === "needs-blobs") {
        await bring(next.refs, asked, context.payloads);
      } else {
        context.payloads.forgive(asked);
        asked.clear();
        turn.add(next.facts);
        taken.push(...takeSlots(state, next.facts, context));
      }
    }
    return { turn, answers, left, taken, heldAt: undefined, refused: [], isUnfinished: true };
  } catch (error) {
    giveBack(taken, context);
    throw error;
  } finally {
    context.payloads.endTurn();
  }
}

/** What a turn may promise; it notes when a step found slots and none that suits, or not what it claims beside. */
class OfferedSlots implements Slots {
  /** Claims of the steps that were refused since the plan was gone through anew. */
  refused: (readonly Claim[])[] = [];
  private isRefused = false;
  private readonly plan: PlanId;
  private readonly ledger: SlotLedger;
  private readonly left: () => number;

  constructor(plan: PlanId, ledger: SlotLedger, left: () => number) {
    this.plan = plan;
    this.ledger = ledger;
    this.left = left;
  }

  beginAnew(): void {
    this.refused = [];
  }

  executorFor(tool: string, claims: readonly Claim[]): ExecutorId | undefined {
    if (this.left() <= 0) return undefined;
    const pool = claims.find(({ kind }) => kind === "pool")?.name;
    const executor = this.ledger.freest({ tool, pool });
    if (executor !== undefined && this.ledger.claims.fits(this.plan, claims)) return executor;
    if (executor !== undefined) this.refused.push(claims);
    this.isRefused = true;
    return undefined;
  }

  heldAt(): number | undefined {
    const isForMore = this.isRefused && this.left() > 0 && this.ledger.free > 0;
    return isForMore ? this.ledger.claims.releases : undefined;
  }
}

/** Gives back what a turn had taken that came to nothing. */
export function giveBack(taken: readonly TakenSlot[], { ledger }: Pick<RuntimeContext, "ledger">): void {
  for (const { executor, name } of taken) ledger.putBack(executor, name);
}

/** Appends the turn's facts. Faults: `stream-conflict`, and what a store says that trying again cannot help. */
export async function commit(
  state: PlanState,
  decided: DecidedTurn,
  { context, isOwner }: { readonly context: RuntimeContext; readonly isOwner: () => boolean },
): Promise<void> {
  const { turn, answers } = decided;
  const { clock, random, events, log, signal, hooks } = context;
  const id = newBatchId(clock.now(), random.bytes(RANDOM_BYTES_PER_ID));
  const batch = {
    id,
    stream: planStream(state.planId),
    expectedRevision: turn.expectedRevision,
    origin: originOf(state, answers[0]?.letter.sender ?? SYSTEM, { batch: id, occurredAt: turn.at }),
    events: turn.events,
  };
  await turn.settled();
  await appendUntilAnswered(batch, { events, clock, log, signal, isWanted: isOwner, onTrouble: hooks.onTrouble });
}

interface Deciding {
  readonly state: PlanState;
  readonly turn: Turn;
  readonly moment: Moment;
  readonly context: RuntimeContext;
}

/** As many letters as the turn has room for: each may lead to facts with inline payloads. */
async function decideLetters(letters: readonly Letter[], deciding: Deciding): Promise<DecidedTurn["answers"]> {
  const { state, turn, moment } = deciding;
  const answers: { letter: Letter; decision: Decision }[] = [];
  for (const letter of letters) {
    if (turn.isFull) break;
    const first = decide(letter.command, state, moment);
    const decision = first.kind === "needs-blobs" ? await decideLoaded(letter.command, deciding) : first;
    if (decision.kind === "accepted") turn.add(decision.facts);
    answers.push({ letter, decision });
  }
  return answers;
}

/** Loads what the decision asks for; what cannot be had is a problem of whoever reads it. */
async function decideLoaded(command: Command, { state, moment, context }: Deciding): Promise<Decision> {
  for (const asked = new Set<string>(); ;) {
    const decision = decide(command, state, moment);
    if (decision.kind !== "needs-blobs") {
      context.payloads.forgive(asked);
      return decision;
    }
    await bring(decision.refs, asked, context.payloads);
  }
}

/**
 * Loads all that the same decision has asked for, so that loading one never pushes another out unseen. Fault `blob-missing`
 * for one that asks again for what cannot be had: it will never be made.
 */
async function bring(refs: readonly string[], asked: Set<string>, payloads: Payloads): Promise<void> {
  const isRepeated = refs.every((ref) => asked.has(ref));
  const problem = isRepeated
    ? refs.map((ref) => payloads.blobs.problem?.(ref)).find((text) => text !== undefined)
    : undefined;
  if (problem !== undefined) {
    payloads.forgive(asked);
    throw new Fault("blob-missing", problem);
  }
  for (const ref of refs) asked.add(ref);
  await payloads.tryLoad([...asked]);
}

function takeSlots(state: PlanState, facts: readonly Fact[], { ledger }: RuntimeContext): TakenSlot[] {
  return facts.flatMap((fact) => {
    if (fact.type !== "StepDispatched") return [];
    const { executor, step, attempt, tokens } = fact.data;
    const name = attemptName(state.planId, step, attempt);
    ledger.take(executor, name, tokens);
    return [{ executor, name }];
  });
}

function originOf(state: PlanState, sender: Sender, turn: Pick<Origin, "batch" | "occurredAt">): Origin {
  const { commandId, traceparent } = sender;
  return {
    ...turn,
    tenant: "default",
    correlation: sender.correlation ?? state.planId,
    actor: sender.actor,
    ...(commandId === undefined ? {} : { command: commandId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
