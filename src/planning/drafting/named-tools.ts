import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";

// "Use south.get_weather to …": a tool that is called by its name is the one that is meant, and none that is like it.
//
// N1. By the whole name, as it is written. In a prohibition it is named to be left out.
// N2. It takes the place of a call that is made with the same arguments; where there is none, drafts stay as they are.

interface Drafted {
  readonly calls: readonly { readonly tool: string }[];
}

export function withNamed<D extends Drafted>(
  drafts: readonly D[],
  entries: readonly CatalogEntry[],
  analysis: Analysis,
): readonly D[] {
  const named = namedIn(analysis, entries);
  if (named.length === 0) return drafts;
  const instead = drafts.map((draft) =>
    named.reduce((one, entry) => withInstead(one, { entry, named, entries }), draft),
  );
  const isNaming = ({ calls }: D): boolean => named.every(({ name }) => calls.some(({ tool }) => tool === name));
  return [...instead.filter(isNaming), ...instead.filter((one) => !isNaming(one))];
}

/** N1. */
function namedIn({ text, constraints }: Analysis, entries: readonly CatalogEntry[]): readonly CatalogEntry[] {
  let said = "";
  let at = 0;
  for (const { from, to } of constraints.filter(({ kind }) => kind === "forbidden")) {
    said += `${text.slice(at, Math.max(at, from))} `;
    at = Math.max(at, to);
  }
  said += text.slice(at);
  const words = new Set(said.split(/[^\p{L}\p{N}_.-]+/u).map((word) => word.replace(/[.-]+$/u, "")));
  return entries.filter(({ name }) => /[._-]/.test(name) && words.has(name));
}

interface Named {
  readonly entry: CatalogEntry;
  readonly named: readonly CatalogEntry[];
  readonly entries: readonly CatalogEntry[];
}

/** N2. */
function withInstead<D extends Drafted>(draft: D, { entry, named, entries }: Named): D {
  if (draft.calls.some(({ tool }) => tool === entry.name)) return draft;
  const place = draft.calls.findIndex((call) => {
    const other = entries.find(({ name }) => name === call.tool);
    return other !== undefined && !named.includes(other) && isAlike(other, entry);
  });
  if (place < 0) return draft;
  const calls = draft.calls.map((call, at) => (at === place ? { ...call, tool: entry.name } : call));
  return { ...draft, calls };
}

/** With the same arguments, of the same types. */
function isAlike(one: CatalogEntry, other: CatalogEntry): boolean {
  const formOf = ({ parameters }: CatalogEntry): string =>
    JSON.stringify(parameters.map(({ path, type, isRequired }) => [path, type, isRequired]).sort());
  return formOf(one) === formOf(other);
}
