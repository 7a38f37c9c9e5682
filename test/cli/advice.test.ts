import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adviceFor } from "#src/cli/advice.ts";
import { EXIT } from "#src/cli/exit-code.ts";
import { statusOfCode } from "#src/http/status.ts";

const TABLE = readFileSync(new URL("../../src/http/status.ts", import.meta.url), "utf8");
const codes = [...TABLE.matchAll(/"([a-z-]+)"/g)].map(([, code = ""]) => code);

describe("advice", () => {
  it("is there for everything that a door refuses: none of it is a defect at the command line", () => {
    expect(codes.length).toBeGreaterThan(40);
    expect(codes.map(statusOfCode)).not.toContain(500);
    expect(codes.filter((code) => adviceFor(code).exit === EXIT.defect)).toEqual([]);
  });

  it("takes a code from elsewhere for what it is, also one that every object has", () => {
    for (const code of ["constructor", "__proto__", "toString", "never-heard-of"]) {
      expect(adviceFor(code)).toMatchObject({ exit: EXIT.defect, next: expect.any(String) });
    }
  });
});
