import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import { reading, type ReadFlags } from "#src/cli/commands/reading.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { factText } from "#src/cli/fact-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText } from "#src/cli/text.ts";

const MAX_LINE_CHARS = 400;
const REVISION_CHARS = 5;

/** Every fact of a plan, in order. With --json also of a plan that cannot be folded: its events as they are stored. */
export async function history(reference: string, flags: ReadFlags, terminal: Terminal): Promise<ExitCode> {
  return reading(flags, async ({ plans }) => {
    const plan = await plans.find(reference);
    if (flags.json === true) await printEvents(plans, plan, terminal);
    else await printFacts(plans, plan, terminal);
    return EXIT.ok;
  });
}

async function printFacts(plans: PlanReader, plan: PlanId, terminal: Terminal): Promise<void> {
  for (const { event, fact } of await plans.history(plan)) {
    const at = new Date(event.origin.occurredAt).toISOString();
    const where = terminal.paint("dim", `${String(event.revision).padStart(REVISION_CHARS)}  ${at}`);
    terminal.out(`${where}  ${lineText(factText(fact), MAX_LINE_CHARS)}`);
  }
}

async function printEvents(plans: PlanReader, plan: PlanId, terminal: Terminal): Promise<void> {
  const events: RecordedEvent[] = [];
  for await (const event of plans.events(plan)) events.push(event);
  if (events.length === 0) throw new Fault("plan-unknown", `there is no plan ${plan}`);
  terminal.out(JSON.stringify({ plan, events }));
}
