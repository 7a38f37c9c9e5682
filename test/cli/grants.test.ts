import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planId } from "#events/ids.ts";
import { engineGrants, grantsOf, readGrants, recordGrants, type Grants } from "#src/cli/grants.ts";
import { readConfiguration, type Choice, type Configuration } from "#src/config/configuration.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

const PLAN = planId.parse("01890000-0000-7000-8000-000000000001");
const OTHER = planId.parse("01890000-0000-7000-8000-000000000002");

let folder: TemporaryFolder;
const at = (...parts: string[]): string => path.join(folder.path, ...parts);

beforeEach(async () => {
  folder = await temporaryFolder();
  for (const name of ["configured", "recorded", "typed"]) await mkdir(at(name));
});
afterEach(() => folder[Symbol.asyncDispose]());

function configured(choice: Choice, text: string): Configuration {
  const read = readConfiguration({ text, file: at("planwright.config.yaml"), choice });
  if (!read.ok) throw new Error("the configuration of a test is wrong");
  return read.configuration;
}

const TEXT = `
root: configured
slots: 5
tools: [./own.ts]
pools: { gpu: { slots: 2 } }
keys: { "*": { limit: 3 } }
secrets: { files: { directory: secrets } }
plans: [shared]
store: elsewhere
`;

const RECORDED: Omit<Grants, "root"> = {
  tools: ["recorded-package"],
  slots: 2,
  allowPrivateNetwork: true,
  declared: { pools: { gpu: { slots: 1 } } },
};

describe("grants at the start of a run", () => {
  it("are the options, then the configuration, then the defaults", () => {
    const configuration = configured("directory", TEXT);
    expect(grantsOf({ slots: 1, configuration })).toEqual({
      root: at("configured"),
      tools: [at("own.ts")],
      slots: 1,
      allowPrivateNetwork: false,
      declared: {
        pools: { gpu: { slots: 2 } },
        keys: { "*": { limit: 3 } },
        secrets: { files: { directory: at("secrets") } },
        // Templates are looked for beside them.
        plans: [at("shared")],
      },
    });
    expect(grantsOf({ root: at("typed") })).toMatchObject({ root: at("typed"), slots: 8, tools: [], declared: {} });
  });

  it("want a root that is a directory, whoever names it", () => {
    const configuration = configured("directory", "root: nowhere");
    expect(() => grantsOf({ configuration })).toThrow(expect.objectContaining({ code: "root-unusable" }));
    expect(grantsOf({ configuration, root: at("typed") }).root).toBe(at("typed"));
    // What no system call takes is no directory either.
    for (const root of ["x".repeat(5_000), "x\0y"]) {
      expect(() => grantsOf({ root })).toThrow(expect.objectContaining({ code: "root-unusable" }));
    }
  });

  it("open an engine with their limits and secrets", async () => {
    await mkdir(at("secrets"));
    await writeFile(at("secrets", "TOKEN"), "from the file\n");
    const { limits, secrets } = engineGrants(grantsOf({ configuration: configured("directory", TEXT) }));
    expect(limits).toEqual({ pools: { gpu: { slots: 2 } }, keys: { "*": { limit: 3 } } });
    expect(await secrets!.resolve({ $secret: "TOKEN" }, new AbortController().signal)).toBe("from the file");
  });
});

describe("grants that were recorded", () => {
  const recorded = (): Grants => ({ root: at("recorded"), ...RECORDED });

  it("are read as they were written, the last time", async () => {
    expect(readGrants(folder.path, PLAN)).toBeUndefined();
    await recordGrants(folder.path, PLAN, { ...recorded(), slots: 1 });
    await recordGrants(folder.path, PLAN, recorded());
    expect(readGrants(folder.path, PLAN)).toEqual(recorded());
    expect(readGrants(folder.path, OTHER)).toBeUndefined();
  });

  it("survive a line that a crash cut off, and one that is wrong", async () => {
    await recordGrants(folder.path, PLAN, recorded());
    const [file = ""] = await readdir(at("runs"));
    const whole = await readFile(at("runs", file), "utf8");
    await writeFile(at("runs", file), whole + whole.trim().slice(0, -10));
    expect(readGrants(folder.path, PLAN)).toEqual(recorded());
    await recordGrants(folder.path, PLAN, { ...recorded(), slots: 7 });
    expect(readGrants(folder.path, PLAN)).toMatchObject({ slots: 7 });
    await writeFile(at("runs", file), whole.replace('"slots":2', '"slots":"many"'));
    expect(readGrants(folder.path, PLAN)).toBeUndefined();
  });

  it("win over a configuration that only lies there, from whatever directory the run goes on", () => {
    for (const choice of ["directory", "environment"] as const) {
      expect(grantsOf({ configuration: configured(choice, TEXT) }, recorded())).toEqual(recorded());
    }
  });

  it("lose to a configuration that is named by an option, as far as it says something", () => {
    const configuration = configured("flag", "slots: 9\nkeys: { a: { limit: 2 } }\n");
    expect(grantsOf({ configuration }, recorded())).toEqual({
      ...recorded(),
      slots: 9,
      declared: { keys: { a: { limit: 2 } } },
    });
    expect(grantsOf({ configuration: configured("flag", "store: x") }, recorded())).toEqual(recorded());
  });

  it("lose to options in any case", () => {
    const configuration = configured("flag", TEXT);
    const flags = { root: at("typed"), slots: 7, tools: ["./typed.ts"], allowPrivateNetwork: false };
    expect(grantsOf({ ...flags, configuration }, recorded())).toMatchObject({
      ...flags,
      tools: [path.resolve("typed.ts")],
    });
  });
});
