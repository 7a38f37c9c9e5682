import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { z } from "zod";
import { contentHash } from "#events/canonical.ts";
import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { json, type Json } from "#events/json.ts";
import { stepGraph } from "#machines/graph.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { planLibrary, type PlanLibrary } from "#src/language/called-plans.ts";
import { checkPlan } from "#src/language/check.ts";
import type { Finding } from "#src/language/finding.ts";
import { formatFindings } from "#src/language/format.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import { runPlan } from "#src/testing/run-plan.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { Tool } from "#src/tools/define.ts";
import { AS_YAML } from "../../builders/every-word.ts";
import { mutated } from "../mutation/structure.ts";
import { mutatedText } from "../mutation/text.ts";
import { TEXTS } from "../mutation/hostile-values.ts";
import { Violation, type Place, type Target } from "../target.ts";
import { planTools } from "./plan-tools.ts";

// Plan files: valid ones over the whole language, changed as values and then as text, in YAML and JSON. What is accepted runs,
// with the real file tools and harmless others.

const EXAMPLES = ["examine.plan.yaml", "tour/release.plan.yaml", "magazine/issue.plan.yaml"];
const read = (name: string): string => readFileSync(new URL(`../../../examples/${name}`, import.meta.url), "utf8");
const IMPRINT = read("magazine/imprint.plan.yaml");

/** Small plans whose tools are there and run. */
const RUNNING = [
  "plan: files\ninputs:\n  at: { type: string, default: a.txt }\nsteps:\n  w: { tool: fs.write, with: { path: '${inputs.at}', text: hello } }\n  r: { tool: fs.read, needs: [w], with: { path: '${inputs.at}' } }\n  l: { tool: fs.list, with: { path: . } }\n  g: { tool: fs.glob, with: { path: ., pattern: '**/*.txt' } }\nrespond: ${steps.r.output} ${size(steps.l.output)}\n",
  "plan: lists\nsteps:\n  a: { value: [1, 2, 3] }\n  b: { each: '${steps.a.output}', as: n, concurrency: 2, do: { tool: text.count, with: { text: 'x${n}' } } }\n  c: { repeat: { value: '${index}' }, until: '${output >= 2}', max: 4 }\noutputs: { b: '${steps.b.output}', c: '${steps.c.output}' }\n",
  "plan: waits\nonFailure: continue\nsteps:\n  w: { wait: 2s }\n  s: { signal: go, deadline: 1m, fallback: [{ value: late }] }\n  p: { approve: { role: editor, show: '${steps.w.output}', expires: 1m }, fallback: [{ value: no }] }\n  j: { tool: json.read, with: { path: none.json }, retry: 2, fallback: [{ value: {} }], needs: [w], join: any }\nrespond: '${steps.s.output} ${steps.p.output}'\n",
  "plan: caller\nsteps:\n  c: { call: imprint, with: { number: 1, copies: 2, prices: { a: 1 } } }\n  u: { tool: fs.write, with: { path: u.txt, text: u }, undo: { tool: fs.restore, with: { path: u.txt } } }\nonFailure: rollback\n",
];

const PIECES = [
  ...TEXTS.filter((text) => text.length < 100),
  ...[
    "&a ",
    "*a",
    "<<: *a\n",
    "!!binary ",
    "!!js/function ",
    "!x ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "%TAG ! !\n",
    "? ",
  ],
  ...[
    "|\n ",
    ">-\n",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "#",
    " #",
    '"',
    "'",
    ": ",
    "- ",
    ",",
    "{ a: &b [*b] }",
    "~",
    "\n",
    "[[[[[",
  ],
];

const input = z.object({ file: z.enum(["p.yaml", "p.json"]), text: z.string(), runs: z.boolean() });
type Written = z.infer<typeof input>;

