import type { Json } from "#events/json.ts";
import type { PastPlan } from "#src/planning/binding/source.ts";

// What arguments of past calls were, counted by tool and parameter: constants, fields of other tools' outputs, texts around outputs.

export interface Habits {
  constants(key: string): readonly { readonly value: Json; readonly share: number }[];
  outputs(key: string): readonly { readonly tool: string; readonly path: string; readonly share: number }[];
  texts(key: string): readonly (readonly TextPart[])[];
}

export type TextPart =
  | string
  | { readonly kind: "number" }
  | { readonly kind: "output"; readonly tool: string; readonly path: readonly string[] };

export const NO_HABITS: Habits = { constants: () => [], outputs: () => [], texts: () => [] };

const MAX_CONSTANTS = 3;
const MAX_TEXTS = 3;
const NUMBER = /(\d+(?:\.\d+)?)/;

export function habitsOf(past: readonly PastPlan[]): Habits {
  const calls = new Map<string, number>();
  const constants = new Map<string, Map<string, number>>();
  const outputs = new Map<string, Map<string, number>>();
  const texts = new Map<string, Map<string, readonly TextPart[]>>();
  for (const plan of past)
    for (const { tool, arguments: given } of plan.calls) {
      calls.set(tool, (calls.get(tool) ?? 0) + 1);
      for (const [name, argument] of Object.entries(given)) {
        const key = `${tool}.${name}`;
        if (argument.kind === "value") {
          if (!isSaid(argument.value, plan.request)) count(constants, key, JSON.stringify(argument.value));
        } else if (argument.kind === "output")
          count(outputs, key, `${plan.calls[argument.call]?.tool ?? ""} ${argument.path.join(".")}`);
        else {
          const parts = argument.parts.flatMap((part): readonly TextPart[] =>
            typeof part === "string"
              ? part.split(NUMBER).flatMap((piece, at): readonly TextPart[] => (piece === "" ? [] : [at % 2 === 1 ? { kind: "number" } : piece]))
              : [{ kind: "output", tool: plan.calls[part.call]?.tool ?? "", path: part.path }],
          );
          texts.set(key, (texts.get(key) ?? new Map()).set(JSON.stringify(parts), parts));
        }
      }
    }
  const shares = (counts: ReadonlyMap<string, number> | undefined, key: string): readonly [string, number][] => {
    const all = calls.get(key.slice(0, key.lastIndexOf("."))) ?? 1;
    return [...(counts ?? [])].map(([one, times]): [string, number] => [one, times / all]).sort((one, other) => other[1] - one[1]);
  };
  return {
    constants: (key) => shares(constants.get(key), key).slice(0, MAX_CONSTANTS).map(([value, share]) => ({ value: JSON.parse(value), share })),
    outputs: (key) =>
      shares(outputs.get(key), key).map(([from, share]) => ({ tool: from.slice(0, from.indexOf(" ")), path: from.slice(from.indexOf(" ") + 1), share })),
    texts: (key) => [...(texts.get(key)?.values() ?? [])].slice(0, MAX_TEXTS),
  };
}

function count(counts: Map<string, Map<string, number>>, key: string, value: string): void {
  const own = counts.get(key) ?? new Map<string, number>();
  counts.set(key, own.set(value, (own.get(value) ?? 0) + 1));
}

function isSaid(value: Json, request: string): boolean {
  return (typeof value === "string" || typeof value === "number") && request.toLowerCase().includes(String(value).toLowerCase());
}
