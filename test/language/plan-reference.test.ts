import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { WORDS } from "#src/language/plan-words.ts";
import { temporaryFolder } from "../store/folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SCRIPT = path.join(ROOT, ".config", "scripts", "reference.ts");
const MADE = [
  "schemas/plan.schema.json",
  "schemas/template.schema.json",
  "schemas/requirements.schema.json",
  "docs/plan-reference.md",
];

describe("what is made from the language's schemas", () => {
  it("is fresh", () => {
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, "--check"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each(MADE)("is found stale, left alone by the check, and made anew without it: %s", async (file) => {
    await using folder = await temporaryFolder();
    for (const name of MADE) {
      mkdirSync(path.join(folder.path, path.dirname(name)), { recursive: true });
      cpSync(path.join(ROOT, name), path.join(folder.path, name));
    }
    const copy = path.join(folder.path, file);
    const stale = readFileSync(copy, "utf8")
      .replace("Waits until somebody approves", "Waits")
      .replace("A line for people", "A line")
      .replace("glob patterns of files", "patterns");
    writeFileSync(copy, stale);
    const checked = spawnSync(process.execPath, [SCRIPT, "--check", folder.path], { encoding: "utf8" });
    expect(checked.status).toBe(1);
    expect(checked.stderr).toBe(`${copy} does not show the language that runs: npm run docs:reference writes it\n`);
    expect(readFileSync(copy, "utf8")).toBe(stale);
    execFileSync(process.execPath, [SCRIPT, folder.path]);
    expect(readFileSync(copy, "utf8")).toBe(readFileSync(path.join(ROOT, file), "utf8"));
  });

  it("tells every word with its meaning", () => {
    const page = readFileSync(path.join(ROOT, "docs", "plan-reference.md"), "utf8");
    for (const [name, words] of Object.entries(WORDS).filter(([mapping]) => mapping !== "schema")) {
      for (const [word, { meaning }] of Object.entries(words)) {
        const row = page.split("\n").find((line) => line.startsWith(`| \`${word}\``) && line.includes(meaning));
        expect(row, `${name}.${word}`).toBeDefined();
      }
    }
  });
});