export async function openPlans({ folder, marker }: Place): Promise<Target> {
  const texts = [...EXAMPLES.map(read), AS_YAML, ...RUNNING, ...RUNNING, ...RUNNING];
  const tools = planTools([...texts, IMPRINT]);
  const registry = toolRegistry(tools);
  const library = planLibrary([sourceOf(IMPRINT)]);
  const values = texts.map((text) => sourceOf(text).root.value);
  const words = wordsIn(values);
  const draw = (random: SeededRandom): Written => {
    let value = random.pick(values);
    for (let change = random.int(0, 4); change > 0; change--) value = mutated(value, random, words);
    const file = random.pick(["p.yaml", "p.json"] as const);
    let text =
      file === "p.json"
        ? JSON.stringify(value, null, random.int(0, 2))
        : stringify(value, { aliasDuplicateObjects: false });
    for (let change = random.chance(0.5) ? random.int(1, 3) : 0; change > 0; change--)
      text = mutatedText(text, random, PIECES);
    return { file, text, runs: random.chance(0.3) };
  };
  const run = async (given: Json): Promise<string> => {
    const shaped = input.safeParse(given);
    if (!shaped.success) return "no case";
    const { file, text, runs } = shaped.data;
    const parsed = parsePlan(text, { file });
    if (!parsed.ok) return refused(parsed.findings);
    const checked = checkPlan(parsed.source, { tools: registry, plans: library });
    if (!checked.ok) return refused(checked.findings);
    assertWhole(checked.definition);
    if (!runs || text.includes("isolate")) return "accepted";
    return ran(checked.definition, { root: folder, marker, tools, library });
  };
  return { draw, run, [Symbol.asyncDispose]: async () => undefined };
}

function sourceOf(text: string): PlanSource {
  const parsed = parsePlan(text, { file: "p.yaml" });
  if (!parsed.ok) throw new Error(formatFindings(parsed.findings));
  return parsed.source;
}

/** Keys of all mappings, steps' own names among them. */
function wordsIn(values: readonly Json[]): readonly string[] {
  const words = new Set<string>();
  JSON.stringify(values, (key, value: unknown) => {
    if (key !== "" && !/^\d+$/.test(key)) words.add(key);
    return value;
  });
  return [...words];
}

/** Every finding has a code and a place, and can be printed. */
function refused(findings: readonly Finding[]): string {
  const [first] = findings;
  if (first === undefined) throw new Violation("a plan is refused without a finding");
  for (const { code, line, column, message } of findings) {
    if (!/^[a-z0-9-]+$/.test(code) || !(line >= 1) || !(column >= 1) || message === "") {
      throw new Violation(
        `a finding without code, place or message: ${JSON.stringify({ code, line, column, message })}`,
      );
    }
  }
  formatFindings(findings);
  return first.code;
}

/** What is accepted is a definition of the language, also after it was stored. */
function assertWhole(definition: PlanDefinition): void {
  const stored: unknown = JSON.parse(JSON.stringify(definition));
  const read = planDefinition.safeParse(stored);
  if (!read.success) throw new Violation(`an accepted plan is no definition: ${read.error.message}`);
  if (contentHash(json.parse(read.data)) !== contentHash(json.parse(definition))) {
    throw new Violation("an accepted plan is another one after it was stored");
  }
  stepGraph(definition);
}

type Running = Pick<Place, "marker"> & {
  readonly root: string;
  readonly tools: readonly Tool[];
  readonly library: PlanLibrary;
};

/** Things that may happen in one run; a plan of this corpus that goes on ends far below. */
const MAX_STEPS = 20_000;
const MAY_REFUSE: ReadonlySet<string> = new Set(["inputs-invalid", "run-endless"]);

async function ran(definition: PlanDefinition, { marker, ...around }: Running): Promise<string> {
  try {
    const { outcome, facts, response, error } = await runPlan(definition, { ...around, maxSteps: MAX_STEPS });
    const told = JSON.stringify([facts, response, error]);
    if (told.includes(marker)) throw new Violation("a step has read the file beside its root");
    return `ran: ${outcome}`;
  } catch (error) {
    if (error instanceof Fault && MAY_REFUSE.has(String(error.code))) return `not run: ${String(error.code)}`;
    throw error;
  }
}
