import type { Client } from "#src/api/client.ts";
import { Fault } from "#events/fault.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { PlanStory } from "../../simulation/story/plan-story.ts";
import type { StepStory } from "../../simulation/story/step-story.ts";
import type { Ledger } from "../ledger.ts";
import type { Witness } from "../witness.ts";
import type { Ask, Asking } from "./asking.ts";
import { mergeOf, TAKEN_CHANGES } from "./change-plans.ts";
import { LOAD_CHANGES } from "./changes.ts";
import { Clients, type Mood, type Pace } from "./clients.ts";
import type { LoadPlan } from "./plans.ts";

// People in another process: they start plans, approve, send signals, answer for unknown outcomes, cancel, roll back. What is
// answered is remembered; what is not answered is asked again.
//
// P1. Who answers for an unknown outcome has looked: what is in the ledger is done, what is not runs again.
// P2. What was answered is not asked again, except for starts: their keys make that safe.
// P3. Nobody looks before the facts up to now were seen: who speaks of an old state could repeat what has been done.

export interface PeopleParts {
  readonly random: SeededRandom;
  readonly witness: Witness;
  readonly ledger: Ledger;
  /** The plans that something may be asked of. */
  readonly stories: ReadonlyMap<string, PlanStory>;
  readonly pace?: Pace | undefined;
  readonly plans?: readonly LoadPlan[] | undefined;
}

/** What comes of asking a process that is just being killed, or a plan that has moved on meanwhile. */
const LOST: ReadonlySet<string> = new Set(["unreachable", "stopping", "malformed-answer"]);

export class People {
  readonly clients: Clients;
  /** Refusals by code: what was asked too late. */
  readonly refusals = new Map<string, number>();
  /** The first thing that went wrong with an answer; undefined while nothing has. */
  failure: unknown;
  private readonly parts: PeopleParts;
  private readonly asked = new Set<string>();
  private readonly going = new Set<Promise<void>>();

  constructor(parts: PeopleParts) {
    this.parts = parts;
    this.clients = new Clients(parts);
  }

  /** Looks at the plans and asks what is to be asked. */
  look(client: Client, { mood, signal }: { readonly mood: Mood; readonly signal: AbortSignal }): void {
    const ask = (operation: string, key: string, asking: Asking): void => {
      if (this.asked.has(key)) return;
      this.asked.add(key);
      const answered = this.answered(operation, () => asking(client, signal)).then((isAnswered) => {
        if (!isAnswered || operation === "submit") this.asked.delete(key);
        this.going.delete(answered);
      });
      this.going.add(answered);
    };
    let open = 0;
    for (const story of this.parts.stories.values()) {
      this.lookAtPlan(story, ask);
      if (story.isEnded) continue;
      open++;
      for (const step of story.steps.values()) this.lookAtStep(story, step, ask);
    }
    this.clients.look(ask, { open, mood });
  }

  /** Resolves when nobody waits for an answer any more. */
  async rest(): Promise<void> {
    await Promise.all(this.going);
  }

  private lookAtPlan(story: PlanStory, ask: Ask): void {
    const { plan, name, status } = story;
    const holds = name === "taken" && status === "running" && story.steps.get("hold")?.state === "waiting";
    if (!holds && !isHopeless(story) && !isToBeTakenBack(story)) return;
    if (holds && plan.charCodeAt(plan.length - 1) % CANCELLED_OF === 0) {
      ask("cancel", `${plan}/cancel`, async (client, signal) => {
        const { revision } = await client.cancel({ plan }, { signal });
        return { plan, revision, type: "PlanCancelRequested", mark: "" };
      });
      return;
    }
    ask("rollback", `${plan}/rollback`, async (client, signal) => {
      const { revision } = await client.rollback({ plan, acceptIrreversible: true }, { signal });
      return { plan, revision, type: "PlanRollbackStarted", mark: "" };
    });
  }

  private lookAtStep(story: PlanStory, step: StepStory, ask: Ask): void {
    const { plan } = story;
    const { path, wait, state } = step;
    if (wait?.approval !== undefined) {
      const { hash } = wait.approval;
      ask("approve", `${plan}/${path}/${hash}`, async (client, signal) => {
        const { revision } = await client.approve({ plan, step: path, hash, note: "seen" }, { signal });
        return { plan, revision, type: "StepWaitEnded", mark: `"step":${JSON.stringify(path)}` };
      });
    }
    if (wait?.signal !== undefined && wait.signal !== "never") {
      const name = wait.signal;
      const id = `${plan.slice(-8)}-${path}`;
      ask("signal", `${plan}/${path}/signal`, async (client, signal) => {
        const { revision } = await client.signal({ plan, name, id, payload: { amount: 7 } }, { signal });
        return { plan, revision, type: "SignalReceived", mark: JSON.stringify(id) };
      });
    }
    if (state === "unknown") this.resolve(story, step, ask);
  }

  /** P1. */
  private resolve({ plan }: PlanStory, { path, attempts }: StepStory, ask: Ask): void {
    ask("resolve", `${plan}/${path}/resolve/${attempts}`, async (client, signal) => {
      const { ledger } = this.parts;
      ledger.refresh();
      const isDone = ledger.of(plan, path).some(({ what }) => what === "done");
      const answer = isDone ? ({ kind: "done", output: `${plan}/${path}` } as const) : ({ kind: "retry" } as const);
      const { revision } = await client.resolve({ plan, step: path, answer }, { signal });
      return { plan, revision, type: "StepOutcomeResolved", mark: `"step":${JSON.stringify(path)}` };
    });
  }

  private async answered(operation: string, ask: () => ReturnType<Asking>): Promise<boolean> {
    try {
      const answer = await ask();
      if (answer !== undefined) this.parts.witness.hear({ operation, ...answer });
      return true;
    } catch (error) {
      this.note(error);
      return false;
    }
  }

  private note(error: unknown): void {
    const code = error instanceof Fault ? String(error.code) : undefined;
    if (code === undefined) {
      const isAborted = error instanceof Error && error.name === "AbortError";
      if (!isAborted) this.failure ??= error;
    } else if (!LOST.has(code)) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }
}

/** Whether it has ended, and nobody will ask for a rollback of it. */
export function isLeftAlone(story: PlanStory): boolean {
  return story.isEnded && !(isHopeless(story) && story.rollback === undefined);
}

/** Every one of these that failed is rolled back. */
function isHopeless({ name, status }: PlanStory): boolean {
  return name === "hopeless" && status === "failed";
}

/** As soon as some of its changes are merged, or all. */
function isToBeTakenBack({ plan, name, status, steps }: PlanStory): boolean {
  if (name !== TAKEN_CHANGES || status !== "running") return false;
  const merged = LOAD_CHANGES.filter(({ id }) => steps.get(mergeOf(id))?.state === "succeeded").length;
  return merged >= (TAKEN_AFTER[plan.charCodeAt(plan.length - 1) % TAKEN_AFTER.length] ?? 0);
}

/** Changes that are merged before somebody takes them back. After the third the fourth is being made. */
const TAKEN_AFTER = [1, 3, 3, LOAD_CHANGES.length];

/** One of so many plans that hold is cancelled, the others are rolled back. */
const CANCELLED_OF = 5;
