import type { Output } from "#src/api/client.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { isSomewhere } from "#src/cli/serving.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, plural, timeText } from "#src/cli/text.ts";

// `stats`: how tools have done in this store, from the view of tools alone: outcomes by category, latencies of successes.
// A directory without a store has no statistics; asking for them does not make one.

type Report = Output<"toolStatistics">["tools"][number];

/** One report a version of a tool: of all, or of the one that is named. */
export async function stats(name: string | undefined, flags: StoreFlags, terminal: Terminal): Promise<ExitCode> {
  const all = isSomewhere(flags) ? (await reading(flags, (client) => client.toolStatistics({}))).tools : [];
  const tools = name === undefined ? all : all.filter(({ tool }) => tool === name);
  if (flags.json === true) terminal.out(JSON.stringify({ tools }));
  else if (tools.length === 0) terminal.out(name === undefined ? "no tool has run yet" : `${name} has not run yet`);
  else for (const report of tools) terminal.out(reportText(report, terminal));
  return EXIT.ok;
}

function reportText(report: Report, terminal: Terminal): string {
  const { tool, version, attempts, succeeded, latency, lastAt } = report;
  const share = attempts === 0 ? "" : `, ${succeeded} succeeded`;
  const last = lastAt === undefined ? "" : `, last ${timeText(lastAt)}`;
  const lines = [`${terminal.paint("bold", `${tool} ${version}`)}  ${plural(attempts, "attempt")}${share}${last}`];
  if (latency !== undefined) {
    const { p50Ms, p90Ms, p99Ms, maxMs } = latency;
    const named = Object.entries({ p50: p50Ms, p90: p90Ms, p99: p99Ms, longest: maxMs });
    lines.push(`  successes: ${named.map(([label, ms]) => `${label} ${durationText(ms)}`).join(", ")}`);
  }
  const others = othersText(report);
  return others === "" ? lines.join("\n") : [...lines, `  others: ${others}`].join("\n");
}

function othersText({ failed, timedOut, lost, cancelled, inFlight }: Report): string {
  const counts = { ...failed, "timed out": timedOut, lost, cancelled, "under way": inFlight };
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ");
}
