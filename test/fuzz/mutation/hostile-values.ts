import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

// What has broken programs before: names that JavaScript treats as more than names, numbers at the edges, texts that mean
// something elsewhere, values of every other kind.

export const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "length",
  "",
  " ",
  "0",
  "-1",
  "a.b",
  "a/b",
  "..",
  "$ref",
  "$secret",
  "ключ",
  "\u0000",
  "\uD800",
  "<<",
] as const;

export const TEXTS = [
  ...KEYS,
  "${inputs.a}",
  "${steps.a.output}",
  "${",
  "$${",
  "${'}'}",
  "${1/0}",
  "${__proto__}",
  "${constructor.constructor('return process')()}",
  "../outside/secret.txt",
  "way-out/secret.txt",
  "link.txt",
  "/etc/passwd",
  "/dev/zero",
  "file:///etc/passwd",
  "http://127.0.0.1:1/",
  "-rf",
  "--help",
  "; touch ../outside/x",
  "$(touch ../outside/x)",
  "(a+)+$",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "[",
  "\\",
  "a\r\nset-cookie: b=c",
  "\u001b[2J\u0007",
  "\uFEFF",
  "\u202E",
  "🙂".repeat(8),
  "e\u0301\u0301",
  "NaN",
  "Infinity",
  "null",
  "true",
  "1e999",
  "0x1F",
  "2d",
  "999999999999d",
  "-5s",
  "2026-02-30T25:61:61Z",
  "\u0000",
  "x".repeat(70_000),
] as const;

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  2,
  0.5,
  -0.1,
  1e-7,
  255,
  256,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  -1e308,
  5e-324,
] as const;

/** A value of any kind; most are small, a few are large or deep. */
export function hostileValue(random: SeededRandom): Json {
  const kind = random.next();
  if (kind < 0.35) return random.pick(TEXTS);
  if (kind < 0.6) return random.pick(NUMBERS);
  if (kind < 0.7) return random.pick([true, false, null]);
  if (kind < 0.8) return random.pick<Json>([[], {}, [[]], [null], [{}], { a: 1 }, ["a", "a"]]);
  if (kind < 0.88) return withKeys([[random.pick(KEYS), hostileScalar(random)]]);
  if (kind < 0.94) return nested(random, random.pick([3, 20, 70, 150]));
  return Array.from({ length: random.pick([2, 50, 1_100]) }, () => hostileScalar(random));
}

export function hostileScalar(random: SeededRandom): Json {
  const kind = random.next();
  if (kind < 0.45) return random.pick(TEXTS);
  return kind < 0.85 ? random.pick(NUMBERS) : random.pick([true, false, null]);
}

/** Lists, objects or both in each other. */
function nested(random: SeededRandom, levels: number): Json {
  let value: Json = hostileScalar(random);
  for (let level = 0; level < levels; level++) value = random.chance(0.5) ? [value] : { a: value };
  return value;
}

/** An object with own members of these names, whatever they are: `__proto__` in braces would be none. */
function withKeys(entries: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}
