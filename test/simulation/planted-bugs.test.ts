import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// A checker that cannot fail proves nothing. Each bug is planted into a copy of the sources, and the same simulation
// that passes on ours must find it within 100 seeds.

const SEEDS = "100";
const ROOT = new URL("../..", import.meta.url).pathname;
const run = promisify(execFile);

interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

interface Plant extends Edit {
  readonly name: string;
  /** The checker that is to find it, as a pattern. */
  readonly by: string;
  /** The first of the 100 seeds; default: 1. */
  readonly from?: number;
  readonly also?: Edit;
}

const PLANTS: readonly Plant[] = [
  {
    name: "publish before append",
    by: "effects",
    file: "src/runtime/plan-actor.ts",
    find: "      this.assertOwner();\n      await commit(",
    replace: "      letOut(decided.turn.facts, state, this.effects);\n      await commit(",
  },
  {
    name: "timer lost",
    by: "liveness",
    file: "src/runtime/plan-actor.ts",
    find: "    if (dueAt === this.timerAt) return;",
    replace: "    if (dueAt === this.timerAt || dueAt - clock.now() > 3_000) return;",
  },
  {
    name: "lost append answer treated as failure",
    by: "answers",
    file: "src/runtime/appender.ts",
    find: "!(error instanceof Fault) || !error.retryable ||",
    replace: '!(error instanceof Fault) || error.code === "append-unknown" || !error.retryable ||',
    // Folding again and deciding again would mend it, so the plant also tells the sender that it failed.
    also: {
      file: "src/runtime/plan-actor.ts",
      find: "    this.mailbox.putBack(letters);",
      replace: "    for (const letter of letters) letter.fail(error);",
    },
  },
  {
    name: "an event skipped by the fold",
    by: "(?:attempts|liveness|state|rollbacks)",
    file: "machines/fold.ts",
    find: "  if (isStepFact(fact)) {",
    replace: '  if (fact.type === "StepLateReported") {\n  } else if (isStepFact(fact)) {',
  },
  {
    name: "undo in forward order",
    by: "rollbacks",
    file: "machines/decide/undo.ts",
    find: "  const total = countOf(layers.value.flat());",
    replace:
      "  Object.assign(layers, { value: [...layers.value].reverse() });\n  const total = countOf(layers.value.flat());",
  },
  {
    name: "an approval with an old hash accepted",
    // Of several approvers the fold refuses the word.
    by: "(?:approvals|quarantine)",
    file: "machines/decide/review.ts",
    find: "  if (asked !== hash) {",
    replace: '  if (hash === "") {',
  },
  {
    name: "one approver counted twice",
    by: "approvals",
    file: "machines/decide/review.ts",
    find: "others.length + 1 >= approversOf(approval)",
    replace: "others.length + 2 >= approversOf(approval)",
    also: {
      file: "machines/reviews.ts",
      find: "approvalsAmong(reviews).length >= wanted",
      replace: "approvalsAmong(reviews).length + 1 >= wanted",
    },
  },
  {
    name: "an approval of what was revised since counted",
    from: 201,
    by: "approvals",
    file: "machines/fold-step.ts",
    find: "reviews: isSame ? wait.reviews : [],",
    replace: "reviews: wait?.reviews ?? [],",
  },
  {
    name: "an early signal dropped",
    from: 20,
    by: "signals",
    file: "machines/signals.ts",
    find: "    this.kept.set(signal.number, signal);",
    replace: "    if (!this.listeners.has(signal.name)) return;\n    this.kept.set(signal.number, signal);",
  },
  {
    name: "a blob written after its append",
    by: "blobs",
    file: "src/runtime/plan-turn.ts",
    find: "  await turn.settled();\n",
    replace: "",
    also: {
      file: "src/runtime/plan-actor.ts",
      find: "    this.isRefused = false;\n    const { facts }",
      replace: "    await decided.turn.settled();\n    this.isRefused = false;\n    const { facts }",
    },
  },
  {
    name: "a blob swept that a fact cites",
    from: 201,
    by: "blobs",
    file: "src/blobs/mark.ts",
    find: "      marked.add(ref);",
    replace: '      if (event.type !== "StepSucceeded") marked.add(ref);',
  },
  {
    name: "more granted than there is",
    by: "claims",
    file: "src/runtime/claims-ledger.ts",
    find: "claim.amount <= this.freeOf(claim, partition)",
    replace: "claim.amount <= this.freeOf(claim, partition) + 1",
  },
  {
    name: "one item too many at once",
    by: "windows",
    file: "machines/members.ts",
    find: "expansion.held - ended >= concurrency",
    replace: "expansion.held - ended > concurrency",
  },
  {
    name: "a fallback for another failure",
    by: "fallbacks",
    file: "machines/decide/next.ts",
    find: "at > alternative && (on?.includes(category) ?? true)",
    replace: "at > alternative && (on !== undefined || category !== undefined)",
  },
  {
    name: "one failed item too many",
    by: "cascades",
    file: "machines/scope.ts",
    find: "  return failed > tolerated;",
    replace: "  return failed > tolerated + 1;",
  },
  {
    name: "the lowest priority first",
    by: "precedence",
    file: "machines/ready-steps.ts",
    find: "b.priority - a.priority",
    replace: "a.priority - b.priority",
  },
  {
    name: "a client key for any plan",
    by: "client keys",
    file: "src/api/client-key.ts",
    find: "  if (differing.length === 0) return;",
    replace: "  if (differing.length < 9) return;",
  },
  {
    name: "a late report dropped",
    by: "reports",
    file: "machines/decide/report.ts",
    find: '  if (isSilence(outcome)) return { kind: "duplicate" };\n  if (outcome.kind === "succeeded")',
    replace: '  if (state.revision >= 0) return { kind: "duplicate" };\n  if (outcome.kind === "succeeded")',
  },
  {
    name: "dispatch without capacity",
    by: "slots",
    file: "src/runtime/slot-ledger.ts",
    find: "      known.free.delete(slot);\n",
    replace: "",
  },
  {
    name: "slots counted anew by the next owner",
    // A run without a slot begins nothing: either too much is promised, or an attempt never begins.
    by: "(?:slots|liveness)",
    from: 301,
    file: "src/runtime/slot-ledger.ts",
    find: "    this.unsure.set(executor, (this.unsure.get(executor) ?? new Set()).add(attempt));\n",
    replace: "",
  },
  {
    name: "slots offered twice",
    from: 101,
    by: "slots",
    file: "src/executor/slot-lender.ts",
    find: "      from.askedBack.add(slot);",
    replace: "      remove(from, slot);",
  },
  {
    name: "an effect without epoch check",
    from: 401,
    by: "ownership",
    file: "src/runtime/effects.ts",
    find: "  if (isOwner()) bus.toExecutor(executor, message, isOwner);",
    replace: '  if (isOwner() || message.kind === "run") bus.toExecutor(executor, message);',
  },
  {
    name: "a double grant",
    by: "claims",
    file: "src/ownership/regrant.ts",
    find: "  let free = capacity - [...held.values()]",
    replace: "  let free = capacity - [...held.values()].slice(1)",
  },
  {
    // What a late owner has sent is recorded behind what the next one has: an outcome twice, an attempt anew, or what no state accepts.
    name: "fencing off",
    by: "(?:attempts|epochs|quarantine)",
    from: 52,
    file: "src/store/memory/event-store.ts",
    find: "    throw new StreamConflict(encoded.stream, encoded.revision - 1, slots.length - 1);",
    replace: "    return this.#write({ ...encoded, revision: slots.length });",
  },
  {
    name: "a projector's checkpoint before its documents",
    by: "(?:views|liveness)",
    file: "src/projecting/view-projection.ts",
    find: "    await this.deps.views.save(overlay.view, overlay.pending(), overlay.position);",
    replace:
      "    await this.deps.views.save(overlay.view, [], overlay.position);\n    await this.deps.views.save(overlay.view, overlay.pending(), overlay.position);",
  },
  {
    name: "a turn whose prefix breaks an invariant",
    by: "(?:attempts|cascades)",
    file: "src/runtime/turn.ts",
    find: "      this.events.push(event);",
    replace: '      this.events.splice(event.type === "PlanSucceeded" ? -1 : this.events.length, 0, event);',
  },
  {
    name: "a subscription that goes on one too far",
    by: "subscribers",
    file: "src/store/paging.ts",
    find: "      after = through;",
    replace: "      after = through + (events.length === 3 ? 1 : 0);",
  },
  {
    name: "a revision of what is done",
    by: "revisions",
    file: "machines/decide/revise.ts",
    find: 'new Set(["pending", "skipped", "failed", "cancelled"])',
    replace: 'new Set(["pending", "skipped", "failed", "cancelled", "succeeded", "running"])',
  },
  {
    name: "a step that came back counted from one",
    by: "(?:attempts|liveness)",
    file: "machines/revise.ts",
    find: "before.graph.indexOf.has(id) ? undefined : gone.get(id)",
    replace: 'before.graph.indexOf.has(id) || id !== "" ? undefined : gone.get(id)',
  },
];

