import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planId } from "#events/ids.ts";
import { grantAdmissions } from "#src/cli/admissions.ts";
import { grantsOf } from "#src/cli/grants.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

const PLAN = planId.parse("01890000-0000-7000-8000-000000000001");
const OTHER = planId.parse("01890000-0000-7000-8000-000000000002");

let folder: TemporaryFolder;
const at = (...parts: string[]): string => path.join(folder.path, ...parts);

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(at("root"));
});
afterEach(() => folder[Symbol.asyncDispose]());

const DOOR = fileURLToPath(new URL("../../src/index.ts", import.meta.url));

const moduleOf = (name: string): string => `
import { defineTool } from ${JSON.stringify(DOOR)};
import { z } from "zod";
export const own = defineTool({ name: ${JSON.stringify(name)}, version: "1.0.0", description: "Own.",
  input: z.strictObject({}), output: z.null(), sideEffects: "read", run: () => null });
`;

describe("plans that go on in another process", () => {
  it("get the root and the tools that they were started with, loaded once", async () => {
    await writeFile(at("own.ts"), moduleOf("own.tool"));
    const grants = grantsOf({ root: at("root"), tools: [at("own.ts")], allowPrivateNetwork: true });
    const first = grantAdmissions({ directory: folder.path, grants, flags: {} });
    await first.begin(PLAN);
    await first.begin(OTHER);
    const second = grantAdmissions({ directory: folder.path, grants: grantsOf({}), flags: {} });
    const workshop = await second.recall(PLAN);
    expect(workshop?.roots).toEqual({ fs: at("root"), allowPrivateNetwork: true });
    expect(workshop?.tools.get("own.tool")).toBeDefined();
    expect(await second.recall(OTHER)).toBe(workshop);
  });

  it("get what this process gives where nothing was recorded, and what is typed in any case", async () => {
    const admissions = grantAdmissions({ directory: folder.path, grants: grantsOf({}), flags: {} });
    expect(await admissions.recall(PLAN)).toBeUndefined();
    await admissions.begin(PLAN);
    const typed = grantAdmissions({ directory: folder.path, grants: grantsOf({}), flags: { root: at("root") } });
    expect((await typed.recall(PLAN))?.roots.fs).toBe(at("root"));
  });

  it("are refused by name where a module is gone, and go on when it is there again", async () => {
    const grants = grantsOf({ root: at("root"), tools: [at("late.ts")] });
    const admissions = grantAdmissions({ directory: folder.path, grants, flags: {} });
    await admissions.begin(PLAN);
    await expect(admissions.recall(PLAN)).rejects.toMatchObject({ code: "tool-module-missing" });
    await writeFile(at("late.ts"), moduleOf("late.tool"));
    expect((await admissions.recall(PLAN))?.tools.get("late.tool")).toBeDefined();
  });
});
