import { SeededRandom } from "#src/testing/seeded-random.ts";

/** The case's own chance: no case needs the ones before it. */
export function randomOf(seed: number, number: number): SeededRandom {
  return new SeededRandom(seed, number);
}
