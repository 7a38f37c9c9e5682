import type { Analysis } from "#src/planning/analysis/analyse.ts";
import type { FoundValue, ValueKind } from "#src/planning/analysis/value.ts";
import { callsIn, type Call, type Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";

// "The weather in Oslo, Rome and Paris": a call that takes one value of a list in the request is made for the others as well, with all
// that goes on from it.
//
// L1. Only what reads is repeated: whether something is to be done to several things is for whoever asks to say.
// L2. Nothing is repeated where another call has a value of the list, or where one takes lists: then the list is understood already.
// L3. There are MAX_CALLS calls at most; of a longer list no call is repeated.

export interface Listing {
  readonly analysis: Pick<Analysis, "values" | "text">;
  readonly entries: readonly CatalogEntry[];
}

const MAX_CALLS = 16;

export function listedCalls<C extends Call>(calls: readonly C[], listing: Listing): readonly C[] {
  for (const run of runsIn(listing)) {
    const first = calls.findIndex((call) => takes(call, run));
    if (first === -1 || calls.some((call, at) => at !== first && takes(call, run))) continue;
    const chain = chainFrom(first, calls);
    const parameter = parameterOf(calls[first], run);
    if (parameter === undefined || !isRepeatable(chain, calls, listing)) continue;
    const repeated = repeatedFor(calls, {
      chain,
      first,
      parameter,
      values: run.filter((value) => !isTaken(calls[first], value)),
    });
    if (repeated.length <= MAX_CALLS) return repeated;
  }
  return calls;
}

/** Kinds of which a list says several things; several numbers or times mostly are one thing. */
const LISTED: ReadonlySet<ValueKind> = new Set<ValueKind>(["name", "quoted", "path", "url", "identifier", "email"]);
const BETWEEN = /^\s*(?:,|;|&|\band\b|,\s*and\b|\bas well as\b)\s*(?:(?:for|in|of|at|to|the|from)\s+)*$/i;
/** What stands before two ends of one thing. */
const ENDS = /\bbetween\s*$/i;

/** Values of one kind, next to each other, two or more. */
function runsIn({ analysis: { values: found, text } }: Listing): readonly (readonly FoundValue[])[] {
  const values = found.filter(({ kind }) => LISTED.has(kind)).toSorted((a, b) => a.from - b.from);
  const runs: FoundValue[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows = last?.kind === value.kind && BETWEEN.test(text.slice(last.to, value.from));
    if (run !== undefined && follows) run.push(value);
    else runs.push([value]);
  }
  return runs.filter(([first, ...more]) => more.length > 0 && !ENDS.test(text.slice(0, first?.from)));
}

function takes(call: Call, run: readonly FoundValue[]): boolean {
  return run.some((value) => isTaken(call, value));
}

function isTaken(call: Call | undefined, value: FoundValue): boolean {
  return Object.values(call?.arguments ?? {}).some((source) => isOf(source, value));
}

function isOf(source: Source, { from, to }: FoundValue): boolean {
  return source.kind === "said" && source.said.from < to && source.said.to > from;
}

/** The one argument that is exactly a value of the list; L2. */
function parameterOf(call: Call | undefined, run: readonly FoundValue[]): string | undefined {
  const taken = Object.entries(call?.arguments ?? {}).filter(([, source]) => run.some((value) => isOf(source, value)));
  const [[name, source] = []] = taken;
  if (name === undefined || source?.kind !== "said" || taken.length > 1) return undefined;
  return run.some(({ from, to, value }) => source.said.from === from && source.said.to === to && source.value === value)
    ? name
    : undefined;
}

/** The call and all that take something of it, in their order. */
function chainFrom(first: number, calls: readonly Call[]): readonly number[] {
  const chain = new Set([first]);
  calls.forEach((call, at) => {
    if (before(call).some((other) => chain.has(other))) chain.add(at);
  });
  return [...chain].toSorted((a, b) => a - b);
}

function before({ arguments: given, after = [] }: Call): readonly number[] {
  return [...Object.values(given).flatMap(callsIn), ...after];
}

/** L1. */
function isRepeatable(chain: readonly number[], calls: readonly Call[], { entries }: Listing): boolean {
  return chain.every((at) => entries.find(({ name }) => name === calls[at]?.tool)?.sideEffects === "read");
}

interface Repeating {
  readonly chain: readonly number[];
  readonly first: number;
  readonly parameter: string;
  readonly values: readonly FoundValue[];
}

function repeatedFor<C extends Call>(
  calls: readonly C[],
  { chain, first, parameter, values }: Repeating,
): readonly C[] {
  const all = [...calls];
  for (const { value, from, to, words } of values) {
    const moved = new Map(chain.map((at, nth) => [at, all.length + nth]));
    const copies = chain.flatMap((at) => (calls[at] === undefined ? [] : [movedCall(calls[at], moved)]));
    const [head, ...rest] = copies;
    if (head === undefined || chain[0] !== first) return calls;
    const said: Source = { kind: "said", value, said: { from, to, words } };
    all.push({ ...head, arguments: { ...head.arguments, [parameter]: said } }, ...rest);
  }
  return all;
}

function movedCall<C extends Call>(call: C, moved: ReadonlyMap<number, number>): C {
  const of = (at: number): number => moved.get(at) ?? at;
  const source = (one: Source): Source => {
    if (one.kind === "output") return { ...one, call: of(one.call) };
    if (one.kind !== "text") return one;
    return {
      ...one,
      parts: one.parts.map((part) => (typeof part === "string" ? part : { ...part, call: of(part.call) })),
    };
  };
  const given = Object.entries(call.arguments).map(([name, one]) => [name, source(one)] as const);
  return {
    ...call,
    arguments: Object.fromEntries(given),
    ...(call.after === undefined ? {} : { after: call.after.map(of) }),
  };
}
