import { closeSync, openSync, readSync, statSync } from "node:fs";
import { Fault } from "#events/fault.ts";
import { MAX_PLAN_BYTES, parsePlan, type Parsed } from "#src/language/parse.ts";

// A file that a person names, as text: it may be a pipe or a device as well, so what comes is counted and not what the system
// says of its size.

const CHUNK_BYTES = 64 * 1024;

/** A YAML or JSON file as a value with places. Faults: the given code where it cannot be read, `plan-too-large`. */
export function readSource(
  file: string,
  code:
    | "plan-file-unreadable"
    | "inputs-unreadable"
    | "script-unreadable"
    | "template-file-unreadable"
    | "requirements-unreadable"
    | "assessment-unreadable",
): Parsed {
  return parsePlan(readText(file, code), { file });
}

function readText(file: string, code: string): string {
  try {
    const { size } = statSync(file);
    // Known to be too large without reading it.
    if (size > MAX_PLAN_BYTES) throw tooLarge(file, `${size} bytes`);
    const bytes = readAtMost(file, MAX_PLAN_BYTES + 1);
    if (bytes.length > MAX_PLAN_BYTES) throw tooLarge(file, "more bytes than that");
    return bytes.toString("utf8");
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(code, `${file} cannot be read: ${why}`, { cause });
  }
}

function tooLarge(file: string, size: string): Fault {
  return new Fault("plan-too-large", `${file}:1:1: too-large: ${size}, over the limit of ${MAX_PLAN_BYTES}`);
}

/** A pipe says no size, and a device need not end: what comes is counted. */
function readAtMost(file: string, limit: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const chunks: Buffer[] = [];
    for (let bytes = 0; bytes < limit;) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, limit - bytes));
      const read = readSync(descriptor, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      bytes += read;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}
