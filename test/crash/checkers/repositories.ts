import { existsSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { decode } from "#events/catalog.ts";
import { planOfStream } from "#events/streams.ts";
import { changeRecord, type ChangeRecord } from "#src/implementation/changes/change-record.ts";
import { stateText } from "#src/implementation/changes/file-state.ts";
import type { PlanStory } from "../../simulation/story/plan-story.ts";
import { Breach } from "../breach.ts";
import { mergeOf } from "../load/change-plans.ts";
import { LOAD_CHANGES } from "../load/changes.ts";
import type { Law } from "./law.ts";
import { commitsIn, leftIn, unfinishedIn, whatIsWrongIn, type Unfinished } from "./repository.ts";
import { differing, treeIn, type Tree } from "./tree.ts";

// The repositories in which plans make, merge and take back changes, as an onlooker finds them while no process is there, against the
// log and against what the changes are known to do (load/changes.ts).
//
// C1. The working tree is that of before or after some merge, and the log lets it be that one: what is durably merged and not being taken
//     back is there, and what was never begun, or was durably taken back, is not.
// C2. Where a journal says that something is unfinished, that is true of all it does not name, and each file that it names is what it was or
//     what it is to become. Whoever works on the tree next ends it.
// C3. A change is merged once and taken back once, in their order, and the branch has what the tree has.
// C4. What a merge has recorded of files is what the change does to them.
// C5. At the end nothing is left: no journal, no lock, no worktree, no branch, no draft of a file; after a rollback the tree is that of the
//     beginning, after a success that of all changes.

const REPOSITORY_TOOL = "effects.repository";

const made = z.object({ inline: z.object({ path: z.string() }) });
const merged = z.object({ inline: z.object({ record: changeRecord }) });

interface Watched {
  readonly plan: string;
  readonly top: string;
  /** Of merges, by change. */
  readonly records: Map<string, ChangeRecord>;
  /** Merges and calls that take one back, that have succeeded. */
  ended: number;
  /** What was unfinished at the last look, and `ended` then. */
  unfinished: { readonly since: number; readonly stamp: string } | undefined;
  isOver: boolean;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

export class Repositories {
  /** How many plans made changes; merges and their taking back, as the log has them; moves of files that were found cut off. */
  readonly counts = { repositories: 0, merged: 0, takenBack: 0, unfinished: 0 };
  private readonly law: Law;
  private readonly root: string;
  /** After none of the changes, after the first, and so on. */
  private readonly trees: readonly Tree[];
  private readonly watched = new Map<string, Watched>();
  private followed = 0;

  /** `root`: the folder that plans name repositories in. */
  constructor(law: Law, { root, trees }: { readonly root: string; readonly trees: readonly Tree[] }) {
    this.law = law;
    this.root = root;
    this.trees = trees;
  }

  /** While no process is there, and the log was followed to its end. */
  check(): void {
    this.follow();
    for (const one of this.watched.values()) {
      if (one.isOver || !existsSync(one.top)) continue;
      const story = this.storyOf(one);
      this.checkTree(one, story);
      one.isOver = story.isEnded;
    }
  }

  /** When every plan has ended. */
  checkEnd(): void {
    for (const one of this.watched.values()) this.checkEnded(one, this.storyOf(one));
  }

  private checkTree(one: Watched, story: PlanStory): void {
    const found = treeIn(one.top);
    const unfinished = unfinishedIn(one.top);
    const range = this.rangeOf(story);
    const commits = this.countCommits(one);
    if (unfinished === undefined) {
      const count = this.countIn(found, one, range);
      if (commits !== count)
        throw new Breach("branch", `${one.top} has the files of ${count} changes and the commits of ${commits}`);
      const wrong = whatIsWrongIn(one.top);
      if (wrong !== "") throw new Breach("branch", `the index or the tree of ${one.top} is not HEAD's: ${wrong}`);
    } else this.checkUnfinished({ one, range, found }, unfinished);
    this.checkWorktrees(one, story);
    one.unfinished = unfinished === undefined ? undefined : { since: one.ended, stamp: unfinished.stamp };
  }

  /** C1. */
  private countIn(found: Tree, { top }: Watched, { from, to }: Range): number {
    const count = this.trees.findIndex((tree) => differing(tree, found).length === 0);
    if (count < 0)
      throw new Breach("half-applied", `${top} is no tree of before or after a merge: ${this.near(found)}`);
    if (count < from || count > to)
      throw new Breach("tree", `${top} has ${count} changes, the log knows of ${from} to ${to}`);
    return count;
  }

  /** C2. */
  private checkUnfinished(
    { one, range, found }: { readonly one: Watched; readonly range: Range; readonly found: Tree },
    unfinished: Unfinished,
  ): void {
    const { since, stamp } = one.unfinished ?? { since: 0, stamp: "" };
    if (stamp !== unfinished.stamp) this.counts.unfinished++;
    if (stamp === unfinished.stamp && one.ended > since)
      throw new Breach("unfinished", `${one.top}: what a crash has left was not ended by who came next`);
    for (const { path: name, from, to } of unfinished.files) {
      const is = fileText(found.get(name));
      if (is !== stateText(from) && is !== stateText(to))
        throw new Breach(
          "half-applied",
          `${name} of ${one.top} is ${is}, neither ${stateText(from)} nor ${stateText(to)}`,
        );
    }
    const within = this.trees.slice(range.from, range.to + 1);
    const isElse = (tree: Tree): boolean => differing(tree, found).every((name) => unfinished.isNamed(name));
    if (!within.some(isElse))
      throw new Breach(
        "half-applied",
        `${one.top} differs from every tree where nothing is under way: ${this.near(found)}`,
      );
  }

  /** C3. */
  private countCommits({ top }: Watched): number {
    const commits = commitsIn(top);
    if ("wrong" in commits) throw new Breach("commits", `${top}: ${commits.wrong}`);
    return commits.count;
  }

  /** None of what was made is left; what was being made may be. */
  private checkWorktrees({ top }: Watched, story: PlanStory): void {
    for (const { id } of LOAD_CHANGES) {
      const isMade = story.steps.get(id)?.state === "succeeded";
      if (isMade && existsSync(path.join(top, ".git/planwright/worktrees/k", id)))
        throw new Breach("left-behind", `the worktree of ${id} in ${top}, although it was made`);
    }
  }

  /** C4 and C5. */
  private checkEnded(one: Watched, story: PlanStory): void {
    const { top, records } = one;
    if (!ENDINGS.has(story.status)) throw new Breach("changes", `${story.name} ${one.plan} is ${story.status}`);
    for (const [at, { id }] of LOAD_CHANGES.entries()) this.checkRecord(records.get(id), at);
    if (!existsSync(top)) {
      if (story.status === "rolled-back") return;
      throw new Breach("tree", `${top} is gone`);
    }
    const unfinished = unfinishedIn(top);
    if (unfinished !== undefined) throw new Breach("unfinished", `${top}: a journal is left`);
    this.checkTree(one, story);
    const left = leftIn(top);
    if (left.length > 0) throw new Breach("left-behind", `${left.join(", ")} in ${top}`);
  }

  private checkRecord(record: ChangeRecord | undefined, at: number): void {
    const [before, after] = [this.trees[at], this.trees[at + 1]];
    if (record === undefined || before === undefined || after === undefined) return;
    const planned = differing(before, after)
      .map((name) => `${name}: ${fileText(before.get(name))} -> ${fileText(after.get(name))}`)
      .filter((line) => !line.endsWith("nothing -> nothing"));
    const recorded = record.files.map((file) => `${file.path}: ${stateText(file.before)} -> ${stateText(file.after)}`);
    const missing = planned.filter((line) => !recorded.includes(line));
    const more = recorded.filter((line) => !planned.includes(line));
    if (missing.length + more.length > 0)
      throw new Breach(
        "record",
        `of ${record.change}: not recorded ${missing.join(", ")}; recorded ${more.join(", ")}`,
      );
  }

  /** How many changes may be there: at least, and at most. */
  private rangeOf(story: PlanStory): Range {
    if (story.status === "rolled-back") return { from: 0, to: 0 };
    const calls = [...story.steps.values()].filter(({ attempts }) => attempts > 0);
    const isBeingTakenBack = (merge: string): boolean => calls.some(({ undoes }) => undoes === merge);
    const steps = LOAD_CHANGES.flatMap(({ id }) => story.steps.get(mergeOf(id)) ?? []);
    return {
      from: steps.filter(({ path: merge, isDone }) => isDone && !isBeingTakenBack(merge)).length,
      to: steps.filter(({ attempts, isUndone }) => attempts > 0 && !isUndone).length,
    };
  }

  /** Where it differs from the tree that it is nearest to. */
  private near(found: Tree): string {
    const all = this.trees.map((tree) => differing(tree, found));
    const least = Math.min(...all.map((names) => names.length));
    const at = all.findIndex((names) => names.length === least);
    const named = (all[at] ?? []).map((name) => `${name} is ${found.get(name) ?? "nothing"}`);
    return `after ${at} changes but for ${named.join(", ")}`;
  }

  private storyOf({ plan }: Watched): PlanStory {
    const story = this.law.stories.get(plan);
    if (story === undefined) throw new Error(`there is no plan ${plan}`);
    return story;
  }

  private follow(): void {
    for (const event of this.law.log.slice(this.followed)) {
      const plan = planOfStream(event.stream) ?? "";
      const fact = decode(event);
      if (fact.type === "StepDispatched" && fact.data.tool === REPOSITORY_TOOL && !this.watched.has(plan)) {
        const top = path.join(this.root, made.parse(fact.data.args).inline.path);
        this.watched.set(plan, { plan, top, records: new Map(), ended: 0, unfinished: undefined, isOver: false });
        this.counts.repositories++;
      }
      const one = this.watched.get(plan);
      if (one !== undefined && fact.type === "StepSucceeded") this.count(one, fact.data);
    }
    this.followed = this.law.log.length;
  }

  private count(one: Watched, { step, output }: { readonly step: string; readonly output: unknown }): void {
    const change = LOAD_CHANGES.find(({ id }) => step === mergeOf(id));
    const undoes = this.storyOf(one).steps.get(step)?.undoes;
    if (change === undefined && undoes === undefined) return;
    one.ended++;
    if (change === undefined) this.counts.takenBack++;
    else {
      this.counts.merged++;
      one.records.set(change.id, merged.parse(output).inline.record);
    }
  }
}

/** A folder is no file. */
function fileText(state: string | undefined): string {
  return state === undefined || state.startsWith("directory") ? "nothing" : state;
}

const ENDINGS: ReadonlySet<string> = new Set(["succeeded", "rolled-back", "cancelled"]);
