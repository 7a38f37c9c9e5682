// Draws both charts into machines/README.md, between its markers: the page shows the law that runs. With `--check` it
// writes nothing and fails where the page is stale. A path after the options names another page.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getStateNodes } from "xstate/graph";
import { planChart } from "#machines/plan-chart.ts";
import { stepChart } from "#machines/step-chart.ts";

type Chart = typeof planChart | typeof stepChart;
type ChartNode = ReturnType<typeof getStateNodes>[number];

const options = process.argv.slice(2);
const isCheck = options.includes("--check");
const path =
  options.find((option) => !option.startsWith("--")) ??
  fileURLToPath(new URL("../../machines/README.md", import.meta.url));

const page = readFileSync(path, "utf8");
const drawn = [planChart, stepChart].reduce((text, chart) => replaced(text, chart.id, draw(chart)), page);
if (!isCheck) writeFileSync(path, drawn);
else if (drawn !== page) {
  console.error(`${path} does not show the charts that run: node .config/scripts/charts.ts draws them`);
  process.exitCode = 1;
}

function replaced(text: string, id: string, drawing: string): string {
  const begin = `<!-- chart ${id} -->\n`;
  const end = "<!-- end of chart -->";
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${path} has no place for the chart ${id}: ${begin.trim()} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n\`\`\`mermaid\n${drawing}\n\`\`\`\n\n${text.slice(to)}`;
}

function draw(chart: Chart): string {
  const initial = chart.root.initial.target[0]?.key ?? "";
  return ["stateDiagram-v2", `  [*] --> ${initial}`, ...getStateNodes(chart).flatMap(arrows)].join("\n");
}

/** From one state to each other: the facts that lead there, with the conditions where a fact leads to several. */
function arrows(node: ChartNode): string[] {
  const targets = new Map<string, Map<string, string[]>>();
  for (const [fact, transitions] of node.transitions) {
    for (const { target, guard } of transitions) {
      const to = target?.[0]?.key ?? node.key;
      const facts = targets.get(to) ?? new Map<string, string[]>();
      targets.set(to, facts.set(fact, [...(facts.get(fact) ?? []), ...conditionOf(guard)]));
    }
  }
  return [...targets].map(([to, facts]) => `  ${node.key} --> ${to}: ${[...facts].map(labelOf).join("<br/>")}`);
}

/** The guard `isRetry` reads `retry`. */
function conditionOf(guard: unknown): string[] {
  return typeof guard === "string" ? [guard.replace(/^is/, "").toLowerCase()] : [];
}

function labelOf([fact, conditions]: [string, string[]]): string {
  return conditions.length === 0 ? fact : `${fact} (${conditions.join(" or ")})`;
}
