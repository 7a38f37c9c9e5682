import { describe, expect, it } from "vitest";
import { allOperations } from "#src/api/client.ts";
import { readText } from "../tidy/tree.ts";

describe("the page of the operations", () => {
  it("has every operation once, at its route", () => {
    const rows = [...readText("docs/api.md").matchAll(/^\| `(\w+)` +\| `((?:GET|POST) [^`]+)`/gm)];
    const listed = rows.map(([, name = "", route = ""]) => [name, route]);
    const known = allOperations().map(([name, { route }]) => [name, route]);
    expect(listed.toSorted()).toEqual(known.toSorted());
  });
});
