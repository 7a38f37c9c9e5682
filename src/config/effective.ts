import type { Json } from "#events/json.ts";
import { placeOf, type Configuration } from "#src/config/configuration.ts";
import { ANY_KEY, DEFAULT_KEY_LIMIT } from "#src/config/limits.ts";
import type { Path } from "#src/language/finding.ts";

// What counts in the end, and because of what: an option, the environment, a line of the file, or nothing of these. Pure:
// who asks brings what was typed and what the environment says.

export type Origin =
  | { readonly kind: "flag"; readonly flag: string }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: "default" };

export interface EffectiveValue {
  /** `pools.gpu.slots`. */
  readonly name: string;
  readonly value: Json;
  readonly origin: Origin;
}

/** Values by name, as options and environment give them. */
export interface Overrides {
  readonly flags: Readonly<Record<string, { readonly flag: string; readonly value: Json } | undefined>>;
  readonly environment: Readonly<Record<string, { readonly variable: string; readonly value: Json } | undefined>>;
  readonly defaults: Readonly<Record<string, Json>>;
}

/** Named ones first, in the order of `defaults`, then every entry of the file. */
export function effectiveValues(configuration: Configuration, overrides: Overrides): readonly EffectiveValue[] {
  const declared = new Map(declaredValues(configuration).map((value) => [value.name, value]));
  const named = Object.entries({ ...overrides.defaults, [`keys.${ANY_KEY}.limit`]: DEFAULT_KEY_LIMIT });
  const first = named.map(([name, value]): EffectiveValue => {
    const fallback = declared.get(name) ?? { name, value, origin: { kind: "default" } };
    declared.delete(name);
    return overridden(name, overrides) ?? fallback;
  });
  return [...first, ...declared.values()];
}

function overridden(name: string, { flags, environment }: Overrides): EffectiveValue | undefined {
  const flag = flags[name];
  if (flag !== undefined) return { name, value: flag.value, origin: { kind: "flag", flag: flag.flag } };
  const found = environment[name];
  if (found === undefined) return undefined;
  return { name, value: found.value, origin: { kind: "environment", variable: found.variable } };
}

/** Each thing that the file says, lists as one value. */
function declaredValues(configuration: Configuration): readonly EffectiveValue[] {
  const { settings, file } = configuration;
  const leaves = (value: Json, path: Path): readonly EffectiveValue[] => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return Object.entries(value).flatMap(([key, part]) => leaves(part, [...path, key]));
    }
    const place = placeOf(configuration, path);
    if (file === undefined || place === undefined) return [];
    const shown = path[0] === "tokens" ? `${String(value).slice(0, SHOWN_HASH_CHARS)}…` : value;
    return [{ name: path.join("."), value: shown, origin: { kind: "file", file: file.name, ...place } }];
  };
  return leaves(settings, []);
}

/** Enough to tell two apart; a whole hash of a weak token would help to guess it. */
const SHOWN_HASH_CHARS = 8;
