import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { planJsonSchema } from "#src/language/plan-schema.ts";

/** Prints the JSON Schema of plans: for people, or as one line. */
export function schema({ json }: { readonly json?: boolean }, terminal: Terminal): ExitCode {
  terminal.out(JSON.stringify(planJsonSchema(), null, json === true ? 0 : 2));
  return EXIT.ok;
}
