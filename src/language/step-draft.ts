import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { MAX_STEPS_PER_PLAN, stepId } from "#events/definition.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Path } from "./finding.ts";
import type { Report } from "./report.ts";
import { toolStepSource, valueStepSource, waitStepSource } from "./source-schema.ts";
import type { ToolStepSource, ValueStepSource, WaitStepSource } from "./source-schema.ts";
import { describeJson, notAvailableYet, readPart, unknownWord } from "./structure.ts";
import { KINDS, LATER_KINDS, STEPS } from "./vocabulary.ts";
import type { Kind } from "./vocabulary.ts";

// The steps of a plan as they are written: which kind each is, and its words read. A step that cannot be read stays a
// step, so that what refers to it is not wrong too.

/** `opaque`: something that is to be a step but cannot be read; others may refer to it all the same. */
export type StepDraft = { readonly id: string; readonly path: Path } & (
  | { readonly kind: "tool"; readonly source: ToolStepSource }
  | { readonly kind: "value"; readonly source: ValueStepSource }
  | { readonly kind: "wait"; readonly source: WaitStepSource }
  | { readonly kind: "opaque" }
);

export function readSteps(steps: JsonObject, report: Report): readonly StepDraft[] {
  const entries = Object.entries(steps);
  if (entries.length === 0) report.error(["steps"], { code: "no-steps", message: "a plan has at least one step" });
  if (entries.length > MAX_STEPS_PER_PLAN) {
    report.error(["steps"], { code: "too-many-steps", message: `a plan has at most ${MAX_STEPS_PER_PLAN} steps` });
    return [];
  }
  return entries.map(([id, value]) => readStep(id, value, report));
}

/** A name that could be an id: `fetch-all` as `fetchAll`. */
export function idFrom(name: string): string | undefined {
  const joined = name
    .replaceAll(/[^A-Za-z0-9_]+([A-Za-z0-9])/g, (_, next: string) => next.toUpperCase())
    .replaceAll(/[^A-Za-z0-9_]/g, "");
  const id = joined.slice(0, 1).toLowerCase() + joined.slice(1);
  return stepId.safeParse(id).success ? id : undefined;
}

function readStep(id: string, value: Json, report: Report): StepDraft {
  const path = ["steps", id];
  checkId(id, path, report);
  if (!isJsonObject(value)) {
    const message = `a step is a mapping with one of ${KINDS.join(", ")}; this is ${describeJson(value)}`;
    report.error(path, { code: "wrong-type", message });
    return { id, path, kind: "opaque" };
  }
  const kind = kindOf(value, path, report);
  return kind === undefined ? { id, path, kind: "opaque" } : readKind(kind, { id, path, value }, report);
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
  const later = words.find((word) => LATER_KINDS.includes(word));
  const [word, meant] = mistypedKind(words) ?? [];
  if (later !== undefined) {
    report.error([...path, later], notAvailableYet(later), { key: true });
  } else if (word !== undefined) {
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

interface Written {
  readonly id: string;
  readonly path: Path;
  readonly value: JsonObject;
}

function readKind(kind: Kind, { id, path, value }: Written, report: Report): StepDraft {
  const part = { value, path, vocabulary: STEPS[kind] };
  const opaque: StepDraft = { id, path, kind: "opaque" };
  switch (kind) {
    case "tool": {
      const source = readPart(toolStepSource, part, report);
      return source === undefined ? opaque : { id, path, kind, source };
    }
    case "value": {
      const source = readPart(valueStepSource, part, report);
      return source === undefined ? opaque : { id, path, kind, source };
    }
    case "wait": {
      const source = readPart(waitStepSource, part, report);
      return source === undefined ? opaque : { id, path, kind, source };
    }
  }
}
