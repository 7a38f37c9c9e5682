import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

/** What steps are drawn with. */
export interface Drawing {
  readonly random: SeededRandom;
  /** The plans that are called, by name. */
  readonly calls: Record<string, Json>;
  /** Of the ids: no two steps of a plan have one. */
  readonly prefix: string;
  /** How deep steps may still stand inside each other. */
  readonly depth: number;
}

/** What a step that is drawn has before its kind is. */
export interface Begun {
  readonly id: string;
  readonly needs: readonly string[];
  readonly join: Json;
  readonly [word: string]: Json;
}
