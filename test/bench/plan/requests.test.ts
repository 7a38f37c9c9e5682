import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnusableData } from "../../../bench/metric.ts";
import { requestsIn } from "../../../bench/plan/requests.ts";
import { temporaryFolder, type TemporaryFolder } from "../../store/folder.ts";

const CATALOG = JSON.stringify({ nodes: [{ id: "book", desc: "Books a room", domain: ["Rooms"] }] });

function line(request: string): string {
  return JSON.stringify({
    user_request: request,
    task_steps: ["Step 1 Call find to look for a room", "Step 2 Call book to reserve it"],
    task_nodes: [{ task: "find" }, { task: "book" }],
    task_links: [{ source: "find", target: "book" }],
  });
}

let folder: TemporaryFolder;
beforeAll(async () => void (folder = await temporaryFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

async function data(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const place = path.join(folder.path, name);
  await mkdir(place);
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(place, file), text);
  return place;
}

describe("the requests of a folder", () => {
  it("are those to train on, with their chains and links, and the catalog", async () => {
    const place = await data("train", {
      "train.jsonl": `${line("One")}\n\n${line("Two")}\n`,
      "tool_desc.json": CATALOG,
    });
    const { train, test, catalog } = requestsIn(place);
    expect(test).toBeUndefined();
    expect(catalog).toEqual([{ name: "book", description: "Books a room", domains: ["Rooms"] }]);
    expect(train.map(({ request }) => request)).toEqual(["One", "Two"]);
    expect(train[0]).toEqual({
      request: "One",
      chain: ["find", "book"],
      links: [["find", "book"]],
    });
  });

  it("are split where there are some to score on", async () => {
    const place = await data("split", {
      "train.jsonl": line("One"),
      "test.jsonl": line("Two"),
      "tool_desc.json": CATALOG,
    });
    const { train, test } = requestsIn(place);
    expect([train, test].map((some) => some?.map(({ request }) => request))).toEqual([["One"], ["Two"]]);
  });

  it.each([
    ["no-catalog", { "train.jsonl": line("One") }, /there is no .*tool_desc\.json; needed is/],
    ["no-train", { "tool_desc.json": CATALOG }, /there is no .*train\.jsonl/],
    ["broken-line", { "train.jsonl": `${line("One")}\n{`, "tool_desc.json": CATALOG }, /train\.jsonl:2 is no JSON/],
    ["other-line", { "train.jsonl": "{}", "tool_desc.json": CATALOG }, /train\.jsonl:1 is not in the format/],
    ["other-catalog", { "train.jsonl": line("One"), "tool_desc.json": "[]" }, /tool_desc\.json is not in the format/],
  ])("are refused with what is wrong: %s", async (name, files, message) => {
    const place = await data(name, files);
    expect(() => requestsIn(place)).toThrow(UnusableData);
    expect(() => requestsIn(place)).toThrow(message);
  });

  it("have to be named", () => {
    expect(() => requestsIn(undefined)).toThrow(/--data DIR/);
    expect(() => requestsIn("")).toThrow(UnusableData);
  });
});
