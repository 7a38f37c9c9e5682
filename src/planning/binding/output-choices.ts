import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { feedOf } from "#src/planning/graph/data-flow.ts";
import { slotKey, type Habits } from "#src/planning/binding/habits.ts";
import { flag, type Choice, type Slot } from "#src/planning/binding/slot.ts";
import type { OutputSource, Source } from "#src/planning/binding/source.ts";

// Outputs of calls before, as what an argument could be: those whose schema says that they mean it, and those that plans before have
// used. Of several calls of one tool the role of the argument decides: where the other argument of an origin is from.

const MAX_OUTPUTS = 4;
const LEAST_FEED = 0.3;
const MAX_DISTANCE = 4;

/** None where a parameter has options: what an output will be is not known, and most are none of them. */
export function outputChoices(slot: Slot, habits: Habits): readonly Choice[] {
  if (slot.parameter.options !== undefined) return [];
  const ordinals = new Map<string, number>();
  return slot.before.flatMap(({ tool }, call): readonly Choice[] => {
    const nth = ordinals.get(tool) ?? 0;
    ordinals.set(tool, nth + 1);
    const from = slot.entries.find(({ name }) => name === tool);
    return from === undefined
      ? []
      : fieldsOf(from, slot, habits).map((field) => choiceOf(field, slot, { call, nth, tool }));
  });
}

interface Given {
  readonly path: readonly string[];
  readonly fit: number;
  /** Of past calls, how many took it from there. */
  readonly usual: number;
}

function fieldsOf(from: CatalogEntry, { entry, parameter }: Slot, habits: Habits): readonly Given[] {
  const usual = new Map(
    habits
      .outputs(slotKey(entry.name, parameter))
      .filter(({ tool }) => tool === from.name)
      .map(({ path, share }) => [path, share]),
  );
  const declared = from.outputs
    .map(({ path, ...output }) => ({
      path,
      fit: feedOf({ path, ...output }, parameter),
      usual: usual.get(path.join(".")) ?? 0,
    }))
    .sort((one, other) => other.fit - one.fit);
  const names = new Set(declared.map(({ path }) => path.join(".")));
  // What a schema does not speak of may be there all the same: plans before have used it.
  const unsaid = [...usual].flatMap(([path, share]) =>
    names.has(path) ? [] : [{ path: path === "" ? [] : path.split("."), fit: 0, usual: share }],
  );
  return [...declared.filter((one, at) => (one.fit >= LEAST_FEED && at < MAX_OUTPUTS) || one.usual > 0), ...unsaid];
}

function choiceOf(
  { path, fit, usual }: Given,
  slot: Slot,
  { call, nth, tool }: { readonly call: number; readonly nth: number; readonly tool: string },
): Choice {
  const { parameter, before } = slot;
  const key = slotKey(slot.entry.name, parameter);
  const from = `${key}|from:${tool}.${path.join(".")}`;
  return {
    source: { kind: "output", call, path },
    features: [
      ["output", 1],
      ["feed", fit],
      [parameter.isRequired ? "output:required" : "output:optional", 1],
      [from, 1],
      [`${from}#${nth}`, 1],
      [`${key}|output`, 1],
      ["usual", usual],
      flag("ordinalFits", ordinalFits(slot, nth)),
      flag("ordinalWrong", isOfAnother(slot, call)),
      flag("twin", isTwin(slot, call)),
      ["distance", Math.min(MAX_DISTANCE, before.length - 1 - call)],
      flag("inList", path.includes("*")),
    ],
  };
}

/** The first of several parameters of a kind is fed by the first of several calls of a tool. */
function ordinalFits({ entry, parameter }: Slot, nth: number): boolean {
  const alike = entry.parameters.filter((one) => isAlike(one, parameter));
  return alike.length > 1 && alike.indexOf(parameter) === nth;
}

/** Another argument of this kind comes from there: "destinationSkyId" is not from where "originSkyId" is. */
function isOfAnother({ entry, parameter, bound }: Slot, call: number): boolean {
  return entry.parameters.some(
    (other) => other !== parameter && isAlike(other, parameter) && outputOf(bound, other)?.call === call,
  );
}

/** Another argument of the same role comes from there: "originSkyId" and "originEntityId". */
function isTwin({ entry, parameter, bound }: Slot, call: number): boolean {
  const role = roleOf(parameter);
  return (
    role !== "" &&
    entry.parameters.some(
      (other) => other !== parameter && role === roleOf(other) && outputOf(bound, other)?.call === call,
    )
  );
}

function isAlike(one: MeantField, other: MeantField): boolean {
  return one.meaning.kinds[0] === other.meaning.kinds[0];
}

function roleOf({ meaning }: MeantField): string {
  return meaning.qualifiers.join(" ");
}

function outputOf(bound: Readonly<Record<string, Source>>, { path }: MeantField): OutputSource | undefined {
  const source = bound[path[0] ?? ""];
  return source?.kind === "output" ? source : undefined;
}
