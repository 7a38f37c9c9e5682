import { Fault } from "#events/fault.ts";
import { json, type Json } from "#events/json.ts";

/** The value behind an option. Fault: `bad-output`. */
export function jsonOption(option: string, text: string): Json {
  try {
    return json.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault("bad-output", `${option} ${text} is not JSON`, { cause });
  }
}
