import { readFileSync, statSync } from "node:fs";
import { Fault } from "#events/fault.ts";
import { MAX_PLAN_BYTES, parsePlan, type Parsed } from "#src/language/parse.ts";

/** A YAML or JSON file as a value with places. Faults: the given code where it cannot be read, `plan-too-large`. */
export function readSource(file: string, code: "plan-file-unreadable" | "inputs-unreadable" | "script-unreadable"): Parsed {
  return parsePlan(readText(file, code), { file });
}

function readText(file: string, code: string): string {
  try {
    const { size } = statSync(file);
    // Known to be too large without reading it; the parser says the same of what it is given.
    if (size > MAX_PLAN_BYTES) {
      throw new Fault("plan-too-large", `${file}:1:1: too-large: ${size} bytes, over the limit of ${MAX_PLAN_BYTES}`);
    }
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(code, `${file} cannot be read: ${why}`, { cause });
  }
}
