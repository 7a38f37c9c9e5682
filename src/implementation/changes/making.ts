import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import type { Answer } from "#src/implementation/gaps/gap.ts";
import type { Check } from "#src/implementation/checks/check.ts";
import type { Action } from "./action.ts";
import type { Change } from "./change.ts";
import { madeRef, type ChangeName } from "./change-names.ts";
import { committedChange } from "./committed-change.ts";
import { applyPatch, deleteAt, editFileAt, moveFileTo, writeFileAt } from "./file-actions.ts";
import { runIn } from "./program-actions.ts";
import { refuseEmpty } from "./repository-state.ts";
import type { Repository } from "./repository.ts";
import { changesBetweenTrees } from "./tree-entries.ts";
import type { Workplace } from "./workplace-paths.ts";
import { openWorktree } from "./worktree.ts";

// Makes a change away from the user's tree: the actions in their order, then the check that decides whether it was done.
//
// M1. Nothing of the repository but objects and one ref of ours is touched, and the worktree is gone whatever happens.
// M2. Again begins anew, on what HEAD is by then.

/** Asks a check of a directory. */
export type CheckRunner = (check: Check, directory: string, context: ToolContext) => Promise<CheckAnswer>;
type CheckAnswer = Pick<Answer, "verdict" | "code" | "evidence" | "durationMs">;

export interface MadeChange {
  readonly commit: string;
  readonly base: string;
  /** Null where it is larger than an output may be: the commit has it. */
  readonly patch: string | null;
  readonly files: readonly string[];
  readonly acceptance: CheckAnswer;
  readonly durationMs: number;
}

interface Making {
  readonly name: ChangeName;
  readonly change: Change;
  readonly check: CheckRunner;
}

const SETUP_TIMEOUT_MS = 10 * 60 * 1000;
/** Of an output that is read by people; twice that is in memory. */
const MAX_PATCH_CHARS = 4 * 1024 * 1024;

export async function makeChange(repository: Repository, making: Making, context: ToolContext): Promise<MadeChange> {
  const { name, change, check } = making;
  const begun = context.clock.monotonic();
  const base = await refuseEmpty(repository);
  await using worktree = await openWorktree(repository, {
    ...{ name, base, link: change.workplace.link },
    signal: context.signal,
  });
  const workplace = { repository, worktree };
  const commit = await carriedOut(workplace, { change, base }, context);
  const entries = await changesBetweenTrees(repository, base, commit);
  const acceptance = await accepted(check, { change, directory: worktree.directory }, context);
  await repository.git(["update-ref", madeRef(name), commit]);
  return {
    ...{ commit, base, acceptance, files: entries.map((entry) => entry.path) },
    patch: await patchOf(repository, base, commit),
    durationMs: Math.round(context.clock.monotonic() - begun),
  };
}

async function carriedOut(
  workplace: Workplace,
  { change, base }: { readonly change: Change; readonly base: string },
  context: ToolContext,
): Promise<string> {
  const { environment, setup } = change.workplace;
  const date = new Date(context.clock.now()).toISOString();
  if (setup !== undefined) {
    await runIn(workplace, { run: setup, timeoutMs: SETUP_TIMEOUT_MS, environment, what: "setup" }, context);
  }
  let parent = base;
  for (const [number, action] of change.actions.entries()) {
    context.signal.throwIfAborted();
    const what = `action ${number + 1} (${action.do})`;
    if (action.do === "commit") {
      parent = await committedChange(workplace, { change, base, parent, message: action.message, date });
    } else await done(workplace, { action, environment, what }, context);
    context.progress({ percent: Math.round((100 * (number + 1)) / (change.actions.length + 1)), message: what });
  }
  return committedChange(workplace, { change, base, parent, message: change.title, date });
}

interface Doing {
  readonly action: Exclude<Action, { do: "commit" }>;
  readonly environment: Readonly<Record<string, string>>;
  readonly what: string;
}

async function done(workplace: Workplace, { action, environment, what }: Doing, context: ToolContext): Promise<void> {
  switch (action.do) {
    case "write":
      return writeFileAt(workplace, action, context.signal);
    case "edit":
      return editFileAt(workplace, action, context.signal);
    case "patch":
      return applyPatch(workplace, action);
    case "move":
      return moveFileTo(workplace, action);
    case "delete":
      return deleteAt(workplace, action);
    case "run":
    case "format":
    case "test":
      return runIn(workplace, { run: action.run, timeoutMs: action.timeoutMs, environment, what }, context);
  }
}

/** Fails with `acceptance-failed`, `acceptance-broken`. */
async function accepted(
  check: CheckRunner,
  { change, directory }: { readonly change: Change; readonly directory: string },
  context: ToolContext,
): Promise<CheckAnswer> {
  const asked = await check(change.acceptance, directory, context);
  const { verdict, code, evidence: found, durationMs } = asked;
  const answer = { verdict, evidence: found, durationMs, ...(code === undefined ? {} : { code }) };
  if (verdict === "met") return answer;
  const evidence = answer.evidence.map(({ text }) => text).join("; ");
  const isBroken = answer.verdict === "broken";
  const said = isBroken ? `could not be asked (${answer.code ?? "broken"})` : "says that it is not done";
  throw new ToolFailure(
    "validation",
    `${change.id}: its acceptance check ${said}${evidence === "" ? "" : `: ${evidence}`}`,
    {
      code: isBroken ? "acceptance-broken" : "acceptance-failed",
      details: { evidence: answer.evidence.slice(0, 20) },
    },
  );
}

async function patchOf({ git }: Repository, base: string, commit: string): Promise<string | null> {
  const how = ["--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames"];
  const { stdout } = await git(["diff", ...how, base, commit]);
  return stdout.length > MAX_PATCH_CHARS ? null : stdout.toString();
}
