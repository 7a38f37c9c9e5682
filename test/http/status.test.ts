import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { statusOfCode } from "#src/http/status.ts";
import { ROOT } from "../tidy/tree.ts";

/** Codes that stand in the files of a folder as refusals or faults. */
function codesIn(folder: string, pattern: RegExp): readonly string[] {
  const files = readdirSync(path.join(ROOT, folder), { encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const text = files.map((file) => readFileSync(path.join(ROOT, folder, file), "utf8")).join("\n");
  return [...new Set([...text.matchAll(pattern)].map(([, code = ""]) => code))];
}

describe("the table of HTTP status codes", () => {
  it("has every refusal of the law", () => {
    const refusals = codesIn("machines/decide", /rejected\(\s*"([a-z-]+)"/g);
    expect(refusals.length).toBeGreaterThan(15);
    // What executors report is refused to them, not to a door.
    const forExecutors = new Set(["unknown-attempt"]);
    expect(refusals.filter((code) => statusOfCode(code) === 500 && !forExecutors.has(code))).toEqual([]);
  });

  it("has every fault of the operations and of HTTP itself", () => {
    const faults = [
      ...codesIn("src/api", FAULT),
      ...codesIn("src/api/operations", FAULT),
      ...codesIn("src/http", FAULT),
    ];
    // Opening a door fails before there is anybody to answer to.
    const forOpening = new Set(["address-unavailable", "socket-unavailable", "tokens-needed"]);
    expect(faults).toContain("client-key-conflict");
    expect(faults.filter((code) => statusOfCode(code) === 500 && !forOpening.has(code))).toEqual([]);
  });
});

const FAULT = /(?:new Fault|refused)\(\s*"([a-z-]+)"/g;
