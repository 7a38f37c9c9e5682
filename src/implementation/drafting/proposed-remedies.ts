import type { Json } from "#events/json.ts";
import type { Assessment, Gap } from "#src/implementation/gaps/gap.ts";
import type { Remedy } from "#src/implementation/requirements/requirement.ts";
import { asked, type PlanAsking } from "#src/planning/with-model/asked.ts";
import { flawOfPath } from "./file-patterns.ts";
import { plainPath, shapeOf } from "./path-overlap.ts";
import { NO_PROPOSAL, type Proposal } from "./proposal.ts";
import { PROPOSAL_SCHEMA, readProposal } from "./proposal-answer.ts";
import { proposalMessages, type NamedFile } from "./proposal-prompt.ts";
import { remedyBody } from "./remedy-body.ts";
import type { FindTemplate } from "./template-remedy.ts";

// A language model asked for remedies: one question for each remedy that has an `ask` and no better one before it that fits.
//
// M1. Whatever the model does there is an answer for every such remedy: actions that passed all rules, or why there are none. A gap whose
//     model failed goes on to the next remedy.
// M2. Budgets end it: tries of each question, tokens and time of all of them together, and at most MAX_ASKED questions.

const MAX_ASKED = 100;
const MAX_NAMED_FILES = 20;

export interface ProposalAround {
  readonly asking: PlanAsking;
  /** As the configuration names it. */
  readonly model: string;
  readonly find: FindTemplate;
  /** What is known of the codebase. */
  readonly context?: readonly Json[] | undefined;
  /** Text of a file in the assessed directory; undefined where there is none, or none that can be read. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** Ids of requirements that are asked about. Default: all. */
  readonly only?: ReadonlySet<string> | undefined;
}

export type Proposals = (gap: Gap, remedy: Remedy) => Proposal;

/** Rejects with the signal's reason alone. */
export async function proposedRemedies({ gaps }: Assessment, around: ProposalAround): Promise<Proposals> {
  const proposals = new Map<Remedy, Proposal>();
  const proposal: Proposals = (_, remedy) => proposals.get(remedy) ?? NO_PROPOSAL;
  for (const gap of gaps) {
    if (around.only?.has(gap.requirement.id) === false) continue;
    for (const remedy of gap.requirement.remedies) {
      if (isAsking(remedy)) {
        const isOver = proposals.size >= MAX_ASKED;
        proposals.set(remedy, isOver ? TOO_MANY : await proposedFor(gap, remedy, around));
      }
      if (remedyBody(gap, remedy, { find: around.find, proposal }).ok) break;
    }
  }
  return proposal;
}

const TOO_MANY: Proposal = {
  code: "remedy-not-asked",
  reason: `a language model is asked for at most ${MAX_ASKED} remedies at once`,
};

function isAsking({ ask, actions, template }: Remedy): boolean {
  return ask !== undefined && actions === undefined && template === undefined;
}

async function proposedFor(gap: Gap, remedy: Remedy, around: ProposalAround): Promise<Proposal> {
  const { asking, model, context, read } = around;
  const { secrets, maxOutputTokens } = asking;
  const files = await namedFiles(gap, remedy, read);
  const about = { gap, remedy, model };
  const question = {
    messages: proposalMessages({ gap, remedy, context, files, secrets }),
    schema: PROPOSAL_SCHEMA,
    // What is wrong is told in words that can be mended.
    accepts: { type: "object" },
    check: (value: Json) => {
      const result = readProposal(value, about);
      return result.ok ? [] : result.problems;
    },
    maxOutputTokens,
  };
  const reply = await asked(question, asking);
  if (!reply.ok) return { code: reply.failure.code, reason: `the model gave nothing: ${reply.failure.message}` };
  const result = readProposal(reply.value, about);
  return result.ok ? result.proposal : { code: "model-answer-broken", reason: result.problems.join("; ") };
}

/** Files that the remedy, the evidence or the check name, as far as they are there. */
async function namedFiles(
  { requirement, answer }: Gap,
  { files }: Remedy,
  read: (path: string) => Promise<string | undefined>,
): Promise<readonly NamedFile[]> {
  const { check } = requirement;
  const checked = "files" in check ? check.files : "file" in check ? [check.file] : [];
  const evidence = answer.evidence.flatMap(({ path }) => path ?? []);
  const plain = [...files, ...checked].filter((pattern) => plainPath(shapeOf(pattern)) !== undefined);
  const named = new Set([...plain, ...evidence].filter((path) => flawOfPath(path) === undefined));
  const texts: NamedFile[] = [];
  for (const path of [...named].slice(0, MAX_NAMED_FILES)) {
    const text = await read(path);
    if (text !== undefined) texts.push({ path, text });
  }
  return texts;
}
