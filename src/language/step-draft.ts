import type { z } from "zod";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { MAX_DEPTH, MAX_STEPS_PER_PLAN, stepId } from "#events/definition.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Path } from "./finding.ts";
import type { Report } from "./report.ts";
import {
  approveStepSource,
  blockSource,
  callStepSource,
  eachStepSource,
  repeatStepSource,
  signalStepSource,
  toolStepSource,
  valueStepSource,
  waitStepSource,
} from "./source-schema.ts";
import type {
  ApproveStepSource,
  CallStepSource,
  EachStepSource,
  RepeatStepSource,
  SignalStepSource,
  ToolStepSource,
  ValueStepSource,
  WaitStepSource,
} from "./source-schema.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { readPart, unknownWord } from "./structure.ts";
import { BLOCK, KINDS, STEPS } from "./vocabulary.ts";
import type { Kind } from "./vocabulary.ts";

// The steps of a plan as they are written: which kind each is, and its words read. A step that cannot be read stays a
// step, so that what refers to it is not wrong too.

/** `opaque`: something that is to be a step but cannot be read; others may refer to it all the same. */
export type StepDraft = { readonly id: string; readonly path: Path } & (
  | { readonly kind: "tool"; readonly source: ToolStepSource }
  | { readonly kind: "value"; readonly source: ValueStepSource }
  | { readonly kind: "wait"; readonly source: WaitStepSource }
  | { readonly kind: "each"; readonly source: EachStepSource; readonly block: BlockDraft }
  | { readonly kind: "repeat"; readonly source: RepeatStepSource; readonly block: BlockDraft }
  | { readonly kind: "call"; readonly source: CallStepSource }
  | { readonly kind: "signal"; readonly source: SignalStepSource }
  | { readonly kind: "approve"; readonly source: ApproveStepSource }
  | { readonly kind: "opaque" }
);

/** Steps inside a step: one, which is called `do`, or several. */
export interface BlockDraft {
  readonly drafts: readonly StepDraft[];
  /** What the block gives, and where that is written; of one step it is that step's output. */
  readonly output: Json;
  readonly outputPath: Path;
  readonly isWritten: boolean;
}

/** The steps of a mapping at a path; `around` has the ids that are visible there already. */
export function readSteps(steps: JsonObject, place: Place, report: Report): readonly StepDraft[] {
  const entries = Object.entries(steps);
  const { path, around } = place;
  if (entries.length === 0) report.error(path, { code: "no-steps", message: "a plan has at least one step" });
  if (entries.length > MAX_STEPS_PER_PLAN) {
    report.error(path, { code: "too-many-steps", message: `a plan has at most ${MAX_STEPS_PER_PLAN} steps` });
    return [];
  }
  const visible = new Set([...around, ...Object.keys(steps)]);
  return entries.map(([id, value]) => {
    const at = [...path, id];
    checkId(id, at, report);
    if (around.has(id)) {
      const message = `a step around this one is called ${id} as well: expressions could not tell them apart`;
      report.error(at, { code: "duplicate-step", message }, { key: true });
    }
    return readStep({ id, value, place: { path: at, around: visible, depth: place.depth } }, report);
  });
}

interface Place {
  readonly path: Path;
  readonly around: ReadonlySet<string>;
  /** How many blocks this one stands in. */
  readonly depth: number;
}

/** A name that could be an id: `fetch-all` as `fetchAll`. */
export function idFrom(name: string): string | undefined {
  const joined = name
    .replaceAll(/[^A-Za-z0-9_]+([A-Za-z0-9])/g, (_, next: string) => next.toUpperCase())
    .replaceAll(/[^A-Za-z0-9_]/g, "");
  const id = joined.slice(0, 1).toLowerCase() + joined.slice(1);
  return stepId.safeParse(id).success ? id : undefined;
}

/** A step as it stands in the source. */
interface Entry {
  readonly id: string;
  readonly value: Json;
  readonly place: Place;
}

function readStep({ id, value, place }: Entry, report: Report): StepDraft {
  const { path } = place;
  if (!isJsonObject(value)) {
    const message = `a step is a mapping with one of ${KINDS.join(", ")}; this is ${describeJson(value)}`;
    report.error(path, { code: "wrong-type", message });
    return { id, path, kind: "opaque" };
  }
  const kind = kindOf(value, path, report);
  const draft = kind === undefined ? undefined : READERS[kind]({ id, value, place }, report);
  return draft ?? { id, path, kind: "opaque" };
}

