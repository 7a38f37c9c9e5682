import { existsSync, readFileSync, statSync } from "node:fs";
import { appendFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import { isJsonObject } from "#events/json.ts";
import { partitionOf } from "#events/streams.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import { lastingName } from "#src/cli/tool-modules.ts";

// What the person who started a plan let it touch, kept beside the log so that the plan goes on with the same, from
// whatever directory and in whatever process. It never comes from the plan.
//
// G1. Written before the plan's first fact: a plan in the log has its grants, or none were recorded by another door.
// G2. Options given to a command win.
// G3. Kept as long as the plan: one that has ended may be retried or rolled back. A line a plan, in a file a partition;
//     the last line of a plan counts, and one that a crash cut off is none.

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

/** Whether any was typed: such a command means this process, and no other can take it over. */
export function hasGrants({ root, tools, slots, allowPrivateNetwork }: GrantFlags): boolean {
  return [root, tools, slots, allowPrivateNetwork].some((flag) => flag !== undefined);
}

export async function recordGrants(directory: string, plan: PlanId, grants: Grants): Promise<void> {
  const file = fileOf(directory, plan);
  await mkdir(path.dirname(file), { recursive: true });
  // The line begins with an end of line: one that a crash cut off spoils no other.
  await appendFile(file, `\n${JSON.stringify({ plan, ...grants })}\n`, { flush: true });
}

/** Undefined where none were recorded. */
export function readGrants(directory: string, plan: PlanId): Grants | undefined {
  const file = fileOf(directory, plan);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes(plan));
  return lines.map((line) => decode(line, plan)).findLast((grants) => grants !== undefined);
}

function fileOf(directory: string, plan: PlanId): string {
  return path.join(directory, FOLDER, `${partitionOf(plan).toString(16).padStart(2, "0")}.jsonl`);
}

function decode(line: string, plan: PlanId): Grants | undefined {
  const read = parsed(line);
  if (!isJsonObject(read) || read.plan !== plan) return undefined;
  const { root, tools, slots, allowPrivateNetwork } = read;
  if (typeof root !== "string" || typeof slots !== "number" || typeof allowPrivateNetwork !== "boolean")
    return undefined;
  if (!Array.isArray(tools)) return undefined;
  return { root, slots, allowPrivateNetwork, tools: tools.map(String) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
