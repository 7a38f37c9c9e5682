import { Fault } from "#events/fault.ts";
import type { Client } from "#src/api/client.ts";
import { converse, type ConverseFlags } from "#src/cli/conversing.ts";
import { reading } from "#src/cli/connection.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { beginOf, meantPlan } from "#src/cli/meant-plan.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { IMPLEMENT_SIGNAL } from "#src/implementation/plan-names.ts";

// `implement`: lets a plan of changes begin, and follows it to its end. What has to be approved first is asked of whoever sits there; where
// nobody does, the command ends and says by which command it is approved.
//
// I1. Said twice it changes nothing: the signal has a name of its own, and a plan that was interrupted goes on.

/** Faults: `not-a-change-plan`, `plan-unknown`, `plan-ended`, `store-missing`. */
export async function implement(reference: string, flags: ConverseFlags, terminal: Terminal): Promise<ExitCode> {
  const plan = await reading(flags, (client) => meantPlan(client, reference, { of: "changes", flags, terminal }));
  return converse(
    { command: `implement ${reference}`, about: plan, begin: (client) => begun(client, plan) },
    flags,
    terminal,
  );
}

async function begun(client: Client, reference: string): Promise<{ readonly plan: string; readonly revision: number }> {
  const { plan, name, awaited, revision } = await client.get({ plan: reference });
  const begin = await beginOf(client, plan);
  if (begin === undefined) {
    throw new Fault("not-a-change-plan", `plan ${plan} (${name}) is no plan of changes`, { details: { plan } });
  }
  // Said before it waits for it, the plan takes the signal when it does.
  const isToBegin = begin.state === "pending" || awaited.some(({ signal }) => signal === IMPLEMENT_SIGNAL);
  await (isToBegin ? client.signal({ plan, name: IMPLEMENT_SIGNAL, id: IMPLEMENT_SIGNAL }) : client.resume({ plan }));
  return { plan, revision };
}
