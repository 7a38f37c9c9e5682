import type { Client, Output } from "#src/api/client.ts";
import { calledSources } from "#src/cli/called-sources.ts";
import { confirm } from "#src/cli/confirmed.ts";
import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { CHANGE_MARKS } from "#src/cli/fact-text.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { nextText } from "#src/cli/next-text.ts";
import { orFindings } from "#src/cli/submitted.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { readWrittenPlans } from "#src/cli/written-plans.ts";

// `revise`: another definition for a plan that has begun. What would be different is shown first; what has begun stays as it
// is. A revision that somebody else made meanwhile is not overwritten.

export interface ReviseFlags extends StoreFlags {
  readonly note?: string;
  /** Shows what would be different, and does nothing. */
  readonly preview?: boolean;
  readonly yes?: boolean;
}

interface Target {
  readonly plan: string;
  readonly file: string;
}

/** Faults: `step-begun`, `edition-outdated`, `inputs-revised`, `not-confirmed`, `plan-ended`, and those of the plan file. */
export async function revise(
  { plan: reference, file }: Target,
  flags: ReviseFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const json = flags.json === true;
  const written = await readWrittenPlans(file);
  if (!written.ok) return refuseFindings(written.findings, terminal, json);
  const called = calledSources(written, flags.configuration?.settings.plans ?? []);
  const plans = called.map((one) => ({ source: one.text, file: one.file }));
  const submitted = { plan: reference, source: written.source.text, file: written.source.file, plans };
  return asking(flags, `revise ${reference} ${file}`, async (client) => {
    const compared = await client.compare(submitted);
    if (!compared.ok) return refuseFindings(compared.findings, terminal, json);
    if (!json) show(compared, terminal);
    if (flags.preview !== true)
      return revised(client, { ...submitted, edition: compared.edition }, { flags, terminal });
    if (json) terminal.out(JSON.stringify(compared));
    return EXIT.ok;
  });
}

type Revision = Parameters<Client["revise"]>[0];

async function revised(
  client: Client,
  revision: Revision,
  { flags, terminal }: { readonly flags: ReviseFlags; readonly terminal: Terminal },
): Promise<ExitCode> {
  const { note, yes, json = false } = flags;
  await confirm(terminal, { yes, question: "Revise it?", otherwise: "nothing was revised" });
  const asked = await orFindings(() => client.revise({ ...revision, ...(note === undefined ? {} : { note }) }));
  if (!asked.ok) return refuseFindings(asked.findings, terminal, json);
  const { plan, status, changed } = asked.value;
  if (json) terminal.out(JSON.stringify({ plan, status, changed }));
  else terminal.out(`${plan} ${changed ? "revised" : "is as it was"}; ${nextText(asked.value)}`);
  return EXIT.ok;
}

function show({ changes, words, findings }: Output<"compare">, terminal: Terminal): void {
  printWarnings(findings, terminal);
  for (const { step, change, words: of } of changes) {
    terminal.err(`  ${CHANGE_MARKS[change]} ${step}${of.length === 0 ? "" : `  ${of.join(", ")}`}`);
  }
  if (words.length > 0) terminal.err(`  ~ the plan's own ${words.join(", ")}`);
  if (changes.length + words.length === 0) terminal.err("  nothing is different");
}
