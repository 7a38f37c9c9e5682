import type { Output } from "#src/api/client.ts";
import { hasStore } from "#src/open-store.ts";
import type { StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { findServingToRead } from "#src/cli/serving.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, lineText, plural, timeText } from "#src/cli/text.ts";

// `status`: who runs plans here. One line for the process that answers, one for each coordinator and each executor, as that
// process knows them; any coordinator of an installation knows all.

const MAX_LINE_CHARS = 300;
const MAX_TOOLS_NAMED = 6;

type Status = Output<"status">;

export async function status(flags: StoreFlags, terminal: Terminal): Promise<ExitCode> {
  await using serving = await findServingToRead(flags);
  if (serving === undefined) return nobody(flags, terminal);
  const seen = await serving.client.status({});
  if (flags.json === true) terminal.out(JSON.stringify(seen));
  else for (const line of linesOf(seen)) terminal.out(lineText(line, MAX_LINE_CHARS));
  return EXIT.ok;
}

function nobody(flags: StoreFlags, terminal: Terminal): ExitCode {
  const text = hasStore(flags) ? "nobody runs plans here" : "nobody runs plans here, and there is no store";
  if (flags.json === true) terminal.out(JSON.stringify({ serving: null, store: hasStore(flags) }));
  else terminal.out(`${text}; start by: planwright serve`);
  return EXIT.ok;
}

function linesOf(seen: Status): readonly string[] {
  const { command, pid, version, since, store, livePlans, head, quarantined } = seen;
  const held = quarantined === 0 ? "" : `, ${quarantined} quarantined`;
  const isShort = seen.freePartitions === 0;
  return [
    `${store}: ${plural(livePlans, "plan")} in memory${held}, last fact at ${head}`,
    `answered by ${command} (${version}, process ${pid}) since ${timeText(since)}`,
    ...seen.coordinators.map(coordinatorText),
    ...(isShort ? [] : [`${plural(seen.freePartitions, "partition")} of nobody for now: their plans stand still`]),
    ...seen.executors.map(executorText),
    ...(seen.executors.length === 0 ? ["no executor is heard: nothing runs; start one by: planwright worker"] : []),
  ];
}

function coordinatorText({ id, partitions, heardMs, isAnswering }: Status["coordinators"][number]): string {
  const heard = isAnswering ? "answers this" : heardText(heardMs);
  return `coordinator ${id}: ${plural(partitions, "partition")}, ${heard}`;
}

function executorText({ id, version, pool, tools, slots, used, heardMs }: Status["executors"][number]): string {
  const busy = slots === undefined ? "slots unknown" : `${used ?? 0} of ${plural(slots, "slot")} used`;
  const from = pool === undefined ? "every pool" : `pool ${pool}`;
  return `executor ${id}: ${busy}, ${from}, ${toolsText(tools)}, version ${version}, ${heardText(heardMs)}`;
}

function toolsText(tools: readonly string[] | undefined): string {
  if (tools === undefined) return "every tool";
  const named = tools.slice(0, MAX_TOOLS_NAMED).join(" ");
  const more = tools.length > MAX_TOOLS_NAMED ? ` and ${tools.length - MAX_TOOLS_NAMED} more` : "";
  return `${plural(tools.length, "tool")} (${named}${more})`;
}

function heardText(ms: number): string {
  return `heard ${durationText(ms)} ago`;
}
