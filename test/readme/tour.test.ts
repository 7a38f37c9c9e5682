import { describe, expect, it } from "vitest";
import { readText } from "../tidy/tree.ts";
import { codeBlocks } from "./markdown.ts";

// The tour shows the plan of examples/magazine part by part; its commands are run by test/readme.test.ts.

const told = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^#( |$)|^# yaml/.test(line));

describe("the tour", () => {
  it("shows the whole plan, in its order", () => {
    const [head = "", body = ""] = readText("examples/magazine/issue.plan.yaml").split(/\n(?=plan: )/);
    expect(head).toMatch(/^# yaml-language-server/);
    const shown = codeBlocks(readText("docs/tour.md")).filter(({ language }) => language === "yaml");
    expect(shown.length).toBeGreaterThan(8);
    expect(shown.flatMap(({ text }) => told(text))).toEqual(told(body));
  });
});
