import { topologicalOrder } from "#machines/graph.ts";
import type { StepGraph } from "#machines/graph.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Report } from "./report.ts";
import type { StepDraft } from "./step-draft.ts";
import { placeOfReference, readReferences, templatesOf } from "./templates.ts";
import type { TemplateAt } from "./templates.ts";

// Which step needs which: every reference to a step's output, and what `needs` adds. Found before any type is known, because
// types are checked in the order that follows from it.

const MAX_CYCLES = 20;

export interface Dependencies {
  /** By step id, references first, without repetition; only steps that exist. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** All steps, each after those it needs (but for cycles, which are reported). */
  readonly order: readonly StepDraft[];
  /** `*` where all are used at once. */
  readonly usedInputs: ReadonlySet<string>;
  /** Ids that are read here and are no step of here: of a step around, or of none. */
  readonly outside: ReadonlySet<string>;
  /** Of the steps that have steps inside. */
  readonly inside: ReadonlyMap<string, Dependencies>;
}

/**
 * Reports templates that cannot be read, unknown and repeated needs, steps that need themselves, and cycles. What is read
 * inside a step is a need of that step.
 */
export function findDependencies(drafts: readonly StepDraft[], report: Report): Dependencies {
  const ids = new Set(drafts.map(({ id }) => id));
  const needs = new Map<string, readonly string[]>();
  const usedInputs = new Set<string>();
  const outside = new Set<string>();
  const inside = new Map<string, Dependencies>();
  for (const draft of drafts) {
    const inner = insideOf(draft, report);
    if (inner !== undefined) inside.set(draft.id, inner);
    const found = referencesOf(draft, { inner, usedInputs }, report);
    for (const id of found) if (!ids.has(id)) outside.add(id);
    const wanted = [...found, ...explicitNeeds(draft, ids, report)];
    needs.set(
      draft.id,
      [...new Set(wanted)].filter((id) => id !== draft.id && ids.has(id)),
    );
  }
  return { needs, usedInputs, outside, inside, order: orderOf(drafts, needs, report) };
}

/** The ids that a step reads, also inside it. */
function referencesOf(
  draft: StepDraft,
  { inner, usedInputs }: { readonly inner: Dependencies | undefined; readonly usedInputs: Set<string> },
  report: Report,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const template of templatesOf(draft)) addReferences(template, { found, usedInputs }, report);
  if (found.has(draft.id)) reportSelfReference(draft, report);
  for (const input of inner?.usedInputs ?? []) usedInputs.add(input);
  for (const id of inner?.outside ?? []) found.add(id);
  return found;
}

interface Found {
  readonly found: Set<string>;
  readonly usedInputs: Set<string>;
}

function addReferences(template: TemplateAt, { found, usedInputs }: Found, report: Report): void {
  const { inputs, steps } = readReferences(template, report);
  for (const input of inputs) usedInputs.add(input);
  for (const id of steps) found.add(id);
}

function insideOf(draft: StepDraft, report: Report): Dependencies | undefined {
  if (draft.kind !== "each" && draft.kind !== "repeat") return undefined;
  const { block } = draft;
  const inner = findDependencies(block.drafts, report);
  if (!block.isWritten) return inner;
  const found = new Set<string>();
  const usedInputs = new Set(inner.usedInputs);
  addReferences({ value: block.output, path: block.outputPath }, { found, usedInputs }, report);
  const ids = new Set(block.drafts.map(({ id }) => id));
  return { ...inner, usedInputs, outside: new Set([...inner.outside, ...[...found].filter((id) => !ids.has(id))]) };
}

function reportSelfReference(draft: StepDraft, report: Report): void {
  const remark = { code: "self-reference", message: `${draft.id} cannot read its own output` };
  const places = templatesOf(draft).map((template) => placeOfReference(template, draft.id));
  const place = places.find((candidate) => candidate !== undefined) ?? { path: draft.path, offset: 0 };
  report.error(place.path, remark, { offset: place.offset, length: `steps.${draft.id}`.length });
}

function explicitNeeds(draft: StepDraft, ids: ReadonlySet<string>, report: Report): readonly string[] {
  if (draft.kind === "opaque") return [];
  draft.source.needs.forEach((id, index) => {
    const path = [...draft.path, "needs", index];
    if (id === draft.id) {
      report.error(path, { code: "self-reference", message: `${id} cannot need itself` });
    } else if (!ids.has(id)) {
      const suggestion = report.isFull ? undefined : nearestName(id, [...ids]);
      report.error(path, { code: "unknown-step", message: `there is no step ${JSON.stringify(id)}`, suggestion });
    }
  });
  return draft.source.needs;
}

function orderOf(
  drafts: readonly StepDraft[],
  needs: ReadonlyMap<string, readonly string[]>,
  report: Report,
): readonly StepDraft[] {
  const graph = graphOf(drafts, needs);
  for (let cycles = 0; cycles < MAX_CYCLES; cycles++) {
    const sorted = topologicalOrder(graph);
    if ("order" in sorted) return sorted.order.flatMap((index) => drafts[index] ?? []);
    reportCycle(
      sorted.cycle.flatMap((index) => drafts[index] ?? []),
      drafts,
      report,
    );
    cut(graph, sorted.cycle);
  }
  return drafts;
}

interface MutableGraph extends StepGraph {
  readonly needs: number[][];
  readonly dependents: number[][];
}

function graphOf(drafts: readonly StepDraft[], needsOf: ReadonlyMap<string, readonly string[]>): MutableGraph {
  const indexOf = new Map(drafts.map(({ id }, index) => [id, index]));
  const needs = drafts.map(({ id }) => (needsOf.get(id) ?? []).flatMap((need) => indexOf.get(need) ?? []));
  const dependents: number[][] = drafts.map(() => []);
  needs.forEach((list, index) => {
    for (const need of list) dependents[need]?.push(index);
  });
  return { indexOf, needs, dependents };
}

/** Each step of a cycle needs the one before it, the first needs the last: that need is taken out. */
function cut(graph: MutableGraph, cycle: readonly number[]): void {
  const [first, last] = [cycle[0] ?? 0, cycle.at(-1) ?? 0];
  graph.needs[first] = (graph.needs[first] ?? []).filter((need) => need !== last);
  graph.dependents[last] = (graph.dependents[last] ?? []).filter((dependent) => dependent !== first);
}

/** Named from the step that comes first in the source. */
function reportCycle(cycle: readonly StepDraft[], drafts: readonly StepDraft[], report: Report): void {
  const positions = cycle.map((draft) => drafts.indexOf(draft));
  const start = positions.indexOf(Math.min(...positions));
  const ordered = [...cycle.slice(start), ...cycle.slice(0, start)];
  const [first] = ordered;
  if (first === undefined) return;
  const names = [...ordered, first].map(({ id }) => id).join(" -> ");
  report.error(
    first.path,
    { code: "cycle", message: `each of these steps needs the one before it: ${names}` },
    { key: true },
  );
}
