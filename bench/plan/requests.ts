import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UnusableData } from "../metric.ts";

// Requests whose chains of tools are known, as UltraTool has them in GNN4TaskPlan: a JSON object a line, in train.jsonl and perhaps
// test.jsonl, and the catalog in tool_desc.json. Steps in words and the graph of links are not read: they were made from the answers.

export interface Known {
  readonly request: string;
  readonly chain: readonly string[];
  /** Source and target of each link. */
  readonly links: readonly (readonly [string, string])[];
}

interface Described {
  readonly name: string;
  readonly description: string;
  readonly domains: readonly string[];
}

export interface Requests {
  readonly train: readonly Known[];
  /** Undefined where the folder holds nothing to score on: then folds of the others are. */
  readonly test: readonly Known[] | undefined;
  readonly catalog: readonly Described[];
}

const LINE = z.object({
  user_request: z.string(),
  task_nodes: z.array(z.object({ task: z.string() })),
  task_links: z.array(z.object({ source: z.string(), target: z.string() })),
});

const CATALOG = z.object({
  nodes: z.array(z.object({ id: z.string(), desc: z.string(), domain: z.array(z.string()) })),
});

/** Throws UnusableData that says what is missing, or where the first thing stands that is not in the format. */
export function requestsIn(folder: string | undefined): Requests {
  if (folder === undefined || folder === "")
    throw new UnusableData(`say where the requests are: --data DIR (${NEEDED})`);
  const test = join(folder, "test.jsonl");
  const { nodes } = parsed(CATALOG, needed(join(folder, "tool_desc.json")), "tool_desc.json");
  return {
    train: linesOf(join(folder, "train.jsonl")),
    test: existsSync(test) ? linesOf(test) : undefined,
    catalog: nodes.map(({ id, desc, domain }) => ({ name: id, description: desc, domains: domain })),
  };
}

const NEEDED = "a folder with train.jsonl and tool_desc.json, and perhaps test.jsonl";

function linesOf(file: string): readonly Known[] {
  const lines = needed(file).split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const { user_request: request, task_nodes: nodes, task_links: links } = parsed(LINE, line, `${file}:${index + 1}`);
    return [
      {
        request,
        chain: nodes.map(({ task }) => task),
        links: links.map(({ source, target }) => [source, target] as const),
      },
    ];
  });
}

function needed(file: string): string {
  if (!existsSync(file)) throw new UnusableData(`there is no ${file}; needed is ${NEEDED}`);
  return readFileSync(file, "utf8");
}

function parsed<Value>(schema: z.ZodType<Value>, text: string, where: string): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UnusableData(`${where} is no JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (!result.success) throw new UnusableData(`${where} is not in the format: ${z.prettifyError(result.error)}`);
  return result.data;
}
