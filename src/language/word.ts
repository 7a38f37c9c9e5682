import type { Json } from "#events/json.ts";

/** A word of the plan language as people are told of it: editors' hovers and docs/plan-reference.md say the same. */
export interface Word {
  readonly meaning: string;
  /** What counts where the word is not there. */
  readonly preset?: Json;
  /** The same in words, where it depends on something else. */
  readonly otherwise?: string;
  /** A value of the word; it is accepted where the word may stand. */
  readonly example: Json;
}

export type Words = Readonly<Record<string, Word>>;
