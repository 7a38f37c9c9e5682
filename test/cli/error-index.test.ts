import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EXIT } from "#src/cli/exit-code.ts";

// docs/errors.md lists every code that the sources can give, and none that they cannot; docs/command-line.md every exit code.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROOMS = ["src", "machines", "events"];

/** Where codes stand in the sources: thrown, refused, recorded in a fact, found in a plan. */
const PLACES = [
  /new Fault\(\s*"([a-z-]+)"/g,
  /rejected\(\s*"([a-z-]+)"/g,
  /errorOf\(\s*[^,()]+,\s*"([a-z-]+)"/g,
  /\bcode: "([a-z-]+)"/g,
  /\bbroken\(\s*"([a-z-]+)"/g,
  /failed\(\s*"[a-z-]+",\s*"([a-z-]+)"/g,
  /^ {2}"([a-z-]+)": (?:usage|store)\(/gm,
];

/** In an example that is drawn, not given. */
const DRAWN = new Set(["example"]);

function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

const sources = ROOMS.flatMap((room) =>
  readdirSync(path.join(ROOT, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => textOf(path.join(room, file))),
).join("\n");

const given = new Set(PLACES.flatMap((place) => [...sources.matchAll(place)].map(([, code = ""]) => code)));

const listed = textOf("docs/errors.md")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([a-z-]+)`/g)].map(([, code = ""]) => code));

describe("the error index", () => {
  it("lists every code that the sources give", () => {
    expect(given.size).toBeGreaterThan(100);
    expect([...given].filter((code) => !DRAWN.has(code) && !listed.includes(code)).sort()).toEqual([]);
  });

  it("lists no code twice, and none that the sources do not know", () => {
    expect(listed.filter((code, index) => listed.indexOf(code) !== index)).toEqual([]);
    const known = (code: string): boolean => sources.includes(`"${code}"`) || code.endsWith("-timed-out");
    expect(listed.filter((code) => !known(code))).toEqual([]);
  });
});

describe("the table of exit codes", () => {
  it("has every exit code once, and no other", () => {
    const rows = [...textOf("docs/command-line.md").matchAll(/^\| (\d+) +\| /gm)].map(([, code]) => Number(code));
    expect(rows).toEqual([...Object.values(EXIT)].sort((a, b) => a - b));
  });
});
