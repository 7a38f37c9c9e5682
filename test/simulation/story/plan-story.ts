import { isStepFact, type Fact, type FactData, type FactOf, type PlanFact, type StepFact } from "#events/catalog.ts";
import { planDefinition, type StepDefinition } from "#events/definition.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { isUndoPath, Outline, scopeOf } from "./outline.ts";
import { StepStory } from "./step-story.ts";

// What a reader of the log makes of one plan: written a second time, over plain facts, and never asked by the runtime. A
// checker that asked the runtime's own fold would agree with its mistakes.

export type PlanStatus =
  | "drafted"
  | "running"
  | "paused"
  | "cancelling"
  | "rolling-back"
  | "rolled-back"
  | "succeeded"
  | "failed"
  | "cancelled";

export interface SignalStory {
  readonly name: string;
  readonly id: string | undefined;
  readonly expiresAt: number;
  fate: "kept" | "taken" | "expired";
}

export type RollbackStory = FactData<"PlanRollbackStarted">;

/** Values of payloads that are not inline. */
export type ReadPayload = (source: Payload) => Json;

const STARTS: ReadonlySet<string> = new Set(["StepDispatched", "StepExpanded", "StepWaitStarted"]);

const ENDED: ReadonlySet<PlanStatus> = new Set(["rolled-back", "succeeded", "failed", "cancelled"]);

export class PlanStory {
  readonly plan: PlanId;
  name = "";
  status: PlanStatus = "drafted";
  edition = 0;
  outline: Outline = new Outline({ name: "", version: "", inputs: {}, steps: [], onFailure: "stop" });
  readonly steps = new Map<string, StepStory>();
  /** The same by the scope that they are in, and scopes by the step that they are inside of. */
  private readonly inScope = new Map<string, Set<StepStory>>();
  private readonly scopesOf = new Map<string, Set<string>>();
  readonly signals = new Map<number, SignalStory>();
  /** What is known of the plan's own steps that a revision took away. */
  private readonly gone = new Map<string, { readonly attempts: number; readonly silent: readonly number[] }>();
  /** The same steps as they were. */
  readonly takenAway = new Map<string, StepDefinition>();
  /** The last one, over or not. */
  rollback: RollbackStory | undefined;
  /** Facts so far. */
  facts = 0;
  private readonly valueOf: ReadPayload;

  constructor(plan: PlanId, valueOf: ReadPayload) {
    this.plan = plan;
    this.valueOf = valueOf;
  }

  get isEnded(): boolean {
    return ENDED.has(this.status);
  }

  /** The steps of a scope that facts have spoken of, those inside them not. */
  stepsIn(scope: string): StepStory[] {
    return [...(this.inScope.get(scope) ?? [])];
  }

  /** Scopes inside of a step that facts have spoken of. */
  membersOf(path: string): string[] {
    return [...(this.scopesOf.get(path) ?? [])];
  }

  /** Whether something in the scope, however deep, runs or nobody knows whether it did. */
  isBusy(scope: string): boolean {
    return this.stepsIn(scope).some(({ path, state }) => {
      return state === "running" || state === "unknown" || this.membersOf(path).some((inner) => this.isBusy(inner));
    });
  }

  take(fact: Fact): void {
    this.facts++;
    if (isStepFact(fact)) this.takeStep(fact);
    else TAKE[fact.type as PlanFact["type"]]?.(this, fact.data as never);
  }

  define(source: Payload, { edition, name }: { readonly edition: number; readonly name?: string }): void {
    const before = this.outline.definition;
    this.outline = new Outline(planDefinition.parse(this.valueOf(source)));
    this.edition = edition;
    this.name = name ?? this.name;
    const { steps } = this.outline.definition;
    for (const old of before.steps) {
      const becomes = steps.find(({ id }) => id === old.id);
      if (becomes === undefined) this.forget(old);
      else if (work(old) !== work(becomes)) this.beginOtherwise(old.id);
    }
    const known = new Set(before.steps.map(({ id }) => id));
    for (const { id } of steps) if (!known.has(id)) this.comeBack(id);
  }

  /** A plan that had ended goes on. */
  reopen(): void {
    this.status = "running";
    for (const story of [...this.steps.values()]) {
      if (isUndoPath(story.path) || !this.steps.has(story.path)) continue;
      if (story.isUndone) this.beginAnew(story.path);
      else if (!this.hasLost(story)) goOn(story, story.opened > 0 && !this.isTool(story.path));
      story.isResting = true;
    }
  }

  /** What a rollback has taken back begins anew if the plan goes on, also where there was no call to undo it. */
  rolledBack(): void {
    this.status = "rolled-back";
    for (const id of this.outline.part(this.rollback ?? {})) {
      const story = this.steps.get(id);
      if (story !== undefined && story.state !== "pending") story.isUndone = true;
    }
  }

  private takeStep(fact: StepFact): void {
    const { step } = fact.data;
    const story = this.steps.get(step) ?? this.enter(step);
    if (STARTS.has(fact.type)) this.awake(step);
    story.take(fact);
    if (fact.type === "StepWaitEnded" && fact.data.signal !== undefined) this.takeSignal(fact.data.signal);
    const isDone = fact.type === "StepSucceeded" || (fact.type === "StepLateReported" && fact.data.adopted);
    if (!isDone || story.undoes === undefined) return;
    const undone = this.steps.get(story.undoes);
    if (undone === undefined) return;
    undone.isUndone = true;
    undone.isDone = false;
    undone.silent.clear();
  }

