import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import type { FieldType } from "#src/planning/catalog/fields.ts";
import { canBecome, feedOf } from "#src/planning/graph/data-flow.ts";
import { hint, isSpelledAlike } from "#src/planning/with-model/step-order.ts";

// Which part of an earlier step's output a model means: what is declared there, in the type that is wanted. What a schema does not speak
// of may be there all the same, and is left to the check of the plan.

export type OutputPart =
  | { readonly ok: true; readonly path: readonly string[]; readonly isMended: boolean }
  | { readonly ok: false; readonly why: string };

export interface Flow {
  readonly from: CatalogEntry;
  readonly to: CatalogEntry;
  /** What it is for; undefined for a text. */
  readonly parameter: Pick<MeantField, "type" | "path" | "meaning"> | undefined;
}

/** From this fit on another part is surely what was meant. */
const SURE_FIT = 0.8;

export function outputPart(written: readonly (string | number)[], flow: Flow): OutputPart {
  const { from, parameter } = flow;
  const walked = walk(written, from);
  const wanted: FieldType = parameter?.type ?? "any";
  if (walked.ok && (walked.type === undefined || canBecome(walked.type, wanted))) {
    return { ok: true, path: walked.path, isMended: walked.isMended };
  }
  const path = meantInstead(walked.ok ? walked.path : [], flow);
  if (path !== undefined) return { ok: true, path, isMended: true };
  return {
    ok: false,
    why: walked.ok ? `its ${nameOf(walked.path)} is a ${walked.type}, wanted is a ${wanted}` : walked.why,
  };
}

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? "output" : path.join(".");
}

interface Place {
  readonly ok: true;
  readonly path: readonly string[];
  /** Undefined where the schema does not speak of it. */
  readonly type: FieldType | undefined;
  readonly isMended: boolean;
}

type Walked = Place | { readonly ok: false; readonly why: string };

function walk(written: readonly (string | number)[], { outputs }: CatalogEntry): Walked {
  const whole = outputs.find(({ path }) => path.length === 0)?.type;
  let at: Walked = { ok: true, path: [], type: whole, isMended: false };
  for (const step of written) {
    if (!at.ok) return at;
    at = at.type === "array" && isIndex(step) ? itemOf(at, step, outputs) : fieldOf(at, step, outputs);
  }
  return at;
}

function isIndex(step: string | number): boolean {
  return step === "*" || Number.isInteger(Number(step));
}

function itemOf(list: Place, step: string | number, outputs: readonly MeantField[]): Walked {
  if (step !== "*" && Number(step) !== 0) {
    return { ok: false, why: `of a list the first item (0) can be named, not ${step}` };
  }
  return { ...list, path: [...list.path, "*"], type: childrenOf(list.path, outputs)[0]?.type };
}

function fieldOf({ path, isMended }: Place, step: string | number, outputs: readonly MeantField[]): Walked {
  const children = childrenOf(path, outputs);
  const names = children.map((child) => child.path.at(-1) ?? "");
  const name = names.find((one) => one === String(step)) ?? onlyAlike(names, String(step));
  if (name === undefined && children.length > 0) {
    const known = names.map(asWritten).join(", ");
    return { ok: false, why: `its ${nameOf(path)} has no ${step}, but ${known}${hint(String(step), names)}` };
  }
  return {
    ok: true,
    path: [...path, name ?? String(step)],
    type: children.find((child) => child.path.at(-1) === name)?.type,
    isMended: isMended || (name !== undefined && name !== step),
  };
}

function childrenOf(path: readonly string[], outputs: readonly MeantField[]): readonly MeantField[] {
  return outputs.filter((field) => {
    return field.path.length === path.length + 1 && path.every((name, at) => field.path[at] === name);
  });
}

/** As models write paths. */
function asWritten(name: string): string {
  return name === "*" ? "items: name the first one by 0" : name;
}

function onlyAlike(names: readonly string[], name: string): string | undefined {
  const alike = names.filter((one) => isSpelledAlike(one, name));
  return alike.length === 1 ? alike[0] : undefined;
}

/** The part within what was named that is what the argument means, if one surely is. */
function meantInstead(within: readonly string[], { from, to, parameter }: Flow): readonly string[] | undefined {
  const wanted = parameter && to.parameters.find(({ path }) => path.join(".") === parameter.path.join("."));
  if (wanted === undefined) return undefined;
  const inside = from.outputs.filter(
    ({ path }) => path.length > within.length && within.every((name, at) => path[at] === name),
  );
  const fits = inside.map((output) => ({ output, fit: feedOf(output, wanted) }));
  const best = fits.reduce<(typeof fits)[number] | undefined>(
    (one, other) => ((one?.fit ?? 0) >= other.fit ? one : other),
    undefined,
  );
  return best !== undefined && best.fit >= SURE_FIT ? best.output.path : undefined;
}
