import { readFileSync } from "node:fs";
import process from "node:process";
import type { SecretPlace } from "#src/ports/secret-place.ts";

type FoundSecret = { readonly value: string } | { readonly why: string; readonly cause?: unknown };

/** The secret that is kept there now, or why there is none; that never has a part of one. */
export function secretAt(place: SecretPlace): FoundSecret {
  if ("env" in place) {
    const value = process.env[place.env];
    return value === undefined || value === "" ? { why: `the variable ${place.env} is not set` } : { value };
  }
  try {
    return { value: readFileSync(place.file, "utf8").trimEnd() };
  } catch (cause) {
    return { why: `${place.file} cannot be read`, cause };
  }
}
