import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedEvent } from "#events/envelope.ts";
import type { Json } from "#events/json.ts";
import { openReader } from "#src/compose.ts";
import { commitAll, git, put } from "../implementation/changes/a-repository.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { Law } from "./checkers/law.ts";
import { Repositories } from "./checkers/repositories.ts";
import { treesOfChanges } from "./checkers/repository.ts";
import type { Tree } from "./checkers/tree.ts";
import { CHANGE_PLANS } from "./load/change-plans.ts";
import { LOAD_CHANGES } from "./load/changes.ts";
import { crashPlace, type Place } from "./place.ts";

// A plan of changes that went well, the same taken back, and in each test one thing that a crash must not leave: its claim is named.

const SLOW_TEST_MS = 60_000;
const ID = "made";
let place: Place;
let scratch: TemporaryFolder;
let trees: readonly Tree[];
/** Up to the end of the plan, and up to the end of its rollback. */
let logs: { readonly made: readonly RecordedEvent[]; readonly takenBack: readonly RecordedEvent[] };
/** Folders as they were then. */
const roots = { made: "", takenBack: "" };
let copies = 0;

beforeAll(async () => {
  place = await crashPlace();
  scratch = await temporaryFolder();
  trees = treesOfChanges(scratch.path);
  const plan = CHANGE_PLANS.find(({ name }) => name === "changes_made");
  const file = await place.write("plan.yaml", plan?.source ?? "");
  const kept = async (name: keyof typeof roots, ...command: readonly string[]): Promise<readonly RecordedEvent[]> => {
    const { code, stderr } = await place.start([...command, "--json"]).ended;
    expect(code, stderr).toBe(0);
    roots[name] = path.join(scratch.path, name);
    copy(place.root, roots[name]);
    await using reader = await openReader({ store: place.store });
    return await Array.fromAsync(reader.events.readAll());
  };
  const made = await kept("made", "run", file, "--input", `id=${ID}`);
  logs = { made, takenBack: await kept("takenBack", "rollback", "last", "--yes") };
}, SLOW_TEST_MS);

afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

interface Judged {
  readonly of?: keyof typeof roots;
  readonly facts?: readonly RecordedEvent[];
  /** Facts that come after a first look. */
  readonly later?: readonly RecordedEvent[];
}

/** Judges a copy of what was left, with something done to it. */
function judge(change: (top: string) => unknown, { of = "made", facts = logs[of], later = [] }: Judged = {}): void {
  const root = path.join(scratch.path, `copy${copies++}`);
  copy(roots[of], root);
  change(path.join(root, ID));
  const law = new Law(place.store);
  const repositories = new Repositories(law, { root, trees });
  for (const event of facts) law.follow(event);
  repositories.check();
  for (const event of later) law.follow(event);
  if (later.length > 0) repositories.check();
  repositories.checkEnd();
}

/** With the modes of folders, which Node's own copying forgets. */
function copy(from: string, to: string): void {
  execFileSync("cp", ["-a", from, to]);
}

const nothing = (): void => undefined;

function at(step: string, type: string): number {
  return logs.made.findIndex((event) => event.type === type && JSON.stringify(event.data).includes(`"step":"${step}"`));
}

/** A journal that names files as moved from nothing to something. */
function journal(top: string, ...files: readonly string[]): void {
  const state = { kind: "file", mode: 0o644, oid: "0".repeat(40) };
  const moves = {
    files: files.map((file) => ({ path: file, from: { kind: "none" }, to: state })),
    makes: [],
    removes: [],
  };
  writeFileSync(path.join(top, ".git/planwright/journal-0123456789ab.json"), JSON.stringify({ moves }));
}

describe("a plan of changes without a crash", () => {
  it("breaks nothing, and neither does taking it back", () => {
    expect(() => judge(nothing)).not.toThrow();
    expect(() => judge(nothing, { of: "takenBack" })).not.toThrow();
  });
});

