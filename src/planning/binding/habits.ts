import { json, type Json } from "#events/json.ts";
import type { OutputSource, PastArgument, PastPlan } from "#src/planning/binding/source.ts";

// What arguments of past calls were, counted by tool and parameter: constants, fields of other tools' outputs, texts around outputs.
//
// H1. What stands in the request that a plan was made for is no habit, and neither is what was so only once.

export interface Habits {
  /** `key` is tool and parameter, as {@link slotKey} joins them. */
  constants(key: string): readonly { readonly value: Json; readonly share: number }[];
  outputs(key: string): readonly { readonly tool: string; readonly path: string; readonly share: number }[];
  texts(key: string): readonly (readonly TextPart[])[];
}

export type TextPart =
  | string
  /** A number of the request. */
  | { readonly kind: "number" }
  | { readonly kind: "output"; readonly tool: string; readonly path: readonly string[] };

export const NO_HABITS: Habits = { constants: () => [], outputs: () => [], texts: () => [] };

export function slotKey(tool: string, { path }: { readonly path: readonly string[] }): string {
  return `${tool}.${path.join(".")}`;
}

const MAX_CONSTANTS = 3;
const LEAST_TIMES = 2;
const MAX_TEXTS = 3;

type Counts = Map<string, Map<string, number>>;

interface Seen extends Readonly<Record<"constants" | "outputs" | "texts", Counts>> {
  /** Of each text by which it is counted. */
  readonly parts: Map<string, readonly TextPart[]>;
}

export function habitsOf(past: readonly PastPlan[]): Habits {
  const calls = new Map<string, number>();
  const parts = new Map<string, readonly TextPart[]>();
  const seen: Seen = { constants: new Map(), outputs: new Map(), texts: new Map(), parts };
  for (const plan of past)
    for (const { tool, arguments: given } of plan.calls) {
      calls.set(tool, (calls.get(tool) ?? 0) + 1);
      for (const [name, argument] of Object.entries(given))
        count(seen, slotKey(tool, { path: [name] }), { argument, plan });
    }
  const shares = (counts: Counts, key: string): readonly { one: string; times: number; share: number }[] => {
    const all = calls.get(key.slice(0, key.lastIndexOf("."))) ?? 1;
    const own = [...(counts.get(key) ?? [])].map(([one, times]) => ({ one, times, share: times / all }));
    return own.sort((one, other) => other.share - one.share);
  };
  return {
    constants: (key) =>
      shares(seen.constants, key)
        .filter(({ times }) => times >= LEAST_TIMES)
        .slice(0, MAX_CONSTANTS)
        .map(({ one, share }) => ({ value: json.parse(JSON.parse(one)), share })),
    outputs: (key) =>
      shares(seen.outputs, key).map(({ one, share }) => {
        const at = one.indexOf(" ");
        return { tool: one.slice(0, at), path: one.slice(at + 1), share };
      }),
    texts: (key) =>
      shares(seen.texts, key)
        .slice(0, MAX_TEXTS)
        .map(({ one }) => parts.get(one) ?? []),
  };
}

function count(
  seen: Seen,
  key: string,
  { argument, plan }: { readonly argument: PastArgument; readonly plan: PastPlan },
): void {
  switch (argument.kind) {
    case "value":
      if (!isSaid(argument.value, plan.request)) add(seen.constants, key, JSON.stringify(argument.value));
      break;
    case "output":
      add(seen.outputs, key, `${toolOf(argument, plan)} ${argument.path.join(".")}`);
      break;
    case "text": {
      const pieces = argument.parts.flatMap((part) => piecesOf(part, plan));
      seen.parts.set(JSON.stringify(pieces), pieces);
      add(seen.texts, key, JSON.stringify(pieces));
      break;
    }
  }
}

const NUMBER = /(\d+(?:\.\d+)?)/;

function piecesOf(part: string | OutputSource, plan: PastPlan): readonly TextPart[] {
  if (typeof part !== "string") return [{ kind: "output", tool: toolOf(part, plan), path: part.path }];
  const pieces = part.split(NUMBER).map((piece, at): TextPart => (at % 2 === 1 ? { kind: "number" } : piece));
  return pieces.filter((piece) => piece !== "");
}

function toolOf({ call }: OutputSource, { calls }: PastPlan): string {
  return calls[call]?.tool ?? "";
}

function add(counts: Counts, key: string, value: string): void {
  const own = counts.get(key) ?? new Map<string, number>();
  counts.set(key, own.set(value, (own.get(value) ?? 0) + 1));
}

/** H1. */
function isSaid(value: Json, request: string): boolean {
  const isScalar = typeof value === "string" || typeof value === "number";
  return isScalar && request.toLowerCase().includes(String(value).toLowerCase());
}
