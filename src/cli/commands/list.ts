import type { PlanStateName } from "#machines/plan-chart.ts";
import type { Output, ReadingClient } from "#src/api/client.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { isSomewhere } from "#src/cli/serving.ts";
import type { Style, Terminal } from "#src/cli/terminal.ts";
import { durationText, lineText, plural, timeText } from "#src/cli/text.ts";

// `list`: one line a plan, from the view of plans alone, so that it costs the same whatever the plans are doing.
// A directory without a store has no plans; asking for them does not make one.

export interface ListFlags extends StoreFlags {
  readonly limit: number;
  readonly live?: boolean;
  readonly status?: readonly PlanStateName[];
  readonly name?: string;
  readonly text?: string;
  /** `next` of the page before. */
  readonly cursor?: string;
}

const MAX_NAME_CHARS = 30;
const MAX_ERROR_CHARS = 60;

/** The newest plans first. */
export async function list(flags: ListFlags, terminal: Terminal): Promise<ExitCode> {
  const { plans, next }: Output<"list"> = isSomewhere(flags)
    ? await reading(flags, (client) => client.list(queryOf(flags)))
    : { plans: [] };
  if (flags.json === true) {
    terminal.out(JSON.stringify({ plans, next }));
    return EXIT.ok;
  }
  if (plans.length === 0) terminal.out(isFiltered(flags) ? "no such plans" : NONE);
  for (const plan of plans) terminal.out(rowText(plan, terminal));
  if (next !== undefined) terminal.err(terminal.paint("dim", `more by: --cursor ${next}`, "err"));
  return EXIT.ok;
}

const NONE = "no plans yet; start one by: planwright run FILE";

function queryOf({ limit, live, status, name, text, cursor }: ListFlags): Parameters<ReadingClient["list"]>[0] {
  return {
    limit,
    ...(live === true ? { live } : {}),
    ...(status === undefined ? {} : { status }),
    ...(name === undefined ? {} : { name }),
    ...(text === undefined ? {} : { text }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function isFiltered({ live, status, name, text, cursor }: ListFlags): boolean {
  return [live, status, name, text, cursor].some((condition) => condition !== undefined);
}

const STYLES: Readonly<Record<string, Style>> = {
  succeeded: "green",
  failed: "red",
  cancelled: "yellow",
  running: "cyan",
};

function rowText(row: Output<"list">["plans"][number], terminal: Terminal): string {
  const { plan, name, status, steps, startedAt, endedAt, draftedAt, error } = row;
  const took = startedAt === undefined || endedAt === undefined ? "" : durationText(endedAt - startedAt);
  const columns = [
    plan,
    terminal.paint(STYLES[status] ?? "dim", status.padEnd(10)),
    lineText(name, MAX_NAME_CHARS).padEnd(16),
    plural(steps, "step").padEnd(10),
    timeText(startedAt ?? draftedAt),
    took.padEnd(7),
    error === undefined ? "" : terminal.paint("dim", lineText(error, MAX_ERROR_CHARS)),
  ];
  return columns.join("  ").trimEnd();
}
