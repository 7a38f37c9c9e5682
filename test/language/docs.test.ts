import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check } from "./tools.ts";

const ROOT = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/plan-language.md", ROOT), "utf8");

describe("the page about the plan language", () => {
  it("shows a plan that is accepted", () => {
    const [, plan = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    expect(check(plan)).toMatchObject({ ok: true, warnings: [] });
  });

  it("has every code of a finding", () => {
    const room = new URL("src/language/", ROOT);
    const sources = readdirSync(room).map((file) => readFileSync(new URL(file, room), "utf8"));
    const codes = sources.flatMap((source) => [...source.matchAll(/code: "([a-z-]+)"/g)].map(([, code = ""]) => code));
    const listed = new Set(page.slice(page.indexOf("## Findings")).match(/[a-z]+(-[a-z]+)*/g));
    expect(codes.length).toBeGreaterThan(40);
    // `custom` is zod's word for a refusal that carries one of these codes.
    expect([...new Set(codes)].filter((code) => code !== "custom" && !listed.has(code))).toEqual([]);
  });
});
