import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { meantPlan } from "#src/cli/meant-plan.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// `comment`: what somebody has to say; it is read by `review` and `history`.

export interface CommentFlags extends StoreFlags {
  readonly step?: string;
}

interface Comment {
  readonly plan: string;
  readonly text: string;
}

/** Faults: `bad-comment`, `too-many-comments`, `unknown-step`. */
export async function comment(
  { plan: reference, text }: Comment,
  flags: CommentFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const { step, json = false } = flags;
  return asking(flags, `comment ${reference}`, async (client) => {
    const plan = await meantPlan(client, reference, { of: "any", flags, terminal });
    const asked = await client.comment({ plan, text, ...(step === undefined ? {} : { step }) });
    terminal.out(json ? JSON.stringify({ plan: asked.plan, changed: asked.changed }) : `${step ?? asked.plan}: noted`);
    return EXIT.ok;
  });
}
