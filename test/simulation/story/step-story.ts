import type { FactData, StepFact } from "#events/catalog.ts";
import type { Approval } from "#events/step-facts.ts";

// What a reader of the log makes of one step. No rule is asked here: a fact says what it says, whether it should or not.

export type StepState =
  "pending" | "running" | "between" | "waiting" | "open" | "unknown" | "succeeded" | "failed" | "skipped" | "cancelled";

export class StepStory {
  readonly path: string;
  state: StepState = "pending";
  /** Attempts dispatched so far. */
  attempts = 0;
  inFlight: FactData<"StepDispatched"> | undefined;
  /** Its last success came from an attempt, and was not taken back. */
  isDone = false;
  /** Attempts that nobody answered for: each may have had its effect. */
  readonly silent = new Set<number>();
  isUndone = false;
  /** Path of the step that has all it waited for without this one, which is not wanted any more. */
  givenUpFor: string | undefined;
  /** Which fallback has taken the place of what the step does; -1 for none. */
  alternative = -1;
  wait: { readonly signal: string | undefined; readonly approval: Approval | undefined } | undefined;
  /** It is as the end of its member has left it, and nothing has been heard since the plan was reopened. */
  isResting = false;
  /** What it takes back, of an undo call. */
  undoes: string | undefined;
  /** Members opened so far, and how many there will be. */
  opened = 0;
  total = 0;

  constructor(path: string) {
    this.path = path;
  }

  get mayHaveEffect(): boolean {
    if (this.isUndone || this.attempts === 0) return false;
    return this.state === "succeeded" || this.state === "unknown" || this.silent.size > 0;
  }

  get isInstead(): boolean {
    return this.alternative >= 0;
  }

  /** Begins anew: what it was is no longer there. */
  begin(): void {
    this.state = "pending";
    this.isDone = false;
    this.isUndone = false;
    this.alternative = -1;
    this.givenUpFor = undefined;
    this.wait = undefined;
    this.silent.clear();
    this.opened = 0;
  }

  take(fact: StepFact): void {
    TAKE[fact.type]?.(this, fact.data as never);
  }
}

type Taking = { readonly [T in StepFact["type"]]?: (story: StepStory, data: FactData<T>) => void };

const TAKE: Taking = {
  StepDispatched: (story, data) => {
    story.state = "running";
    story.attempts = data.attempt;
    story.inFlight = data;
    story.undoes = data.undoes;
    story.alternative = data.alternative;
    // Whoever begins again has an effect again.
    story.isUndone = false;
    story.givenUpFor = undefined;
  },
  StepSucceeded: (story, { attempt }) => {
    story.inFlight = undefined;
    story.state = "succeeded";
    story.isDone = attempt > 0;
  },
  StepFailed: (story, { attempt, next, isSilent }) => {
    // Whoever looked, or took it back, knows that nothing is there.
    if (story.state === "unknown") story.silent.delete(attempt);
    if (isSilent === true) story.silent.add(attempt);
    follow(story, next);
  },
  StepTimedOut: (story, { attempt, next }) => {
    if (attempt > 0) story.silent.add(attempt);
    follow(story, next);
  },
  StepLost: (story, { attempt, next }) => {
    story.silent.add(attempt);
    follow(story, next);
  },
  StepCancelled: (story) => end(story, "cancelled"),
  StepSkipped: (story) => end(story, "skipped"),
  StepWaitStarted: (story, { signal, approval }) => {
    story.state = "waiting";
    story.wait = { signal, approval };
  },
  StepWaitEnded: (story, { starts }) => {
    story.state = starts === true ? "pending" : "succeeded";
    story.wait = undefined;
  },
  StepExpanded: (story, { to, total, answers }) => {
    story.opened = to;
    story.total = total ?? story.total;
    if (answers === undefined) story.state = "open";
  },
  StepOutcomeResolved: (story, { resolution }) => {
    if (resolution.kind === "done") end(story, "succeeded");
    else if (resolution.kind === "retry") story.state = "between";
    else if (resolution.kind === "fail") story.state = "failed";
  },
  StepOutcomeGiven: (story, { outcome }) => {
    end(story, outcome.kind === "done" ? "succeeded" : "skipped");
  },
  StepLateReported: (story, { attempt, outcome, adopted }) => {
    if (outcome.kind === "succeeded") story.silent.add(attempt);
    else story.silent.delete(attempt);
    if (!adopted) return;
    story.state = "succeeded";
    story.isDone = true;
    story.isUndone = false;
  },
  StepCancelRequested: (story, { because }) => {
    story.givenUpFor = because;
    if (story.state === "pending" || story.state === "between" || story.state === "waiting") end(story, "cancelled");
  },
};

function follow(story: StepStory, next: FactData<"StepLost">["next"]): void {
  story.inFlight = undefined;
  story.wait = undefined;
  if (next.kind === "fallback") story.alternative = next.index;
  if (next.kind === "retry" || next.kind === "fallback") story.state = "between";
  else story.state = next.kind === "final" ? "failed" : next.kind;
}

function end(story: StepStory, state: StepState): void {
  story.state = state;
  story.inFlight = undefined;
  story.wait = undefined;
}
