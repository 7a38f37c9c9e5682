import { parse } from "smol-toml";
import { z } from "zod";

// TOML with the shapes that manifests have. A member of another shape is as if it were not there.

/** Throws a TomlError with the line. */
export function tomlOf(text: string): unknown {
  return parse(text);
}

export const table = z.record(z.string(), z.unknown()).catch({});
export const text = z.string().nullable().catch(null);
export const textList = z
  .array(z.unknown())
  .catch([])
  .transform((all) => all.filter((one) => typeof one === "string"));
