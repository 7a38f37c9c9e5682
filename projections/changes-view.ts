import type { FactOf, FactType } from "#events/catalog.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { classedChange, classedIn, type Classed } from "#projections/change-class.ts";
import type { KeyedView } from "#projections/keyed-view.ts";
import type { ChangeClass, FinishedChange } from "#projections/reference-class.ts";

// The view `changes`: how long the finished changes of each class took, and what was estimated. What estimates of new ones stand on.
//
// N1. A change is finished when it is merged; its time is that of all attempts to make it and to merge it, failed ones included, and of
//     those that made it anew where it did not go together with what came before.
// N2. Memory holds the changes of plans under way that have begun; with the end of the plan, whatever it is, they are forgotten.
// N3. Arguments that are kept as a blob cannot be looked at: of such a change its merge says what it is. Where that is kept as a blob as
//     well it counts as one of no remedy, difficulty and size.
// N4. Bounded: a document has the CHANGES_KEPT newest changes of its class, and counts the rest.

export const MAKE_TOOL = "change.make";
export const MERGE_TOOL = "change.merge";
/** Makes a change anew, and merges it. */
export const RESOLVE_TOOL = "change.resolve";

const CHANGES_KEPT = 100;
/** A step that merges what another one made, or makes it anew, has its name, with this behind it. */
const ENDING = /_(?:merge|resolve)(?:_\d+)?$/u;

export type ClassDocument = {
  readonly class: ChangeClass;
  readonly finished: number;
  /** The oldest first. */
  readonly changes: readonly FinishedChange[];
};

type Begun = Classed & { readonly spentMs: number };

type Running = { readonly change: string; readonly isMerge: boolean; readonly at: number };

/** Of one plan: its changes that have begun, and the attempts under way by step. */
type Remembered = { readonly changes: Record<string, Begun>; readonly running: Record<string, Running> };

const ENDS = ["StepSucceeded", "StepFailed", "StepTimedOut", "StepLost", "StepCancelled"] as const;
const PLAN_ENDS = ["PlanSucceeded", "PlanFailed", "PlanCancelled", "PlanRolledBack"] as const;
const reads: ReadonlySet<FactType> = new Set<FactType>(["StepDispatched", ...ENDS, ...PLAN_ENDS]);
const ends: ReadonlySet<FactType> = new Set<FactType>(ENDS);
const planEnds: ReadonlySet<FactType> = new Set<FactType>(PLAN_ENDS);
type EndFact = FactOf<(typeof ENDS)[number]>;
type Dispatch = FactOf<"StepDispatched">["data"];

const UNKNOWN: ChangeClass = { remedy: "", level: 0, size: "unknown" };
const NOTHING_KNOWN: Begun = { class: UNKNOWN, estimate: null, lines: 0, spentMs: 0 };

export const changesView: KeyedView<ClassDocument, Remembered> = {
  name: "changes",
  // 2: a merge says what its change was.
  version: 2,
  reads,
  memory: {
    key: ({ plan }) => plan,
    evolve: (remembered, { fact, at }) => {
      if (planEnds.has(fact.type)) return undefined;
      if (fact.type === "StepDispatched") return begun(remembered, fact.data, at);
      return isEnd(fact) && remembered !== undefined ? ended(remembered, fact, at) : remembered;
    },
  },
  key: ({ fact }, remembered) => {
    const change = mergedBy(fact, remembered);
    return change === undefined ? undefined : keyOf(change.class);
  },
  initial: () => ({ class: UNKNOWN, finished: 0, changes: [] }),
  evolve: (document, { fact, at }, remembered) => {
    const change = mergedBy(fact, remembered);
    if (change === undefined) return document;
    const running = remembered?.running[stepOf(fact)];
    const actualMs = change.spentMs + (running === undefined ? 0 : Math.max(0, at - running.at));
    const changes = [...document.changes, { estimate: change.estimate, lines: change.lines, actualMs, at }].slice(
      -CHANGES_KEPT,
    );
    return { class: change.class, finished: document.finished + 1, changes };
  },
  columns: () => ({ tag: "class", rank: 0 }),
};

function keyOf({ remedy, level, size }: ChangeClass): string {
  return `${level}/${size}/${remedy}`;
}

/** The change that the fact finishes. */
function mergedBy(fact: { readonly type: FactType }, remembered: Remembered | undefined): Begun | undefined {
  if (!isEnd(fact) || fact.type !== "StepSucceeded") return undefined;
  const running = remembered?.running[fact.data.step];
  const change = running?.isMerge === true ? remembered?.changes[running.change] : undefined;
  return change === undefined ? undefined : { ...change, ...classedIn(memberOf(fact.data.output, "classed")) };
}

function begun(remembered: Remembered | undefined, data: Dispatch, at: number): Remembered | undefined {
  const isMerge = data.tool === MERGE_TOOL || data.tool === RESOLVE_TOOL;
  if ((!isMerge && data.tool !== MAKE_TOOL) || data.undoes !== undefined) return remembered;
  const { changes = {}, running = {} } = remembered ?? {};
  const { name, begins } = changeOf(data);
  return {
    changes: { ...changes, [name]: changes[name] ?? begins },
    running: { ...running, [data.step]: { change: name, isMerge, at } },
  };
}

/** Who makes it has it as an argument; who merges it names it. */
function changeOf({ args, step, tool }: Dispatch): { readonly name: string; readonly begins: Begun } {
  const argument = memberOf(args, "change");
  if (typeof argument === "string") return { name: argument, begins: NOTHING_KNOWN };
  const change = classedChange(argument);
  if (change === undefined)
    return { name: tool === MAKE_TOOL ? step : step.replace(ENDING, ""), begins: NOTHING_KNOWN };
  const { id: name, ...classed } = change;
  return { name, begins: { ...classed, spentMs: 0 } };
}

/** The attempt is over; with a merge, so is its change. */
function ended(remembered: Remembered, fact: EndFact, at: number): Remembered | undefined {
  const { step } = fact.data;
  const { [step]: over, ...running } = remembered.running;
  const change = over === undefined ? undefined : remembered.changes[over.change];
  if (over === undefined || change === undefined) return remembered;
  const { [over.change]: _, ...others } = remembered.changes;
  const isFinished = over.isMerge && fact.type === "StepSucceeded";
  const spent = { ...change, spentMs: change.spentMs + Math.max(0, at - over.at) };
  const changes = isFinished ? others : { ...others, [over.change]: spent };
  return Object.keys(changes).length === 0 ? undefined : { changes, running };
}

function isEnd(fact: { readonly type: FactType }): fact is EndFact {
  return ends.has(fact.type);
}

function stepOf(fact: { readonly type: FactType }): string {
  return isEnd(fact) ? fact.data.step : "";
}

function memberOf(source: Payload, name: string): Json | undefined {
  return "inline" in source && isJsonObject(source.inline) ? source.inline[name] : undefined;
}
