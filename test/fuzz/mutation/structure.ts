import type { Json } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { hostileValue, KEYS } from "./hostile-values.ts";

// Changes a JSON value the way a hostile or careless writer would: parts lost, doubled, moved, renamed, of another kind.
// What comes out shares nothing that anybody changes with what went in.

/** `words` are names that mean something where the value is read. */
export function mutated(source: Json, random: SeededRandom, words: readonly string[]): Json {
  const spots = spotsOf(source);
  const spot = random.pick(spots);
  const change = random.pick(CHANGES);
  return replaced(source, spot.path, (value) => change(value, { random, words, donor: random.pick(spots).value }));
}

interface Around {
  readonly random: SeededRandom;
  readonly words: readonly string[];
  /** Some other part of the same value. */
  readonly donor: Json;
}

type Change = (value: Json, around: Around) => Json | undefined;

/** Undefined takes the part away. */
const CHANGES: readonly Change[] = [
  () => undefined,
  (_, { random }) => hostileValue(random),
  (_, { random }) => hostileValue(random),
  (_, { donor }) => donor,
  (value) => [value],
  (value, { random, words }) => ({ [random.pick(words)]: value }),
  (value, around) => (isJsonObject(value) ? withMember(value, around) : around.donor),
  (value, around) => (isJsonObject(value) ? renamed(value, around) : around.random.pick(around.words)),
  (value, { random, donor }) =>
    isJsonList(value) ? [...value, ...value, donor] : JSON.stringify(value).repeat(random.int(1, 3)),
  (value, { random }) => (typeof value === "number" ? -value * random.pick([1, 1e3, 1e9]) : value),
  (value, { random }) => (typeof value === "string" ? value + random.pick(KEYS) : value),
];

function withMember(value: { readonly [key: string]: Json }, { random, words, donor }: Around): Json {
  const name = random.chance(0.5) ? random.pick(words) : random.pick(KEYS);
  return Object.fromEntries([...Object.entries(value), [name, random.chance(0.5) ? donor : hostileValue(random)]]);
}

function renamed(value: { readonly [key: string]: Json }, { random, words }: Around): Json {
  const names = Object.keys(value);
  const old = names.length === 0 ? "" : random.pick(names);
  const name = random.chance(0.5) ? random.pick(words) : random.pick(KEYS);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key === old ? name : key, member]));
}

interface Spot {
  readonly path: readonly (string | number)[];
  readonly value: Json;
}

const MAX_SPOTS = 2_000;

function spotsOf(root: Json): readonly Spot[] {
  const spots: Spot[] = [{ path: [], value: root }];
  for (let at = 0; at < spots.length && spots.length < MAX_SPOTS; at++) {
    const { path, value } = spots[at] ?? { path: [], value: null };
    if (isJsonList(value)) value.forEach((item, index) => spots.push({ path: [...path, index], value: item }));
    else if (isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) spots.push({ path: [...path, name], value: member });
    }
  }
  return spots;
}

function replaced(root: Json, path: readonly (string | number)[], change: (value: Json) => Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return change(root) ?? null;
  if (isJsonList(root)) {
    return root.flatMap((item, index) => {
      if (index !== step) return [item];
      if (rest.length > 0) return [replaced(item, rest, change)];
      const changed = change(item);
      return changed === undefined ? [] : [changed];
    });
  }
  if (!isJsonObject(root)) return root;
  const entries = Object.entries(root).flatMap(([name, member]): [string, Json][] => {
    if (name !== step) return [[name, member]];
    if (rest.length > 0) return [[name, replaced(member, rest, change)]];
    const changed = change(member);
    return changed === undefined ? [] : [[name, changed]];
  });
  return Object.fromEntries(entries);
}
