import { Fault } from "#events/fault.ts";
import type { Output, ReadingClient } from "#src/api/client.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { isOver } from "#src/cli/ending.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { sourcesText, valueText } from "#src/cli/result-text.ts";
import { stepRow } from "#src/cli/step-row.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, plural, safeText, timeText } from "#src/cli/text.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `show` and `replay`: a plan's state now, or as it was after any of its facts.
// Both are the same operations; only the revision and the moment differ.

export interface ReplayFlags extends StoreFlags {
  readonly to: number;
}

export interface ShowFlags extends StoreFlags {
  readonly sources?: boolean;
}

export async function show(reference: string, flags: ShowFlags, terminal: Terminal): Promise<ExitCode> {
  return reading(flags, async (client) => {
    const { plan } = await client.get({ plan: reference });
    const { json = false, sources = false } = flags;
    await print(client, { plan }, { terminal, json, sources, now: systemClock.now() });
    return EXIT.ok;
  });
}

/** The facts up to a revision; times are those of that moment. Fault: `bad-revision`. */
export async function replay(reference: string, flags: ReplayFlags, terminal: Terminal): Promise<ExitCode> {
  return reading(flags, async (client) => {
    const { to: revision, json = false } = flags;
    const { plan, last, facts } = await client.history({ plan: reference, from: revision, limit: 1 });
    const [fact] = facts;
    if (fact === undefined) {
      throw new Fault("bad-revision", `plan ${plan} has revisions 0 to ${last}, not ${revision}`);
    }
    if (!json) terminal.out(terminal.paint("dim", `revision ${revision} of ${last}: ${fact.type}`));
    await print(client, { plan, revision }, { terminal, json, now: fact.at });
    return EXIT.ok;
  });
}

interface Printing {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly now: number;
  /** With each sentence of the response the steps that it stands on. */
  readonly sources?: boolean;
}

interface Moment {
  readonly plan: string;
  readonly revision?: number;
}

async function print(client: ReadingClient, at: Moment, printing: Printing): Promise<void> {
  const { terminal, json, sources = false } = printing;
  const detail = await client.get({ ...at });
  const steps = await allSteps(client, at, json ? "all" : "open");
  if (json) {
    const { timeline, criticalPath } = await client.timing({ ...at });
    const { cost } = await client.cost({ ...at });
    terminal.out(JSON.stringify({ ...detail, steps, timeline, criticalPath, cost }));
    return;
  }
  printHead(detail, terminal);
  printSteps(steps, printing);
  printSignals(detail, printing);
  const { error, response, outputs, status, plan } = detail;
  if (error !== undefined) terminal.out(`  ${error.code}: ${safeText(error.message)}`);
  if (response !== undefined) terminal.out(`\n${sources ? sourcesText(detail) : valueText(response)}`);
  // Of a plan that succeeded its response says what it gave; of one that failed because of its outputs nobody has seen them.
  if (status === "failed" && outputs !== undefined) terminal.out(`\noutputs: ${valueText(outputs)}`);
  if (!isOver(status)) terminal.out(terminal.paint("dim", `why it waits: planwright why ${plan}`));
}

const MAX_SIGNALS = 10;

/** Signals that wait for their step, or for nobody. */
function printSignals({ signals }: Output<"get">, { terminal, now }: Printing): void {
  for (const { name, by, at, expiresAt } of signals.slice(0, MAX_SIGNALS)) {
    const forgotten = expiresAt === undefined ? "" : `, forgotten in ${durationText(Math.max(0, expiresAt - now))}`;
    terminal.out(`  signal ${safeText(name)} of ${safeText(by)}, kept since ${timeText(at)}${forgotten}`);
  }
  const more = signals.length - MAX_SIGNALS;
  if (more > 0) terminal.out(`  and ${plural(more, "more signal")} (--json shows all)`);
}

type Row = Output<"steps">["steps"][number];

const PAGE = 10_000;

async function allSteps(client: ReadingClient, at: Moment, inside: "all" | "open"): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Output<"steps"> = await client.steps({ ...at, inside, after, limit: PAGE });
    rows.push(...page.steps);
    after = page.next;
  }
  return rows;
}

function printHead(detail: Output<"get">, terminal: Terminal): void {
  const { plan, name, status, total, ended, startedAt, durationMs } = detail;
  const began = startedAt === 0 ? "" : `, began ${timeText(startedAt)}, ${durationText(durationMs)}`;
  terminal.out(`${terminal.paint("bold", name)} ${status}: ${ended} of ${total} steps ended${began}`);
  terminal.out(terminal.paint("dim", plan));
}

const MAX_NAME_CHARS = 32;
const MAX_ROWS_INSIDE = 30;

/** Of what is inside a step, some that have not ended well: the rest is in its counts. */
function printSteps(rows: readonly Row[], { terminal, now }: Printing): void {
  const longest = rows.reduce((most, { step, indent }) => Math.max(most, step.length + 2 * indent), 0);
  const options = { nameChars: Math.min(MAX_NAME_CHARS, longest), widthChars: terminal.columns, now };
  let inside = 0;
  for (const { indent, ...row } of rows) {
    inside = row.step.includes("/") ? inside + 1 : 0;
    if (inside > MAX_ROWS_INSIDE) continue;
    const segments = stepRow(row, { ...options, indent });
    const line = segments.map(({ text, style }) => (style === undefined ? text : terminal.paint(style, text)));
    terminal.out(line.join("").trimEnd());
  }
}
