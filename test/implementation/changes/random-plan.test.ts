import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { change } from "#src/implementation/changes/change.ts";
import type { ChangeRecord } from "#src/implementation/changes/change-record.ts";
import { makeChange } from "#src/implementation/changes/making.ts";
import { mergeChange, type Made } from "#src/implementation/changes/merging.ts";
import { openRepository, SYSTEM_REACH, type Reach, type Repository } from "#src/implementation/changes/repository.ts";
import { takeBack } from "#src/implementation/changes/taking-back.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import type { ToolContext } from "#src/tools/define.ts";
import { contextOf, temporaryDirectory } from "../../tools/context.ts";
import { git, repositoryIn, statusOf, treeOf } from "./a-repository.ts";
import { askedChecks } from "./asked-checks.ts";
import { changeOf } from "./some-change.ts";
import { crashed } from "./crashing-reach.ts";
import { randomPlan, randomRepository, type RandomChange } from "./random-plan.ts";

// Random plans of random actions over random repositories: made and merged in any order that their needs allow, with crashes at any
// operation of the file system or of git; then one of them with what needs it, or all but one and what it needs, and then the rest, are
// taken back, with crashes too. More seeds: `RANDOM_PLAN_SEEDS=200 npx vitest run …`.

const SEEDS = Number(process.env["RANDOM_PLAN_SEEDS"] ?? 4);
const FIRST = Number(process.env["RANDOM_PLAN_FIRST"] ?? 1);
const SLOW_TEST_MS = 120_000;
const CRASHES = 1;
const MAX_OPERATIONS = 120;
const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST + index);

/** The plan in one repository: what is made of it and merged. */
class Run {
  readonly root: string;
  private readonly made = new Map<string, Made>();
  private readonly merged = new Map<string, ChangeRecord>();
  private readonly plan: readonly RandomChange[];
  /** Undefined: nothing crashes. */
  private readonly crashes: SeededRandom | undefined;

  constructor(root: string, plan: readonly RandomChange[], crashes?: SeededRandom) {
    this.root = root;
    this.plan = plan;
    this.crashes = crashes;
  }

  /** All of these, each made when what it needs is merged. */
  async merge(random: SeededRandom, wanted: ReadonlySet<string>): Promise<void> {
    for (;;) {
      const open = this.plan.filter(({ id }) => wanted.has(id) && !this.merged.has(id));
      const ready = open.filter(({ id, needs }) => this.made.has(id) || needs.every((need) => this.merged.has(need)));
      if (ready.length === 0) return;
      await this.goOn(random.pick(ready));
    }
  }

  /** All of these, each when all that needs it is taken back. */
  async takeBack(random: SeededRandom, wanted: ReadonlySet<string>): Promise<void> {
    for (;;) {
      const there = this.plan.filter(({ id }) => this.merged.has(id));
      const free = there.filter(({ id }) => wanted.has(id) && !there.some(({ needs }) => needs.includes(id)));
      if (free.length === 0) return;
      const { id } = random.pick(free);
      const record = this.merged.get(id) ?? null;
      await this.step((repository, context) =>
        takeBack(repository, { name: { plan: "k", change: id }, record }, context),
      );
      this.merged.delete(id);
    }
  }

  private async goOn({ id, actions }: RandomChange): Promise<void> {
    const name = { plan: "k", change: id };
    const made = this.made.get(id);
    if (made === undefined) {
      const making = { name, change: change.parse(changeOf(actions, { id })), check: askedChecks };
      this.made.set(id, await this.step((repository, context) => makeChange(repository, making, context)));
    } else
      this.merged.set(id, await this.step((repository, context) => mergeChange(repository, { name, made }, context)));
  }

  /** The work of one step, after a crash of it. */
  private async step<T>(work: (repository: Repository, context: ToolContext) => Promise<T>): Promise<T> {
    const context = contextOf({ root: this.root });
    const by = async (reach: Reach): Promise<T> => work(await openRepository(reach, context, "."), context);
    if (this.crashes !== undefined) await crashed(this.crashes, by, { crashes: CRASHES, within: MAX_OPERATIONS });
    return by(SYSTEM_REACH);
  }
}

function copied(from: string, to: string): string {
  execFileSync("cp", ["-a", from, to]);
  return to;
}

/** A change, and all that it needs (`up`) or that needs it. */
function closure(plan: readonly RandomChange[], id: string, up: boolean): ReadonlySet<string> {
  const found = new Set([id]);
  const ordered = up ? plan.toReversed() : plan;
  for (const one of ordered) {
    if (up && found.has(one.id)) for (const need of one.needs) found.add(need);
    if (!up && one.needs.some((need) => found.has(need))) found.add(one.id);
  }
  return found;
}

describe("a random plan of random actions", () => {
  it.each(seeds)(
    "taken back in part is as if that part had never been, and as a whole is as before, to the byte (seed %i)",
    { timeout: SLOW_TEST_MS },
    async (seed) => {
      const random = new SeededRandom(seed, 2);
      const folder = await temporaryDirectory();
      const root = repositoryIn(path.join(folder, "root"));
      randomRepository(random, root);
      git(root, "add", "--all");
      git(root, "commit", "--quiet", "--no-gpg-sign", "-m", "files");
      const before = treeOf(root);
      const twin = copied(root, path.join(folder, "twin"));
      const model = copied(root, path.join(folder, "model"));
      const plan = randomPlan(random, model);
      const all = new Set(plan.map(({ id }) => id));

      const run = new Run(root, plan, random);
      await run.merge(random, all);
      expect(statusOf(root)).toBe("");

      const { id } = random.pick(plan);
      const isFrom = random.chance(0.5);
      const named = closure(plan, id, !isFrom);
      const [back, kept] = isFrom ? [named, all.difference(named)] : [all.difference(named), named];
      await run.takeBack(random, back);
      await new Run(twin, plan).merge(random, kept);
      expect(treeOf(root)).toEqual(treeOf(twin));
      expect(statusOf(root)).toBe("");

      await run.takeBack(random, all);
      expect(treeOf(root)).toEqual(before);
      expect(statusOf(root)).toBe("");
      expect(git(root, "worktree", "list").trim().split("\n")).toHaveLength(1);
      expect(git(root, "fsck", "--no-dangling")).toBe("");
    },
  );
});
