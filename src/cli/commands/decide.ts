import { Fault } from "#events/fault.ts";
import type { Client, Output } from "#src/api/client.ts";
import { confirm } from "#src/cli/confirmed.ts";
import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { nextText } from "#src/cli/next-text.ts";
import { readableLines } from "#src/cli/readable.ts";
import { meantPlan } from "#src/cli/meant-plan.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText, timeText } from "#src/cli/text.ts";

// `approve`, `deny`, `request-changes`, `withdraw`: shows what is asked, and answers exactly that. Whoever has seen the question elsewhere names its
// hash; where nobody can be asked whether they mean it, `--hash` or `--yes` says so.

export interface DecideFlags extends StoreFlags {
  readonly note?: string;
  /** Of the question as it was seen. */
  readonly hash?: string;
  readonly yes?: boolean;
}

export interface Question {
  readonly plan: string;
  /** By default the only one that waits. */
  readonly step: string | undefined;
}

export type Verdict = "approve" | "deny" | "requestChanges" | "withdraw";

const ASKED = { approve: "Approve", deny: "Deny", requestChanges: "Request changes of", withdraw: "Withdraw" };
const DONE = { approve: "approved", deny: "denied", requestChanges: "changes requested", withdraw: "withdrawn" };

type Request = Output<"approvals">["approvals"][number];

/** Faults: `nothing-to-approve`, `which-approval`, `not-confirmed`, `approval-outdated`, `approval-decided`, `not-permitted`. */
export async function decide(
  verdict: Verdict,
  question: Question,
  { flags, terminal }: { readonly flags: DecideFlags; readonly terminal: Terminal },
): Promise<ExitCode> {
  const { json = false, note } = flags;
  if (verdict === "requestChanges" && note === undefined) {
    throw new Fault("note-missing", "a request for changes says what should be different: --note TEXT");
  }
  return asking(flags, `${verdict} ${question.plan}`, async (client) => {
    const meant = await meantPlan(client, question.plan, { of: "open", flags, terminal });
    const { plan, request } = await requestOf(client, { ...question, plan: meant }, flags.hash);
    const hash = flags.hash ?? request.hash;
    if (flags.hash === undefined && verdict !== "withdraw")
      await confirmDecision(verdict, request, { flags, terminal });
    const asked = await answer(client, verdict, { plan, step: request.step, hash, note });
    const { status, changed } = asked;
    if (json) terminal.out(JSON.stringify({ plan, step: request.step, verdict, hash, status, changed }));
    else terminal.out(`${request.step}: ${DONE[verdict]}; ${nextText(asked)}`);
    return EXIT.ok;
  });
}

interface Answer {
  readonly plan: string;
  readonly step: string;
  readonly hash: string;
  readonly note: string | undefined;
}

async function answer(client: Client, verdict: Verdict, { note, ...answered }: Answer) {
  if (verdict === "requestChanges") return client.requestChanges({ ...answered, note: note ?? "" });
  return client[verdict]({ ...answered, ...(note === undefined ? {} : { note }) });
}

/** The question that is meant; of one that was seen elsewhere its hash is enough. */
async function requestOf(client: Client, { plan: reference, step }: Question, seen: string | undefined) {
  const { plan, approvals } = await client.approvals({ plan: reference });
  const meant = step === undefined ? approvals : approvals.filter((request) => request.step === step);
  const [request, ...others] = meant;
  if (others.length > 0) {
    const named = meant.map((one) => one.step).join(", ");
    throw new Fault("which-approval", `plan ${plan} asks for ${meant.length} approvals: ${named}; name the step`);
  }
  if (request !== undefined) return { plan, request };
  // Whether it was decided before is the law's to say.
  if (step !== undefined && seen !== undefined)
    return { plan, request: { step, hash: seen, covers: [], approvers: 1, reviews: [], askedAt: 0 } };
  throw new Fault("nothing-to-approve", `${step ?? `plan ${plan}`} asks for no approval`);
}

async function confirmDecision(
  verdict: Verdict,
  request: Request,
  { flags, terminal }: { readonly flags: DecideFlags; readonly terminal: Terminal },
): Promise<void> {
  if (flags.json !== true) for (const line of linesOf(request)) terminal.err(line);
  const question = `${ASKED[verdict]} this?`;
  await confirm(terminal, { yes: flags.yes, question, otherwise: "nothing was decided" });
}

const MAX_LINE_CHARS = 300;

/** A question as people read it: what is asked of whom, what is shown, who has said what. */
export function linesOf({ step, hash, role, show, covers, expiresAt, approvers, reviews }: Request): readonly string[] {
  const covered = covers.map((cover) => cover.step).join(", ");
  const asked = `${step} asks${role === undefined ? "" : ` ${role}`} to approve ${covered === "" ? "what follows" : covered}`;
  const shown = show === undefined ? [] : readableLines(show);
  return [
    lineText(asked, MAX_LINE_CHARS),
    ...shown.map((line) => `  ${line.slice(0, MAX_LINE_CHARS)}`),
    ...(approvers === 1 ? [] : [`  by ${approvers} people`]),
    ...reviews.map(
      ({ by, verdict, note }) =>
        `  ${lineText(`${verdict} by ${by}${note === undefined ? "" : `: ${note}`}`, MAX_LINE_CHARS)}`,
    ),
    ...(expiresAt === undefined ? [] : [`  until ${timeText(expiresAt)}`]),
    `  hash ${hash}`,
  ];
}
