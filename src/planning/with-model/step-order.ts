import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { WrittenPart, WrittenSource, WrittenStep } from "#src/planning/with-model/written-plan.ts";

// The steps that a model has written, in an order in which each stands behind what it waits for, with the tools that they mean.
//
// O1. A tool is one of those that were offered, or nothing: another spelling of one is mended, another name is given back to the model.
// O2. Steps that wait for each other are told apart where the first of them waits: what it wanted there counts as not said.

export interface OrderedStep {
  readonly step: WrittenStep;
  readonly entry: CatalogEntry;
  /** Arguments whose sources would have closed a ring (O2). */
  readonly cut: ReadonlySet<string>;
}

export interface Order {
  readonly steps: readonly OrderedStep[];
  /** By id, the place among the steps. */
  readonly places: ReadonlyMap<string, number>;
}

/** What was mended, and what the model has to mend itself. */
export interface Notes {
  readonly repairs: string[];
  readonly problems: string[];
}

export function orderedSteps(
  written: readonly WrittenStep[],
  entries: readonly CatalogEntry[],
  { repairs, problems }: Notes,
): Order {
  const known = new Map(written.map((step) => [step.id, step]));
  const wanted = new Set(written.flatMap(needsOf));
  problems.push(...doubled(written, wanted), ...strangers(written, known));
  const steps: OrderedStep[] = [];
  const places = new Map<string, number>();
  const waiting = new Set(written);
  while (waiting.size > 0) {
    const isFree = (step: WrittenStep): boolean => needsOf(step).every((id) => !isWaiting(id, known, waiting));
    const free = [...waiting].find(isFree);
    const step = free ?? firstInRing(waiting, known);
    if (step === undefined) break;
    waiting.delete(step);
    const cut = free === undefined ? cutOf(step, (id) => id === step.id || isWaiting(id, known, waiting)) : NONE;
    if (free === undefined) repairs.push(`${step.id} waits for itself through other steps; that was cut`);
    const entry = toolOf(step, entries, { repairs, problems });
    if (entry === undefined) continue;
    places.set(step.id, steps.length);
    steps.push({ step, entry, cut });
  }
  return { steps, places };
}

const NONE: ReadonlySet<string> = new Set();

function isWaiting(id: string, known: ReadonlyMap<string, WrittenStep>, waiting: ReadonlySet<WrittenStep>): boolean {
  const step = known.get(id);
  return step !== undefined && waiting.has(step);
}

function needsOf({ after, arguments: given }: WrittenStep): readonly string[] {
  return [...after, ...[...given.values()].flatMap(partsOf).map(({ step }) => step)];
}

function partsOf(source: WrittenSource): readonly WrittenPart[] {
  if (source.kind === "output") return [source.part];
  return source.kind === "text" ? source.parts.filter((part) => typeof part !== "string") : [];
}

/** An id that stands twice is a problem where somebody means it. */
function doubled(written: readonly WrittenStep[], wanted: ReadonlySet<string>): readonly string[] {
  const ids = written.map(({ id }) => id);
  const twice = new Set(ids.filter((id, at) => ids.indexOf(id) !== at && wanted.has(id)));
  return [...twice].map((id) => `several steps have the id ${id}: give each its own`);
}

function strangers(written: readonly WrittenStep[], known: ReadonlyMap<string, WrittenStep>): readonly string[] {
  return written.flatMap((step) => {
    const unknown = new Set(needsOf(step).filter((id) => !known.has(id)));
    return [...unknown].map((id) => `${step.id} refers to a step ${id} that is not there${hint(id, known.keys())}`);
  });
}

export function hint(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

function firstInRing(
  waiting: ReadonlySet<WrittenStep>,
  known: ReadonlyMap<string, WrittenStep>,
): WrittenStep | undefined {
  return [...waiting].find((step) => {
    const seen = new Set(needsOf(step));
    // A set is walked in the order of adding, also what is added meanwhile.
    for (const id of seen) for (const need of needsWithin(id, known, waiting)) seen.add(need);
    return seen.has(step.id);
  });
}

function needsWithin(
  id: string,
  known: ReadonlyMap<string, WrittenStep>,
  waiting: ReadonlySet<WrittenStep>,
): readonly string[] {
  const step = known.get(id);
  return step !== undefined && waiting.has(step) ? needsOf(step) : [];
}

function cutOf({ arguments: given }: WrittenStep, isAhead: (id: string) => boolean): ReadonlySet<string> {
  const cut = [...given].filter(([, source]) => partsOf(source).some(({ step }) => isAhead(step)));
  return new Set(cut.map(([name]) => name));
}

/** O1. */
function toolOf(
  { id, tool }: WrittenStep,
  entries: readonly CatalogEntry[],
  { repairs, problems }: Notes,
): CatalogEntry | undefined {
  const exact = entries.find(({ name }) => name === tool);
  if (exact !== undefined) return exact;
  const alike = entries.filter(({ name }) => isSpelledAlike(name, tool));
  const [only] = alike;
  if (only !== undefined && alike.length === 1) {
    repairs.push(`${id}: the tool ${tool} is spelled ${only.name}`);
    return only;
  }
  const names = entries.map(({ name }) => name);
  problems.push(`${id}: no tool ${tool} was offered; use those that were, or refuse${hint(tool, names)}`);
  return undefined;
}

/** "weather_forecast" and "Weather.Forecast" are one name. */
export function isSpelledAlike(one: string, other: string): boolean {
  return nameWords(one).join(" ") === nameWords(other).join(" ");
}
