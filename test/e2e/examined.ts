// A small directory for the example plan: a repository with a package.json, texts and a reminder.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const FILES = 40;

export function makeExamined(directory: string): void {
  mkdirSync(path.join(directory, "src"), { recursive: true });
  writeFileSync(path.join(directory, "package.json"), '{ "name": "examined" }\n');
  for (let index = 0; index < FILES; index++) {
    const text = `export const value${index} = ${index};\n`.repeat(index + 1);
    writeFileSync(path.join(directory, "src", `file${index}.ts`), text);
  }
  writeFileSync(path.join(directory, "notes.md"), "# Notes\n\nTODO write more\n");
  const git = (...args: string[]): void => {
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], { cwd: directory });
  };
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "first");
}