function checkId(id: string, path: Path, report: Report): void {
  if (stepId.safeParse(id).success) return;
  const why = id.includes("-") ? ": in an expression a hyphen is a minus sign" : "";
  const message = `${JSON.stringify(id)} is no step id, which is a lower-case letter, then letters, digits or _${why}`;
  report.error(path, { code: "bad-step-id", message, suggestion: idFrom(id) }, { key: true });
}

function kindOf(step: JsonObject, path: Path, report: Report): Kind | undefined {
  const given = KINDS.filter((kind) => Object.hasOwn(step, kind));
  const [kind, second] = given;
  if (second !== undefined) {
    const message = `a step is one of ${KINDS.join(", ")}; this one is ${given.join(" and ")}`;
    report.error([...path, second], { code: "two-kinds", message }, { key: true });
    return undefined;
  }
  if (kind === undefined) reportNoKind(step, path, report);
  return kind;
}

function reportNoKind(step: JsonObject, path: Path, report: Report): void {
  const words = Object.keys(step);
  const [word, meant] = mistypedKind(words) ?? [];
  if (word !== undefined) {
    report.error([...path, word], { ...unknownWord(word, STEPS.tool), suggestion: meant }, { key: true });
  } else {
    const message = `a step has one of ${KINDS.join(", ")}, which says what it does`;
    report.error(path, { code: "no-kind", message }, { key: true });
  }
}

function mistypedKind(words: readonly string[]): readonly [string, string] | undefined {
  for (const word of words.filter((candidate) => !STEPS.tool.words.includes(candidate))) {
    const meant = nearestName(word, KINDS);
    if (meant !== undefined) return [word, meant];
  }
  return undefined;
}

/** A step of which it is known that it is a mapping. */
interface Written extends Entry {
  readonly value: JsonObject;
}

type Reader = (written: Written, report: Report) => StepDraft | undefined;

/** Undefined for a step that cannot be read, which is reported. */
const READERS: Readonly<Record<Kind, Reader>> = {
  tool: (written, report) => read("tool", toolStepSource, { written, report }),
  value: (written, report) => read("value", valueStepSource, { written, report }),
  wait: (written, report) => read("wait", waitStepSource, { written, report }),
  call: (written, report) => read("call", callStepSource, { written, report }),
  signal: (written, report) => read("signal", signalStepSource, { written, report }),
  approve: (written, report) => read("approve", approveStepSource, { written, report }),
  each: (written, report) => {
    const draft = read("each", eachStepSource, { written, report });
    return draft && { ...draft, block: readBlock(draft.source.do, placeIn(written, "do"), report) };
  },
  repeat: (written, report) => {
    const draft = read("repeat", repeatStepSource, { written, report });
    return draft && { ...draft, block: readBlock(draft.source.repeat, placeIn(written, "repeat"), report) };
  },
};

interface Reading {
  readonly written: Written;
  readonly report: Report;
}

function read<K extends Kind, S>(kind: K, schema: z.ZodType<S>, { written, report }: Reading) {
  const { id, value, place } = written;
  const source = readPart(schema, { value, path: place.path, vocabulary: STEPS[kind] }, report);
  return source === undefined ? undefined : { id, path: place.path, kind, source };
}

function placeIn({ place }: Written, word: string): Place {
  return { ...place, path: [...place.path, word] };
}

/** A mapping with `steps`, or one step. */
function readBlock(value: JsonObject, { path, around, depth }: Place, report: Report): BlockDraft {
  if (depth + 1 >= MAX_DEPTH) {
    report.error(path, { code: "too-deep", message: `steps stand inside each other at most ${MAX_DEPTH} deep` });
    return { drafts: [], output: null, outputPath: path, isWritten: false };
  }
  const inner = { around, depth: depth + 1 };
  if (!Object.hasOwn(value, "steps")) {
    const only = readStep({ id: ONLY_STEP, value, place: { ...inner, path } }, report);
    return { drafts: [only], output: `\${steps.${ONLY_STEP}.output}`, outputPath: path, isWritten: false };
  }
  const source = readPart(blockSource, { value, path, vocabulary: BLOCK }, report);
  const steps = isJsonObject(value.steps) ? value.steps : {};
  const drafts = readSteps(steps, { ...inner, path: [...path, "steps"] }, report);
  const last = drafts.at(-1)?.id;
  const implied = last === undefined ? null : `\${steps.${last}.output}`;
  const isWritten = source?.output !== undefined;
  return { drafts, output: source?.output ?? implied, outputPath: [...path, "output"], isWritten };
}

/** The id of a step that is the only one inside another. */
const ONLY_STEP = "do";
