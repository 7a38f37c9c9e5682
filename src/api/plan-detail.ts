import type { Json } from "#events/json.ts";
import type { ToldSentence } from "#events/plan-facts.ts";
import type { Payload } from "#events/payload.ts";
import { definitionAt, pathAt, type PlanView } from "#machines/state.ts";
import { selectHead, selectStep, type StepProgress } from "#projections/progress.ts";
import { selectTree } from "#projections/step-tree.ts";
import { askingOutputs, withQuestions } from "#src/api/open-questions.ts";
import { isSettled } from "#src/api/plan-book.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import type { Seen } from "#src/api/reading.ts";

// A plan and its steps as operations give them. Everything is selected from the state at once (R1 of the reading); only
// values kept as blobs are loaded afterwards.

/** The plan as a whole, with the values of its response and outputs. */
export async function planDetail({ state, now }: Seen, values: Pick<PlanReader, "value">) {
  const head = selectHead(state, now);
  const { revision, response, provenance, outputs, error } = state;
  const unknown = [...state.unknown].map((index) => pathAt(state, index));
  const settled = isSettled(state);
  const signals = state.signals.list().map(({ number, name, by, at, expiresAt }) => {
    return { number, name, by, at, ...(expiresAt === 0 ? {} : { expiresAt }) };
  });
  const awaited = awaitedSignals(state);
  const asking = askingOutputs(state, awaited);
  const value = async (name: string, source: Payload | undefined): Promise<Record<string, Json>> =>
    source === undefined ? {} : { [name]: await values.value(source) };
  const answer = await value("response", response);
  const told = answer["response"];
  return {
    ...head,
    revision,
    settled,
    unknown,
    signals,
    awaited: await withQuestions(awaited, asking, values),
    ...(error === undefined ? {} : { error }),
    ...answer,
    ...provenanceOf(told, provenance),
    ...(await value("outputs", outputs)),
  };
}

/** Steps named in one answer. */
const MAX_AWAITED = 100;

/** Steps that wait for a signal, with what their plan says that they wait for. */
function awaitedSignals(state: PlanView): readonly { step: string; signal: string; text?: string }[] {
  if (state.in.waiting === 0) return [];
  const waiting = [...state.steps.keys()].filter((index) => isAwaiting(state.steps[index]));
  return waiting.slice(0, MAX_AWAITED).map((index) => {
    const { description } = definitionAt(state, index);
    const signal = state.steps[index]?.wait?.signal ?? "";
    return { step: pathAt(state, index), signal, ...(description === undefined ? {} : { text: description }) };
  });
}

function isAwaiting(record: PlanView["steps"][number]): boolean {
  return record?.chart.value === "waiting" && record.wait?.signal !== undefined;
}

/** A response that is text, with the steps that each sentence of it stands on. */
export interface Provenance {
  readonly text: string;
  readonly sentences: readonly { readonly text: string; readonly steps: readonly string[] }[];
}

export function provenanceOf(
  response: Json | undefined,
  told: readonly ToldSentence[] | undefined,
): { readonly provenance?: Provenance } {
  if (typeof response !== "string" || told === undefined) return {};
  const sentences = told.map(({ from, to, steps }) => ({ text: response.slice(from, to).trim(), steps }));
  return { provenance: { text: response, sentences } };
}

export type StepRow = StepProgress & { readonly indent: number };

/** Which steps inside other steps are among the rows: all that are in memory, what has not ended well, or none. */
export type Inside = "all" | "open" | "none";

/** Steps in the order of their tree, what is inside of a step below it. */
export function stepRows({ state, now }: Seen, inside: Inside): readonly StepRow[] {
  if (state.drafted === undefined) return [];
  const tree = selectTree(state);
  const outer = new Set(tree.map(({ step }) => step));
  const others = [...state.steps.keys()].filter((step) => state.steps[step] !== undefined && !outer.has(step));
  const within = insideByOuter(
    others.map((step) => selectStep(state, step, now)),
    inside,
  );
  return tree.flatMap(({ step, indent }) => {
    const row = selectStep(state, step, now);
    const rows = within.get(row.step) ?? [];
    return [{ ...row, indent }, ...rows.map((inner) => ({ ...inner, indent: indent + depthOf(inner.step) }))];
  });
}

function insideByOuter(rows: readonly StepProgress[], inside: Inside): ReadonlyMap<string, readonly StepProgress[]> {
  const byOuter = new Map<string, StepProgress[]>();
  if (inside === "none") return byOuter;
  for (const row of rows) {
    if (inside === "open" && !isOpen(row)) continue;
    const [outer = ""] = row.step.split("/");
    const list = byOuter.get(outer) ?? [];
    byOuter.set(outer, list);
    list.push(row);
  }
  return byOuter;
}

function isOpen({ state, startedAt }: StepProgress): boolean {
  return state !== "succeeded" && state !== "skipped" && startedAt !== undefined;
}

/** How deep inside of others: `notes/3/do` is one step inside of `notes`. */
function depthOf(path: string): number {
  return path.split("/").filter((segment, index) => index > 0 && !/^\d+$/.test(segment)).length;
}