describe("the repositories name", () => {
  it.each(["made", "takenBack"] as const)(
    "a file, a mode, a link or a folder that is not as it has to be (%s)",
    (of) => {
      const half = /^half-applied: .* is no tree of before or after a merge: after [04] changes but for /;
      expect(() => judge((top) => put(top, { "list.txt": "other" }), { of })).toThrow(half);
      expect(() => judge((top) => chmodSync(path.join(top, "docs/deep/guide.md"), 0o640), { of })).toThrow(half);
      expect(() => judge((top) => chmodSync(path.join(top, "docs/deep"), 0o755), { of })).toThrow(half);
      expect(() => judge((top) => mkdirSync(path.join(top, "new")), { of })).toThrow(half);
      expect(() => judge((top) => rmSync(path.join(top, "bytes")), { of })).toThrow(half);
    },
  );

  it("changes that are gone although they were merged, and ones that are there although they were taken back", () => {
    expect(() => judge(nothing, { of: "takenBack", facts: logs.made })).toThrow(/^tree: .* has 0 changes, .* 4 to 4/);
    const facts = logs.takenBack;
    expect(() => judge(nothing, { facts })).toThrow(/^tree: .* has 4 changes, the log knows of 0 to 0/);
  });

  it("a change that is merged twice, and one whose commit is gone", () => {
    const again = LOAD_CHANGES[1]?.title ?? "";
    expect(() => judge((top) => commitAll(top, again))).toThrow(/^commits: .*Second: .*Second: /);
    expect(() => judge((top) => commitAll(top, "Revert third"), { of: "takenBack" })).toThrow(/^commits: /);
    expect(() => judge((top) => git(top, "reset", "--quiet", "--soft", "HEAD~1"))).toThrow(/^branch: .* 4 .* of 3/);
  });

  it("an index that is not HEAD's", () => {
    expect(() => judge((top) => git(top, "rm", "--quiet", "--cached", "bytes"))).toThrow(/^branch: .*bytes/);
  });

  it("a move that a journal does not explain, that is at none of its ends, or that nobody has ended", () => {
    const unexplained = (top: string): void => {
      journal(top);
      put(top, { "list.txt": "other" });
    };
    expect(() => judge(unexplained)).toThrow(
      /^half-applied: .* differs from every tree where nothing is under way: .*list\.txt/,
    );
    expect(() => judge((top) => journal(top, "list.txt"))).toThrow(
      /^half-applied: list\.txt of .*, neither nothing nor/,
    );
    expect(() => judge(journal)).toThrow(/^unfinished: .* a journal is left/);
    const [facts, later] = [
      logs.made.slice(0, at("fourth_merge", "StepSucceeded")),
      logs.made.slice(at("fourth_merge", "StepSucceeded")),
    ];
    expect(() => judge(journal, { facts, later })).toThrow(/^unfinished: .* was not ended by who came next/);
  });

  it("what is left behind", () => {
    const left = (change: (top: string) => unknown): void => {
      expect(() => judge(change, { of: "takenBack" })).toThrow(/^left-behind: /);
    };
    left((top) => git(top, "worktree", "add", "--quiet", "--detach", ".git/planwright/worktrees/k/other"));
    left((top) => git(top, "branch", "other"));
    left((top) => writeFileSync(path.join(top, ".git/index.lock"), ""));
    left((top) => writeFileSync(path.join(top, ".git/refs/heads/main.lock"), ""));
    left((top) => mkdirSync(path.join(top, ".git/planwright/staging-0123456789ab")));
    const made = (top: string): unknown =>
      mkdirSync(path.join(top, ".git/planwright/worktrees/k/first"), { recursive: true });
    expect(() => judge(made)).toThrow(/^left-behind: the worktree of first .* although it was made/);
  });

  it("a record that does not say what became of the files", () => {
    const index = at("third_merge", "StepSucceeded");
    const told = (from: string, to: string): readonly RecordedEvent[] =>
      logs.made.map((event, number) => {
        const data = JSON.stringify(event.data);
        return number === index ? { ...event, data: JSON.parse(data.replace(from, to)) as Json } : event;
      });
    expect(() => judge(nothing, { facts: told('"mode":448', '"mode":420') })).toThrow(/^record: of third: .*guide\.md/);
    expect(() => judge(nothing, { facts: told("gone/only.txt", "gone/other.txt") })).toThrow(/^record: of third: /);
  });

  it("a plan that fails although its attempts were only cut off", () => {
    const last = logs.made.at(-1);
    const error = { category: "internal", code: "x", message: "x" };
    const failed = { ...last, type: "PlanFailed", data: { epoch: 1, edition: 1, error, failed: [] } };
    expect(() => judge(nothing, { facts: [...logs.made.slice(0, -1), failed as RecordedEvent] })).toThrow(
      /^changes: changes_made .* is failed/,
    );
  });
});
