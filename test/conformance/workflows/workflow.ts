// Runs of real scientific workflows, as their traces tell them (WfCommons, WfFormat 1.5): which task waited for which, and how
// long each one took. The files lie beside the checkout and are not part of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { ROOT } from "../../tidy/tree.ts";

export const FOLDER = path.join(ROOT, "../shared/data/wfinstances");

/** What a clear message says where the folder is missing. */
export const FOLDER_SHOWN = "../shared/data/wfinstances";

export interface Task {
  readonly id: string;
  /** Numbers of the tasks that it waits for. */
  readonly parents: readonly number[];
  readonly durationMs: number;
}

export interface Workflow {
  readonly name: string;
  readonly tasks: readonly Task[];
}

const instance = z.object({
  schemaVersion: z.literal("1.5"),
  workflow: z.object({
    specification: z.object({ tasks: z.array(z.object({ id: z.string(), parents: z.array(z.string()) })).min(1) }),
    execution: z.object({ tasks: z.array(z.object({ id: z.string(), runtimeInSeconds: z.number().nonnegative() })) }),
  }),
});

/** Names of the workflows in a folder, in their order; none where there is no folder. */
export function workflowNames(folder = FOLDER): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.map((file) => path.basename(file, ".json")).sort();
}

/** Throws where a task waits for one that there is not, or has no run time. */
export function readWorkflow(name: string, folder = FOLDER): Workflow {
  const read = instance.parse(JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8")));
  const { specification, execution } = read.workflow;
  const numbers = new Map(specification.tasks.map(({ id }, number) => [id, number]));
  const seconds = new Map(execution.tasks.map(({ id, runtimeInSeconds }) => [id, runtimeInSeconds]));
  const tasks = specification.tasks.map(({ id, parents }) => ({
    id,
    parents: parents.map((parent) => known(numbers, parent)),
    durationMs: Math.round(known(seconds, id) * 1_000),
  }));
  return { name, tasks };
}

export function edgesOf({ tasks }: Workflow): number {
  return tasks.reduce((sum, { parents }) => sum + parents.length, 0);
}

function known(values: ReadonlyMap<string, number>, id: string): number {
  const value = values.get(id);
  if (value === undefined) throw new Error(`the workflow says nothing of ${id}`);
  return value;
}
