import { planId } from "#events/ids.ts";
import type { ReadingClient } from "#src/api/client.ts";
import { FoldedPlan, type RecordedFact } from "#src/client/folded-plan.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { factText } from "#src/cli/fact-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText } from "#src/cli/text.ts";

const MAX_LINE_CHARS = 400;
const REVISION_CHARS = 5;
const PAGE = 1_000;

/** Every fact of a plan, in order. With --json also of a plan that cannot be folded: its events as they are stored. */
export async function history(reference: string, flags: StoreFlags, terminal: Terminal): Promise<ExitCode> {
  return reading(flags, async (client) => {
    if (flags.json === true) await printEvents(client, reference, terminal);
    else await printFacts(client, reference, terminal);
    return EXIT.ok;
  });
}

/** Folded on the way, so that a history that is shown is one that holds. */
async function printFacts(client: ReadingClient, reference: string, terminal: Terminal): Promise<void> {
  let folded: FoldedPlan | undefined;
  for await (const { plan, facts } of pages(client, reference)) {
    folded ??= new FoldedPlan(planId.parse(plan), client);
    for (const recorded of facts) {
      const fact = await folded.apply(recorded);
      const where = `${String(recorded.revision).padStart(REVISION_CHARS)}  ${new Date(recorded.at).toISOString()}`;
      terminal.out(`${terminal.paint("dim", where)}  ${lineText(factText(fact), MAX_LINE_CHARS)}`);
    }
  }
}

async function printEvents(client: ReadingClient, reference: string, terminal: Terminal): Promise<void> {
  const events: RecordedFact[] = [];
  let named = reference;
  for await (const { plan, facts } of pages(client, reference)) {
    named = plan;
    events.push(...facts);
  }
  terminal.out(JSON.stringify({ plan: named, events }));
}

async function* pages(client: ReadingClient, reference: string) {
  let page = await client.history({ plan: reference, limit: PAGE });
  yield page;
  while (page.next !== undefined) {
    page = await client.history({ plan: page.plan, from: page.next, limit: PAGE });
    yield page;
  }
}
