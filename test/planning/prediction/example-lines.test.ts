import { describe, expect, it } from "vitest";
import { examplesIn } from "#src/planning/prediction/example-lines.ts";

describe("lines of examples", () => {
  it("are requests and their tools, in the own form and in that of UltraTool", () => {
    const own = JSON.stringify({ request: "Find a room", tools: ["search"], steps: ["look for it"], more: 1 });
    const foreign = JSON.stringify({
      user_request: "Book it",
      task_nodes: [{ task: "book" }],
      task_steps: ["Step 1 Call book to reserve the room"],
    });
    const bare = JSON.stringify({ request: "Pay", tools: ["pay"] });
    expect(examplesIn(`${own}\n\n${foreign}\r\n${bare}\n`, "a.jsonl")).toEqual({
      examples: [
        { request: "Find a room", chain: ["search"], steps: ["look for it"] },
        { request: "Book it", chain: ["book"], steps: ["reserve the room"] },
        { request: "Pay", chain: ["pay"] },
      ],
      skipped: [],
    });
  });

  it.each([
    [{ request: " ", tools: ["a"] }, "the request is empty"],
    [{ request: "x".repeat(8_193), tools: ["a"] }, "the request has more than 8192 characters"],
    [{ request: "x", tools: [] }, "it names no tool"],
    [{ request: "x", tools: Array<string>(9).fill("a") }, "it names more than 8 tools"],
    [{ request: "x", tools: ["a", "b"], steps: ["one"] }, "it has 1 steps for 2 tools"],
  ])("are left out, and it is said why", (line, why) => {
    expect(examplesIn(`\n${JSON.stringify(line)}`, "a.jsonl")).toEqual({
      examples: [],
      skipped: [{ where: "a.jsonl:2", why }],
    });
  });

  it.each([
    ["{", "a.jsonl:1: no JSON"],
    ["7", "a.jsonl:1: "],
    ['{"request": "x"}', "a.jsonl:1: tools: "],
    ['{"request": "x", "tools": ["a", ""]}', "a.jsonl:1: tools.1: "],
    ['{"user_request": "x", "task_nodes": [{}]}', "a.jsonl:1: "],
  ])("that are not in the format are an error with its place: %s", (line, message) => {
    expect(() => examplesIn(line, "a.jsonl")).toThrow(
      expect.objectContaining({ code: "examples-malformed", message: expect.stringContaining(message) }),
    );
  });
});
