import type { Fact } from "../../examples/distributed/tour/facts.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { planOfStream } from "#events/streams.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { PlanStory } from "../simulation/story/plan-story.ts";
import type { Done } from "./havoc.ts";
import type { Member } from "./member.ts";

// What coordinators told of what they recorded, on their standard output: whose each plan was, what may not be gone, and how long it
// took until others went on with what somebody had in hand.

const ENDS_OF_ATTEMPTS = new Set(["StepSucceeded", "StepFailed", "StepLost", "StepTimedOut", "StepCancelled"]);

/** What somebody had in hand when it was harmed. */
interface InHand {
  /** Plans of a coordinator in which something ran, so that there is something to go on with at once; or attempts of an executor. */
  readonly open: Set<string>;
  /** How many processes the victim had been; one that was started again is another coordinator. */
  readonly lives: number;
  wentOnMs: number | undefined;
}

export class Told {
  /** How often each fact was told, by plan, revision and type. */
  private readonly told = new Map<string, number>();
  private readonly owners = new Map<string, Member>();
  private readonly inHand = new Map<Done, InHand>();

  get facts(): number {
    return this.told.size;
  }

  take(fact: Fact, by: Member): void {
    const name = `${fact.plan} ${fact.revision} ${fact.type}`;
    this.told.set(name, (this.told.get(name) ?? 0) + 1);
    this.owners.set(fact.plan, by);
    for (const [done, inHand] of this.inHand) goOn(inHand, { done, fact, by });
  }

  /** It was just done. */
  mark(done: Done, open: ReadonlyMap<string, PlanStory>): void {
    const { victim, worker } = done;
    if (victim === undefined) return;
    const live = [...open.values()].filter(({ isEnded }) => !isEnded);
    const names =
      worker === undefined
        ? live.flatMap((story) => (this.owners.get(story.plan) === victim && isFlying(story) ? [story.plan] : []))
        : live.flatMap((story) => attemptsOn(story, worker));
    this.inHand.set(done, { open: new Set(names), lives: victim.lives, wentOnMs: undefined });
  }

  wentOnMs(done: Done): number | undefined {
    return this.inHand.get(done)?.wentOnMs;
  }

  /** Facts that were told and are not in the log at their place. */
  missing(log: readonly RecordedEvent[]): readonly string[] {
    const there = new Set(log.map(({ stream, revision, type }) => `${planOfStream(stream) ?? ""} ${revision} ${type}`));
    return [...this.told.keys()].filter((name) => !there.has(name));
  }

  /** Facts that two told as their own. */
  get twice(): readonly string[] {
    return [...this.told].flatMap(([name, times]) => (times > 1 ? [name] : []));
  }
}

interface GoingOn {
  readonly done: Done;
  readonly fact: Fact;
  readonly by: Member;
}

function goOn(inHand: InHand, { done, fact, by }: GoingOn): void {
  if (inHand.open.size === 0) return;
  const ms = systemClock.monotonic() - done.atMs;
  if (done.worker === undefined) {
    if ((by === done.victim && by.lives === inHand.lives) || !inHand.open.has(fact.plan)) return;
    inHand.wentOnMs = ms;
    inHand.open.clear();
  } else if (ENDS_OF_ATTEMPTS.has(fact.type) && inHand.open.delete(attemptName(fact.plan, fact.data))) {
    inHand.wentOnMs = ms;
  }
}

function isFlying({ steps }: PlanStory): boolean {
  return [...steps.values()].some(({ inFlight }) => inFlight !== undefined);
}

function attemptsOn({ plan, steps }: PlanStory, worker: string): readonly string[] {
  const flying = [...steps.values()].flatMap(({ inFlight }) => inFlight ?? []);
  return flying.flatMap((data) => (data.executor === worker ? [attemptName(plan, data)] : []));
}

function attemptName(
  plan: string,
  { step, attempt }: { readonly step?: string | undefined; readonly attempt?: number | undefined },
): string {
  return `${plan}/${step ?? ""}/${attempt ?? 0}`;
}
