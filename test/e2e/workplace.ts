// A folder in which commands are run, with a store that has seen a good run, and the doctor who looks at it afterwards.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { temporaryFolder } from "../store/folder.ts";
import { endAllIn, planwright, type Ran, type RunOptions } from "./command.ts";

/** Tools that misbehave, each in one way. */
export const BAD_TOOLS = fileURLToPath(new URL("../fixtures/tools/bad.tools.ts", import.meta.url));

const GOOD_PLAN = "plan: good\nsteps:\n  one: { value: 1 }\nrespond: fine\n";

export interface Workplace extends AsyncDisposable {
  readonly path: string;
  readonly store: string;
  write(name: string, text: string): Promise<string>;
  run(...args: readonly string[]): Promise<Ran>;
  runAs(options: Partial<RunOptions>, ...args: readonly string[]): Promise<Ran>;
}

export async function workplace(): Promise<Workplace> {
  const folder = await temporaryFolder();
  const cwd = path.join(folder.path, "work");
  await mkdir(cwd);
  const place: Workplace = {
    path: cwd,
    store: path.join(cwd, ".planwright"),
    write: async (name, text) => {
      await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
      await writeFile(path.join(cwd, name), text);
      return name;
    },
    run: (...args) => planwright(args, { cwd }),
    runAs: (options, ...args) => planwright(args, { cwd, ...options }),
    [Symbol.asyncDispose]: () => {
      endAllIn(cwd);
      return folder[Symbol.asyncDispose]();
    },
  };
  await place.write("good.yaml", GOOD_PLAN);
  return place;
}

/** A workplace whose store holds one plan that succeeded. */
export async function usedWorkplace(): Promise<Workplace> {
  const place = await workplace();
  const ran = await place.run("run", "good.yaml", "--plain");
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "fine\n" });
  return place;
}

/** Every checksum is right, and nothing is lost or quarantined. Gives the number of events. */
export async function expectHealthy(place: Workplace): Promise<number> {
  const doctor = await place.run("doctor", "--json");
  expect(doctor.code, doctor.stderr + doctor.stdout).toBe(0);
  const diagnosis: unknown = JSON.parse(doctor.stdout);
  expect(diagnosis).toMatchObject({ ok: true, verified: { damages: [] }, examined: { problems: [] } });
  return (diagnosis as { verified: { events: number } }).verified.events;
}