describe("the simulation", () => {
  let copy = "";

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), "planwright-planted-"));
    for (const room of ["events", "machines", "projections", "src", "test", "package.json"]) {
      await cp(join(ROOT, room), join(copy, room), { recursive: true });
    }
    await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  });

  afterAll(() => rm(copy, { recursive: true, force: true }));

  for (const plant of PLANTS) {
    it(`finds a planted bug: ${plant.name}`, { timeout: 300_000 }, async () => {
      const undo = [await edit(copy, plant), ...(plant.also === undefined ? [] : [await edit(copy, plant.also)])];
      try {
        const said = await simulateCopy(copy, ["--seed", String(plant.from ?? 1), "--seeds", SEEDS]);
        expect(said).toMatch(new RegExp(`^seed \\d+ fails: ${plant.by}: `, "m"));
        const [, repeating = ""] = /^repeat it: npm run sim -- (.*) --trace$/m.exec(said) ?? [];
        const again = await simulateCopy(copy, repeating.split(" "));
        expect(again, repeating).toMatch(new RegExp(`^seed \\d+ fails: ${plant.by}: `, "m"));
      } finally {
        for (const restore of undo) await restore();
      }
    });
  }
});

/** Changes one place of the copy; gives back how to undo it. */
async function edit(copy: string, { file, find, replace }: Edit): Promise<() => Promise<void>> {
  const path = join(copy, file);
  const sound = await readFile(path, "utf8");
  expect(sound.split(find), `the plant fits into ${file} exactly once`).toHaveLength(2);
  await writeFile(
    path,
    sound.replace(find, () => replace),
  );
  return () => writeFile(path, sound);
}

/** What the copy's simulation printed; empty when it found nothing. */
async function simulateCopy(copy: string, flags: readonly string[]): Promise<string> {
  try {
    await run(process.execPath, [join(copy, "test/simulation/run.ts"), ...flags], { cwd: copy });
    return "";
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? "";
  }
}
