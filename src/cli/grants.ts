import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import { isJsonObject } from "#events/json.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import { lastingName } from "#src/cli/tool-modules.ts";

// What the person who started a plan let it touch, kept beside the log so that `resume` goes on with the same, from
// whatever directory. It never comes from the plan.
//
// G1. Written before the plan's first fact: a plan in the log has its grants, or none were recorded by another door.
// G2. Options given to `resume` win.

export interface Grants {
  /** Absolute. */
  readonly root: string;
  /** Files by absolute path, packages by name. */
  readonly tools: readonly string[];
  readonly slots: number;
  readonly allowPrivateNetwork: boolean;
}

/** As typed; what is missing was not given. */
export interface GrantFlags {
  readonly root?: string;
  readonly tools?: readonly string[];
  readonly slots?: number;
  readonly allowPrivateNetwork?: boolean;
}

const FOLDER = "runs";

const DEFAULTS: Grants = { root: ".", tools: [], slots: DEFAULT_SLOTS, allowPrivateNetwork: false };

/** Fault: `root-unusable`. */
export function grantsOf({ root, tools, slots, allowPrivateNetwork }: GrantFlags, recorded: Grants = DEFAULTS): Grants {
  const directory = path.resolve(root ?? recorded.root);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Fault("root-unusable", `the root ${directory} is not a directory`);
  }
  return {
    root: directory,
    tools: tools?.map(lastingName) ?? recorded.tools,
    slots: slots ?? recorded.slots,
    allowPrivateNetwork: allowPrivateNetwork ?? recorded.allowPrivateNetwork,
  };
}

export async function recordGrants(directory: string, plan: PlanId, grants: Grants): Promise<void> {
  const file = fileOf(directory, plan);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(grants), { flush: true });
  await rename(`${file}.new`, file);
}

/** Undefined where none were recorded, or not by this version. */
export function readGrants(directory: string, plan: PlanId): Grants | undefined {
  const file = fileOf(directory, plan);
  if (!existsSync(file)) return undefined;
  try {
    return decode(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** After the plan has ended nobody needs them. */
export function forgetGrants(directory: string, plan: PlanId): void {
  rmSync(fileOf(directory, plan), { force: true });
}

/** Forgets those of runs that ended before their plan's first fact. */
export function forgetOrphans(directory: string, live: ReadonlySet<string>): void {
  const folder = path.join(directory, FOLDER);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!live.has(path.parse(name).name)) rmSync(path.join(folder, name), { force: true });
  }
}

function fileOf(directory: string, plan: PlanId): string {
  return path.join(directory, FOLDER, `${plan}.json`);
}

function decode(read: unknown): Grants | undefined {
  if (!isJsonObject(read)) return undefined;
  const { root, tools, slots, allowPrivateNetwork } = read;
  if (typeof root !== "string" || typeof slots !== "number" || typeof allowPrivateNetwork !== "boolean")
    return undefined;
  if (!Array.isArray(tools)) return undefined;
  return { root, slots, allowPrivateNetwork, tools: tools.map(String) };
}