  private enter(path: string): StepStory {
    const story = new StepStory(path);
    this.steps.set(path, story);
    if (isUndoPath(path)) return story;
    const scope = scopeOf(path);
    const owner = this.outline.ownerOf(scope);
    this.inScope.set(scope, (this.inScope.get(scope) ?? new Set()).add(story));
    if (owner !== undefined) this.scopesOf.set(owner, (this.scopesOf.get(owner) ?? new Set()).add(scope));
    return story;
  }

  /** The step, and all that it is inside of. */
  private awake(path: string): void {
    for (let at: string | undefined = path; at !== undefined; at = this.outline.ownerOf(scopeOf(at))) {
      const story = this.steps.get(at);
      if (story !== undefined) story.isResting = false;
    }
  }

  private takeSignal(number: number): void {
    const signal = this.signals.get(number);
    if (signal !== undefined) signal.fate = "taken";
  }

  private beginAnew(path: string): void {
    this.forgetInside(path);
    this.steps.get(path)?.begin();
  }

  /** Another step has its place now; what the old one may have done is not taken back by that. */
  private beginOtherwise(path: string): void {
    const silent = [...(this.steps.get(path)?.silent ?? [])];
    this.beginAnew(path);
    for (const attempt of silent) this.steps.get(path)?.silent.add(attempt);
  }

  private forget(step: StepDefinition): void {
    const path = step.id;
    const { attempts = 0, silent = [] } = this.steps.get(path) ?? {};
    if (attempts > 0) {
      this.gone.set(path, { attempts, silent: [...silent] });
      this.takenAway.set(path, step);
    }
    this.forgetInside(path);
    this.drop(path);
  }

  /** It goes on counting, and what the one of before may have done is not taken back by that. */
  private comeBack(path: string): void {
    const before = this.gone.get(path);
    if (before === undefined) return;
    this.gone.delete(path);
    const story = this.enter(path);
    story.attempts = before.attempts;
    for (const attempt of before.silent) story.silent.add(attempt);
  }

  private drop(path: string): void {
    const story = this.steps.get(path);
    this.steps.delete(path);
    if (story !== undefined) this.inScope.get(scopeOf(path))?.delete(story);
  }

  private forgetInside(path: string): void {
    for (const inner of [...this.steps.keys()]) {
      if (inner.startsWith(`${path}/`) || inner.startsWith(`${path}~`)) this.drop(inner);
    }
    this.scopesOf.delete(path);
  }

  /** Whether the race that the step was given up for is still won by others. */
  private hasLost({ path, givenUpFor }: StepStory): boolean {
    const race = givenUpFor === undefined ? undefined : this.outline.stepAt(givenUpFor);
    if (race === undefined) return false;
    const scope = scopeOf(path);
    const needs = race.needs.map((need) => this.steps.get(scope === "" ? need : `${scope}/${need}`));
    const won = needs.filter((need) => need?.state === "succeeded" && !need.isUndone).length;
    return won >= (typeof race.join === "object" ? Math.min(race.join.first, needs.length) : needs.length);
  }

  private isTool(path: string): boolean {
    return this.outline.stepAt(path)?.kind === "tool";
  }
}

/** A step of a plan that goes on; one with members is open again. */
function goOn(story: StepStory, hasMembers: boolean): void {
  story.givenUpFor = undefined;
  if (story.state !== "failed" && story.state !== "cancelled") return;
  story.state = hasMembers ? "open" : "pending";
  story.alternative = -1;
}

/** What a step does, of what the people of the simulation change. */
export function work(step: StepDefinition): string {
  const { needs: _, priority: __, ...rest } = step;
  return JSON.stringify(rest);
}

type Taking = { readonly [T in PlanFact["type"]]?: (story: PlanStory, data: FactOf<T>["data"]) => void };

const status =
  (value: PlanStatus) =>
  (story: PlanStory): void => {
    story.status = value;
  };

const TAKE: Taking = {
  PlanDrafted: (story, data) => story.define(data.definition, data),
  PlanStarted: status("running"),
  PlanRevised: (story, data) => story.define(data.definition, data),
  PlanPaused: status("paused"),
  PlanResumed: status("running"),
  SignalReceived: (story, { number, name, id, expiresAt = Infinity }) => {
    story.signals.set(number, { name, id, expiresAt, fate: "kept" });
  },
  SignalExpired: (story, { number }) => {
    const signal = story.signals.get(number);
    if (signal !== undefined) signal.fate = "expired";
  },
  PlanCancelRequested: status("cancelling"),
  PlanCancelled: status("cancelled"),
  PlanSucceeded: status("succeeded"),
  PlanFailed: status("failed"),
  PlanRollbackStarted: (story, data) => {
    story.status = "rolling-back";
    story.rollback = data;
  },
  PlanRolledBack: (story) => story.rolledBack(),
  PlanReopened: (story) => story.reopen(),
};
