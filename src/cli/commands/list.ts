import type { Output } from "#src/api/client.ts";
import { hasStore } from "#src/compose.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Style, Terminal } from "#src/cli/terminal.ts";
import { durationText, lineText, plural, timeText } from "#src/cli/text.ts";

// `list`: one line a plan, from the view of plans alone, so that it costs the same whatever the plans are doing.
// A directory without a store has no plans; asking for them does not make one.

export interface ListFlags extends StoreFlags {
  readonly limit: number;
  readonly live?: boolean;
}

const MAX_NAME_CHARS = 30;
const MAX_ERROR_CHARS = 60;

/** The newest plans first. */
export async function list(flags: ListFlags, terminal: Terminal): Promise<ExitCode> {
  const { limit } = flags;
  const selected = flags.live === true ? { live: true } : {};
  const { plans } = hasStore(flags)
    ? await reading(flags, (client) => client.list({ limit, ...selected }))
    : { plans: [] };
  if (flags.json === true) terminal.out(JSON.stringify({ plans }));
  else if (plans.length === 0) terminal.out("no plans yet; start one by: planwright run FILE");
  else for (const plan of plans) terminal.out(rowText(plan, terminal));
  return EXIT.ok;
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
