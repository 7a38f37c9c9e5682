import type { Json } from "#events/json.ts";
import { canBe } from "#src/planning/binding/as-argument.ts";
import type { MeantField } from "#src/planning/catalog/entry.ts";

/** A person answers `3` as a text. */
export function asWanted(value: Json, parameter: MeantField): Json | undefined {
  if (canBe(value, parameter)) return value;
  return readings(value).find((reading) => canBe(reading, parameter));
}

/** What else it may have been meant as. */
export function readings(value: Json): readonly Json[] {
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "string") return [];
  const text = value.trim();
  const number = text === "" ? [] : [Number(text)].filter(Number.isFinite);
  const answer = /^(?:yes|true)$/i.test(text) ? [true] : /^(?:no|false)$/i.test(text) ? [false] : [];
  return [...number, ...answer, [value]];
}
