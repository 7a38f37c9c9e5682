import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compilerMessages } from "../readme/compiled-blocks.ts";

const COMPILER_MS = 120_000;
const DIRECTIVE = /\/\/ @ts-expect-error (.*)/g;

describe("a wrong use of the builders", () => {
  it("does not compile, for the reason that stands above it", { timeout: COMPILER_MS }, () => {
    const written = readFileSync(new URL("wrong-uses.ts", import.meta.url), "utf8");
    const reasons = [...written.matchAll(DIRECTIVE)].map(([, reason = ""]) => reason);
    // The compiler is given the text beside another folder.
    const exposed = written.replaceAll(DIRECTIVE, "//").replaceAll('from "./', 'from "../builders/');
    const messages = compilerMessages(new Map([["exposed.ts", exposed]]));
    expect(reasons.length).toBeGreaterThan(35);
    expect(messages).toHaveLength(reasons.length);
    const mistaken = reasons.filter((reason, index) => messages[index]?.includes(reason) !== true);
    expect(mistaken).toEqual([]);
  });
});
