import { stringify } from "yaml";
import type { JsonObject } from "#events/json.ts";

/** A value as a person would write it; long texts are not folded, so that what is read back is the same. */
export function yamlText(value: JsonObject): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
