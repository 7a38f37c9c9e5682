import { readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import { isJsonObject } from "#events/json.ts";
import { versionOf, type PlanLibrary } from "#src/language/called-plans.ts";
import type { Finding } from "#src/language/finding.ts";
import type { Parsed, PlanSource } from "#src/language/parse.ts";
import { Report } from "#src/language/report.ts";
import { readSource } from "#src/plan-files/source-file.ts";

// The plans that `call` finds: files in folders, by the name that each plan gives itself.
//
// L1. Nothing is read before a plan calls another one.
// L2. A file that cannot be read as YAML or JSON is no plan; what is wrong with it is kept for who misses a plan.
// L3. Two files with one name and version are refused when that plan is called: which one runs must not depend on an order.

export interface FolderLibrary extends PlanLibrary {
  /** What is wrong with files that could not be read, as far as anything was looked for. */
  problems(): readonly Finding[];
}

/** In a folder; a file that is named itself may be called anything. */
const PLAN_FILE = /\.plan\.(?:yaml|yml|json)$/;
const MAX_FILES = 1_000;

interface Found {
  readonly plans: ReadonlyMap<string, readonly PlanSource[]>;
  readonly problems: readonly Finding[];
}

/** Of directories and files. Faults of `find` and `names`: `plans-unreadable`, `plan-twice`, `too-many-plan-files`. */
export function folderLibrary(places: readonly string[]): FolderLibrary {
  let found: Found | undefined;
  const read = (): Found => (found ??= readAll(places));
  return {
    find: (name) => distinct(name, read().plans.get(name) ?? []),
    names: () => [...read().plans.keys()],
    problems: () => found?.problems ?? [],
  };
}

function readAll(places: readonly string[]): Found {
  const files = new Map(places.flatMap(filesAt).map((file) => [realOf(file), file]));
  if (files.size > MAX_FILES) {
    throw new Fault(
      "too-many-plan-files",
      `${files.size} plan files are more than the ${MAX_FILES} that are looked at`,
    );
  }
  const plans = new Map<string, PlanSource[]>();
  const problems: Finding[] = [];
  for (const file of files.values()) {
    const parsed = readOne(file);
    if (!parsed.ok) problems.push(...parsed.findings.slice(0, 1));
    else for (const name of namesOf(parsed.source)) plans.set(name, [...(plans.get(name) ?? []), parsed.source]);
  }
  return { plans, problems };
}

function readOne(file: string): Parsed {
  try {
    return readSource(file, "plan-file-unreadable");
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const report = new Report({ file, text: "" });
    report.error([], { code: String(error.code), message: error.message });
    return { ok: false, findings: report.findings() };
  }
}

function filesAt(place: string): readonly string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place).filter((name) => PLAN_FILE.test(name));
    return names
      .sort()
      .map((name) => path.join(place, name))
      .filter(isReadable);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("plans-unreadable", `plans cannot be looked for in ${place}: ${why}`, { cause });
  }
}

/** A pipe or a device in a folder is no plan: reading it need not end. What else cannot be read is found out later. */
function isReadable(file: string): boolean {
  try {
    const found = statSync(file);
    return found.isFile() || found.isDirectory();
  } catch {
    return true;
  }
}

/** A link that leads nowhere is found out when it is read. */
function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function namesOf({ root }: PlanSource): readonly string[] {
  const name = isJsonObject(root.value) ? root.value.plan : undefined;
  return typeof name === "string" ? [name] : [];
}

function distinct(name: string, sources: readonly PlanSource[]): readonly PlanSource[] {
  const files = new Map<string, string>();
  for (const source of sources) {
    const version = versionOf(source);
    const other = files.get(version);
    if (other !== undefined) {
      throw new Fault("plan-twice", `two files are the plan ${name}@${version}: ${other} and ${source.file}`);
    }
    files.set(version, source.file);
  }
  return sources;
}
