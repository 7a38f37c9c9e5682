import type { Check } from "./check.ts";
import { askCommand } from "./check-command.ts";
import { unmet, type Found } from "./found.ts";
import type { Place } from "./place.ts";
import { testCommand } from "./test-command.ts";

/** Runs the tests. Codes: those of `askCommand`. */
export async function askTest(check: Extract<Check, { kind: "test" }>, place: Place): Promise<Found> {
  const { exit, timeoutMs, repeat } = check;
  const run = check.run ?? (await testCommand(place.survey));
  if (run === undefined) return unmet({ text: "no manifest here says how tests are run" });
  return askCommand({ run, exit, timeoutMs, repeat }, place);
}
