import { actionNamed } from "#src/planning/prediction/terms.ts";
import { isAddress, wantsAddress } from "#src/planning/binding/clause-span.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { FORMATS } from "#src/planning/binding/file-formats.ts";
import { TARGET } from "#src/planning/binding/said-addresses.ts";
import { feedOf } from "#src/planning/graph/data-flow.ts";
import type { Span } from "#src/planning/binding/spans.ts";
import { freeSpans, type Found, type Making, type Wanted } from "#src/planning/drafting/making.ts";

// What nobody said is asked of another tool: where an argument has no value of its kind, a call is put before that gives one.
//
// C1. Only tools that read are put before, and only where their own required arguments are all there.
// C2. Bounded: so many calls in a row (`depth`), so many tools tried for each.
// C3. A call that is made already is not made twice.

const MAX_GIVERS = 8;
/** What one more call must be worth. */
const COST = 0.15;
const SURE_FEED = 0.84;
const WEIGHT = { fit: 0.2, format: 0.3, reads: 0.2 };

/** What is at an address of the clause, where the thing itself is wanted. */
export function readFrom(wanted: Wanted): Found | undefined {
  const { parameter, around, depth } = wanted;
  if (depth <= 0) return undefined;
  const span = freeSpans(wanted).find((one) => isAddress(one) && !TARGET.has(one.left));
  if (span === undefined) return undefined;
  const givers = around.entries.flatMap((giver, at): readonly Giver[] => {
    if (!canRead(giver, span) || giver === wanted.entry) return [];
    const { path, fit } = contentOf(giver, parameter);
    const worth = fit + formatFit(giver, span) * WEIGHT.format + (around.fitting[at] ?? 0) * WEIGHT.fit + reads(giver);
    return fit === 0 ? [] : [{ giver, path, worth }];
  });
  return bestOf(givers, wanted, (made) => made.used.some(({ from }) => from === span.from));
}

/** What the kind of the argument names, as other tools give it: the sky-id of an airport. */
export function givenByOthers(wanted: Wanted): Found | undefined {
  const { parameter, around, depth, entry } = wanted;
  if (depth <= 0 || !parameter.isRequired) return undefined;
  const feeders = around.feeders[around.entries.indexOf(entry)] ?? new Map<number, number>();
  const givers = [...feeders.keys()].flatMap((at): readonly Giver[] => {
    const giver = around.entries[at];
    if (giver?.sideEffects !== "read") return [];
    const { path, fit } = fieldFor(giver, parameter);
    return fit < SURE_FEED ? [] : [{ giver, path, worth: fit + (around.fitting[at] ?? 0) * WEIGHT.fit }];
  });
  return bestOf(givers, { ...wanted, role: parameter.meaning.qualifiers }, () => true);
}

interface Giver {
  readonly giver: CatalogEntry;
  readonly path: readonly string[];
  readonly worth: number;
}

function bestOf(
  givers: readonly Giver[],
  { making, around, depth, role }: Wanted,
  isRight: (made: Making) => boolean,
): Found | undefined {
  const ranked = givers.toSorted((one, other) => other.worth - one.worth).slice(0, MAX_GIVERS);
  for (const { giver, path, worth } of ranked) {
    const made = around.call(giver, making, {
      around,
      depth: depth - 1,
      role,
      isGiver: true,
    });
    const call = made.calls.at(-1);
    if (call === undefined || call.missing.length > 0 || !isRight(made)) continue;
    const before = making.calls.findIndex((one) => isSame(one, call));
    const evidence = Math.min(1, worth) / 2 - COST;
    if (before >= 0)
      return {
        source: { kind: "output", call: before, path },
        evidence,
        making: { ...making, used: made.used },
      };
    return {
      source: { kind: "output", call: made.calls.length - 1, path },
      evidence,
      making: { ...made, evidence: making.evidence },
    };
  }
  return undefined;
}

/** C3. */
function isSame(one: Making["calls"][number], other: Making["calls"][number]): boolean {
  return one.tool === other.tool && JSON.stringify(valuesOf(one)) === JSON.stringify(valuesOf(other));
}

function valuesOf({ arguments: given }: Making["calls"][number]): readonly unknown[] {
  return Object.entries(given).map(([name, source]) => [name, "value" in source ? source.value : source]);
}

function canRead({ sideEffects, parameters }: CatalogEntry, { kind }: Span): boolean {
  return (
    sideEffects === "read" &&
    parameters.some(
      (one) => one.isRequired && one.path.length === 1 && wantsAddress(one) && one.meaning.kinds.includes(kind),
    )
  );
}

const FIT = { whole: 1, field: 0.9, any: 0.3, written: 0.4 };

/** Where in what a tool gives the thing itself is, and how surely: all of it where that is a text. */
export function contentOf(giver: CatalogEntry, parameter: MeantField): { path: readonly string[]; fit: number } {
  const [root] = giver.outputs;
  if (root === undefined) return { path: [], fit: 0 };
  if (parameter.type === "any") return { path: [], fit: FIT.whole };
  if (root.type === "string") return { path: [], fit: FIT.whole };
  const field = giver.outputs.find(
    ({ path, type, meaning }) => path.length === 1 && type === "string" && meaning.kinds.includes("text"),
  );
  if (field !== undefined) return { path: field.path, fit: FIT.field };
  const only = giver.outputs.filter(({ path, type }) => path.length === 1 && path[0] !== "*" && type === "string");
  if (only.length === 1 && only[0] !== undefined) return { path: only[0].path, fit: FIT.written };
  return root.type === "any" ? { path: [], fit: FIT.any } : { path: [], fit: 0 };
}

/** The field that feeds an argument best. */
export function fieldFor(giver: CatalogEntry, parameter: MeantField): { path: readonly string[]; fit: number } {
  return giver.outputs
    .map((output) => ({ path: output.path, fit: feedOf(output, parameter) }))
    .reduce((one, other) => (other.fit > one.fit ? other : one), {
      path: new Array<string>(),
      fit: 0,
    });
}

/** One for a tool that is named after the format of the file, less than nothing for one that is named after another. */
export function formatFit({ nameWords }: CatalogEntry, { words }: Pick<Span, "words">): number {
  const extension = /\.([a-z0-9]{1,5})(?:[?#].*)?$/i.exec(words)?.[1]?.toLowerCase() ?? "";
  const named = nameWords.filter((word) => FORMATS.has(word));
  if (named.length === 0) return 0;
  return named.includes(extension) ? 1 : -1;
}

function reads({ nameWords }: CatalogEntry): number {
  const action = nameWords.map(actionNamed).find((one) => one !== undefined);
  return action === "read" || action === "find" ? WEIGHT.reads : 0;
}
