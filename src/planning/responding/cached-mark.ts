import type { Json } from "#events/json.ts";

// What an answer says where it stands on what a call had given before: how old that is.
//
// C1. It is said of what the step gave, not of why: where the call was answered after all, and as before, it is as true.

/** What a step falls back to where its call is not answered. */
export interface CachedAnswer {
  /** Of the step. */
  readonly id: string;
  readonly tool: string;
  readonly output: Json;
  /** In words: `3 h`. */
  readonly age: string;
}

/** The text of the output is compared at both ends: an expression has a bound. */
const COMPARED_CHARS = 500;

/** An expression that is a sentence behind another one, or nothing. */
export function cachedMark({ id, tool, output, age }: CachedAnswer): string {
  const text = JSON.stringify(output);
  const given = `json(steps.${id}.output)`;
  const isSame = [
    `${given}.startsWith(${JSON.stringify(text.slice(0, COMPARED_CHARS).toWellFormed())})`,
    `${given}.endsWith(${JSON.stringify(text.slice(-COMPARED_CHARS).toWellFormed())})`,
  ].join(" && ");
  return `\${${isSame} ? ${JSON.stringify(` This is as ${nameOf(tool)} gave it ${age} before.`)} : ""}`;
}

/** A name as it is said: nothing in it ends the sentence, or begins anything. */
function nameOf(tool: string): string {
  return tool.replaceAll(/[^A-Za-z0-9_.-]/g, " ");
}
