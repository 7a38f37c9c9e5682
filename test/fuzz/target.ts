import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

// What is fuzzed: a border of the program, a way to draw hostile input for it, and one to hand that input over.
//
// T1. An input is JSON, so that it can be printed, shrunk and handed over again. `run` takes any JSON: what has not the
//     shape of its inputs comes to nothing.
// T2. `draw` reads nothing but the seed. A case does not need the ones before it.
// T3. `run` rejects where the program did what it must never do; a refusal that is documented is a result like others.

export interface Target extends AsyncDisposable {
  draw(random: SeededRandom): Json;
  /** What came of it, in one or two words: the tally shows that a run met more than refusals. */
  run(input: Json): Promise<string>;
}

/** Where a lane of cases lives. */
export interface Place {
  /** The only folder in which anything may be written. */
  readonly folder: string;
  /** A file beside it that nobody is to read or change, as a path from the folder. */
  readonly forbidden: string;
  /** Text that stands only in that file. */
  readonly marker: string;
}

export type OpenTarget = (place: Place) => Promise<Target>;
export type Targets = Readonly<Record<string, OpenTarget>>;

/** What the program must never do, said by a target. */
export class Violation extends Error {
  override readonly name = "Violation";
}
