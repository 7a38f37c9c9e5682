import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { textTail } from "#src/tools/bounded-text.ts";
import { categorize } from "#src/tools/categorize.ts";
import type { CellEnd } from "./cell.ts";

// Why an attempt has no answer: how its thread or process ended, in the words of failures.

const MAX_PRINTED_BYTES = 1024;

export function errorOfEnd(end: CellEnd, tool: string): ErrorInfo {
  switch (end.kind) {
    case "out-of-memory": {
      const given = end.memory && ` (${end.memory.heapMiB} MiB of values, ${end.memory.rssMiB} MiB in all)`;
      const message = `${tool} took more memory than it is given where it is isolated${given ?? ""}`;
      return errorOf("resource-exhausted", "isolated-tool-out-of-memory", message);
    }
    case "exited":
      return died(
        "bug",
        `${tool} ended its own thread or process (exit code ${end.code}) before it answered`,
        end.printed,
      );
    case "signalled":
      return died("internal", `the process of ${tool} was ended by ${end.signal}`, end.printed);
    case "garbled":
      return died("bug", `${tool} wrote to what is not its own: its process said what no process says`);
    case "unstarted":
      return died("internal", `${tool} could not be isolated: ${categorize(end.error).message}`);
    case "killed":
      return died("cancelled", `${tool} was told to stop, did not, and was ended`);
  }
}

function died(category: "bug" | "internal" | "cancelled", what: string, printed = ""): ErrorInfo {
  const tail = textTail(printed, MAX_PRINTED_BYTES);
  return errorOf(category, "isolated-tool-died", tail === "" ? what : `${what}; it last printed: ${tail}`);
}
