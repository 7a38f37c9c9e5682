import { stringify } from "yaml";
import { safeText } from "#src/cli/text.ts";

/** A value line by line, as a person would write it down: text as it is, anything else as YAML. No line is folded. */
export function readableLines(value: unknown): readonly string[] {
  const text = typeof value === "string" ? value : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
  return text.trimEnd().split("\n").map(safeText);
}
