import { existsSync, readFileSync, statSync } from "node:fs";
import { appendFile, mkdir, open } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { DEFAULT_SLOTS, type EngineGrants } from "#src/compose.ts";
import { declaredSecrets } from "#src/secrets/declared.ts";
import { storeFault } from "#src/store/embedded/faults.ts";
import { lastingName } from "#src/cli/tool-modules.ts";
import type { Configuration } from "#src/config/configuration.ts";
import { configFile } from "#src/config/file-schema.ts";

// What the person who started a plan let it touch, kept beside the log so that the plan goes on with the same, from
// whatever directory and in whatever process. It never comes from the plan.
//
// G1. Written before the plan's first fact: a plan in the log has its grants, or none were recorded by another door.
// G2. At the start options win over the configuration. Options given to a command that goes on with a plan, a configuration
//     that is named by `--config` among them, win over what was recorded; a configuration that only lies there does not.
// G3. Kept as long as the plan: one that has ended may be retried or rolled back. A line a plan, in a file a partition;
//     the last line of a plan counts, and one that a crash cut off is none.

const {
  root,
  tools,
  slots,
  allowPrivateNetwork,
  pools,
  keys,
  resources,
  secrets,
  models,
  planning,
  planner,
  templates,
  plans,
  requests,
} = configFile.shape;
const granted = z.object({ root, tools, slots, allowPrivateNetwork });
const declared = z.object({ pools, keys, resources, secrets, models, planning, planner, templates, plans, requests });

const grants = z.object({
  /** Absolute. */
  root: z.string(),
  /** Files by absolute path, packages by name. */
  tools: z.array(z.string()).readonly(),
  slots: z.number(),
  allowPrivateNetwork: z.boolean(),
  /** Limits, models, what planning knows and may use, and where secrets are kept, as the configuration said it. */
  declared: declared.default({}),
});
export type Grants = Readonly<z.infer<typeof grants>>;

/** A line of a file. */
const grantsLine = z.object({ plan: z.string(), grants });

/** As typed; what is missing was not given. */
export interface GrantFlags {
  readonly root?: string;
  readonly tools?: readonly string[];
  readonly slots?: number;
  readonly allowPrivateNetwork?: boolean;
  readonly configuration?: Configuration;
}

const FOLDER = "runs";

const DEFAULTS: Grants = { root: ".", tools: [], slots: DEFAULT_SLOTS, allowPrivateNetwork: false, declared: {} };

/** What a run is granted by options (as typed), configuration, and what was recorded at its start. Fault: `root-unusable`. */
export function grantsOf(flags: GrantFlags, recorded?: Grants): Grants {
  const before = { ...DEFAULTS, ...beforeOptions(flags.configuration, recorded) };
  const directory = path.resolve(flags.root ?? before.root);
  if (!isDirectory(directory)) throw new Fault("root-unusable", `the root ${directory} is not a directory`);
  return {
    root: directory,
    tools: flags.tools?.map(lastingName) ?? before.tools,
    slots: flags.slots ?? before.slots,
    allowPrivateNetwork: flags.allowPrivateNetwork ?? before.allowPrivateNetwork,
    declared: before.declared,
  };
}

/** A path may also be too long, a circle of links, or behind a closed folder. */
function isDirectory(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}

/** Whether any was typed: such a command means this process, and no other can take it over. */
export function hasGrants(flags: GrantFlags): boolean {
  const typed = [flags.root, flags.tools, flags.slots, flags.allowPrivateNetwork];
  return typed.some((flag) => flag !== undefined);
}

function beforeOptions(configuration: Configuration | undefined, recorded: Grants | undefined): Partial<Grants> {
  if (configuration === undefined) return recorded ?? {};
  const configured = configuredGrants(configuration);
  return configuration.file?.choice === "flag" ? { ...recorded, ...configured } : { ...configured, ...recorded };
}

/** What an engine is opened with; its tools are loaded by whoever opens it. */
export function engineGrants({
  declared,
  tools: _,
  ...others
}: Grants): Omit<EngineGrants, "tools" | "models" | "planning" | "planner" | "templates" | "requests"> {
  const { secrets, pools, keys, resources } = declared;
  const limits = { ...(pools && { pools }), ...(keys && { keys }), ...(resources && { resources }) };
  return { ...others, limits, secrets: declaredSecrets(secrets) };
}

/** What the configuration says of grants, and nothing else. */
function configuredGrants({ settings }: Configuration): Partial<Grants> {
  const said = declared.parse(settings);
  return { ...granted.parse(settings), ...(Object.keys(said).length === 0 ? {} : { declared: said }) };
}

/** Durable when this resolves. Faults: `store-full`, `store-read-only`, `store-unavailable`. */
export async function recordGrants(directory: string, plan: PlanId, given: Grants): Promise<void> {
  const file = fileOf(directory, plan);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // The line begins with an end of line: one that a crash cut off spoils no other.
    await appendFile(file, `\n${JSON.stringify({ plan, grants: given })}\n`, { flush: true });
    await syncEntries(file);
  } catch (error) {
    throw storeFault(error, file);
  }
}

/** Files of which this process knows that their names are durable: at most one a partition and store. */
const named = new Set<string>();

async function syncEntries(file: string): Promise<void> {
  if (named.has(file)) return;
  for (const folder of [path.dirname(file), path.dirname(path.dirname(file))]) {
    await using handle = await open(folder, "r");
    await handle.sync();
  }
  named.add(file);
}

/** Undefined where none were recorded. */
export function readGrants(directory: string, plan: PlanId): Grants | undefined {
  const file = fileOf(directory, plan);
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes(plan));
  return lines.map((line) => decode(line, plan)).findLast((found) => found !== undefined);
}

function fileOf(directory: string, plan: PlanId): string {
  return path.join(directory, FOLDER, `${partitionOf(plan).toString(16).padStart(2, "0")}.jsonl`);
}

function decode(line: string, plan: PlanId): Grants | undefined {
  try {
    const { data } = grantsLine.safeParse(JSON.parse(line));
    return data?.plan === plan ? data.grants : undefined;
  } catch {
    return undefined;
  }
}
