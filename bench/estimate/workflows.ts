import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UnusableData } from "../metric.ts";

// Runs of scientific workflows (WfCommons, WfFormat 1.5): which task waited for which, how long each took, and how long all of it did.
// A program's name is that of its tasks without their number: what is known of one task is used for the others.

export interface WorkflowTask {
  /** What it runs: tasks of one program take about as long. */
  readonly program: string;
  /** Numbers of tasks. */
  readonly parents: readonly number[];
  readonly durationMs: number;
}

export interface WorkflowRun {
  readonly name: string;
  /** Runs of one application with other data, or other machines. */
  readonly application: string;
  readonly tasks: readonly WorkflowTask[];
  /** As it was: with what the workflow system took for itself. */
  readonly makespanMs: number;
  readonly cores: number;
}

const INSTANCE = z.object({
  workflow: z.object({
    specification: z.object({
      tasks: z.array(z.object({ id: z.string(), name: z.string(), parents: z.array(z.string()) })).min(1),
    }),
    execution: z.object({
      makespanInSeconds: z.number().positive(),
      tasks: z.array(z.object({ id: z.string(), runtimeInSeconds: z.number().nonnegative() })),
      machines: z.array(z.object({ cpu: z.object({ coreCount: z.number().optional() }).optional() })).optional(),
    }),
  }),
});

/** Throws UnusableData where there are none. */
export function workflowRunsIn(folder: string | undefined): readonly WorkflowRun[] {
  if (folder === undefined || folder === "") throw new UnusableData("say where the workflows are: --data DIR");
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  if (files.length === 0) throw new UnusableData(`${folder} has no workflows in WfFormat`);
  return files.sort().map((file) => runIn(folder, file));
}

function runIn(folder: string, file: string): WorkflowRun {
  const { workflow } = INSTANCE.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  const { specification, execution } = workflow;
  const numbers = new Map(specification.tasks.map(({ id }, number) => [id, number]));
  const seconds = new Map(execution.tasks.map(({ id, runtimeInSeconds }) => [id, runtimeInSeconds]));
  const [application = file] = file.split("-");
  const cores = (execution.machines ?? []).reduce((sum, { cpu }) => sum + (cpu?.coreCount ?? 1), 0);
  return {
    name: file.replace(/\.json$/, ""),
    application,
    tasks: specification.tasks.map(({ id, name, parents }) => ({
      program: programOf(name),
      parents: parents.flatMap((parent) => numbers.get(parent) ?? []),
      durationMs: (seconds.get(id) ?? 0) * 1_000,
    })),
    makespanMs: execution.makespanInSeconds * 1_000,
    cores: Math.max(1, cores),
  };
}

/** Without the number of the task, or the name of what it reads. */
function programOf(name: string): string {
  const [program = name] = name.split(/_ID\d|_\d|_chr|_HEP|_\(/u);
  return program;
}
