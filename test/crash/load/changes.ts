import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Json } from "#events/json.ts";
import { changeOf } from "../../implementation/changes/some-change.ts";
import { commitAll, git } from "../../implementation/changes/a-repository.ts";

// A repository as it begins, and what is done to it: once as a plan says it, and once by plain file operations, so that it is known
// what the tree has to be before and after each merge without asking those who make and merge.

export interface LoadChange {
  readonly id: string;
  readonly title: string;
  /** Changes that are merged before this one is made. */
  readonly after: readonly string[];
  readonly actions: readonly Json[];
  /** The same, to a tree. */
  readonly model: (top: string) => void;
}

const LINES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const PATCH = `--- a/list.txt
+++ b/list.txt
@@ -10,3 +10,4 @@
 ten
 eleven
-twelve
+TWELVE
+thirteen
`;
const MADE = "new/dir/made by first.sh";

/** In the order in which they are merged. */
export const LOAD_CHANGES: readonly LoadChange[] = [
  {
    id: "first",
    title: "First: an edit and a program",
    after: [],
    actions: [
      { do: "edit", path: "list.txt", find: "one\n", replace: "first\n" },
      { do: "write", path: MADE, text: "#!/bin/sh\n", executable: true },
    ],
    model: (top) => {
      edit(top, "list.txt", ["one\n", "first\n"]);
      write(top, MADE, { text: "#!/bin/sh\n", mode: 0o777 });
    },
  },
  {
    id: "second",
    title: "Second: a move and a link",
    after: [],
    actions: [
      { do: "move", from: "old.txt", to: "lib/old name.txt" },
      { do: "run", run: ["ln", "-s", "bytes", "pointer"] },
    ],
    model: (top) => {
      mkdirSync(path.join(top, "lib"));
      renameSync(path.join(top, "old.txt"), path.join(top, "lib/old name.txt"));
      symlinkSync("bytes", path.join(top, "pointer"));
    },
  },
  {
    id: "third",
    title: "Third: a patch, a mode, and a folder that becomes empty",
    after: [],
    actions: [
      { do: "patch", patch: PATCH },
      { do: "run", run: ["chmod", "+x", "docs/deep/guide.md"] },
      { do: "commit", message: "Third: half of it" },
      { do: "delete", path: "gone/only.txt" },
    ],
    model: (top) => {
      edit(top, "list.txt", ["twelve\n", "TWELVE\nthirteen\n"]);
      chmodSync(path.join(top, "docs/deep/guide.md"), 0o700);
      rmSync(path.join(top, "gone"), { recursive: true });
    },
  },
  {
    id: "fourth",
    title: "Fourth: what others made, a file that becomes a folder, a link that becomes a file",
    after: ["first", "third"],
    actions: [
      { do: "edit", path: "list.txt", find: "first\n", replace: "fourth\n" },
      // Others are taken back while it is being made.
      { do: "test", run: ["sleep", "0.3"] },
      { do: "delete", path: MADE },
      { do: "delete", path: "turns" },
      { do: "write", path: "turns/inner", text: "by now in a folder" },
      { do: "delete", path: "link" },
      { do: "write", path: "link", text: "a file by now", executable: false },
    ],
    model: (top) => {
      edit(top, "list.txt", ["first\n", "fourth\n"]);
      rmSync(path.join(top, "new"), { recursive: true });
      rmSync(path.join(top, "turns"));
      write(top, "turns/inner", { text: "by now in a folder" });
      rmSync(path.join(top, "link"));
      write(top, "link", { text: "a file by now" });
    },
  },
];

/** Subjects of the commits that a change is. */
export function subjectsOf({ id, title }: LoadChange): readonly string[] {
  return id === "third" ? ["Third: half of it", title] : [title];
}

/** As `change.make` takes it. */
export function argumentOf({ id, title, actions }: LoadChange): Json {
  return changeOf(actions, { id, title });
}

export const FIRST_COMMIT = "As it was found";

/** The files before the first change. */
export function beginIn(top: string): void {
  write(top, "list.txt", { text: `${LINES.join("\n")}\n` });
  chmodSync(path.join(top, "list.txt"), 0o664);
  write(top, "bin/tool", { text: "#!/bin/sh\necho tool\n" });
  chmodSync(path.join(top, "bin/tool"), 0o755);
  write(top, "docs/deep/guide.md", { text: "guide\n" });
  chmodSync(path.join(top, "docs/deep/guide.md"), 0o600);
  chmodSync(path.join(top, "docs/deep"), 0o750);
  write(top, "old.txt", { text: "old\r\nwithout end" });
  write(top, "turns", { text: "a file" });
  write(top, "gone/only.txt", { text: "" });
  writeFileSync(
    path.join(top, "bytes"),
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  symlinkSync("list.txt", path.join(top, "link"));
}

/** The same as a repository with one commit: whole, or not there. */
export function repositoryAt(top: string): void {
  const draft = `${top}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  git(draft, "init", "--quiet", "--initial-branch=main");
  beginIn(draft);
  commitAll(draft, FIRST_COMMIT);
  renameSync(draft, top);
}

function write(
  top: string,
  name: string,
  { text, mode = 0o666 }: { readonly text: string; readonly mode?: number },
): void {
  mkdirSync(path.join(top, path.dirname(name)), { recursive: true });
  writeFileSync(path.join(top, name), text, { mode });
}

function edit(top: string, name: string, [find, replace]: readonly [string, string]): void {
  const file = path.join(top, name);
  writeFileSync(file, readFileSync(file, "utf8").replace(find, replace));
}
