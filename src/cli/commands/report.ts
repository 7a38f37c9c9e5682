import { reading } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { followReport } from "#src/cli/followed-report.ts";
import { meantPlan } from "#src/cli/meant-plan.ts";
import { documentOf, give, type DocumentFlags } from "#src/cli/report-document.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// `report`: a plan as a document, for a person, a page or a program; once, or with `--follow` for as long as the plan goes on.

export interface ReportFlags extends DocumentFlags {
  readonly follow?: boolean;
}

/** Faults: `report-unwritable`, those of reading. */
export async function report(reference: string, flags: ReportFlags, terminal: Terminal): Promise<ExitCode> {
  const meant = { of: "any", flags, terminal } as const;
  if (flags.follow === true) {
    const plan = await reading(flags, (client) => meantPlan(client, reference, meant));
    return followReport(plan, flags, terminal);
  }
  const document = await reading(flags, async (client) =>
    documentOf(client, await meantPlan(client, reference, meant), flags),
  );
  await give(document, flags, terminal);
  return EXIT.ok;
}
