import type { Client } from "#src/api/client.ts";
import { isGone, reading } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { documentOf, formatOf, give, written, type DocumentFlags } from "#src/cli/report-document.ts";
import type { Line } from "#src/cli/screen/frame.ts";
import { findServingToRead } from "#src/cli/serving.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText, safeText } from "#src/cli/text.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `report --follow`: the report of a plan that another process runs, made anew while it goes on: drawn over the one before on a screen,
// written over it in a file, a line each as JSON. Elsewhere lines cannot be drawn over, and the last one is printed.
//
// F1. At most once a second, and only when something has happened, or the time that passes has to be seen.
// F2. It ends with the plan, with the process that runs it, or by Ctrl-C; the plan goes on. What was made last stays.

const EVERY_MS = 1_000;
/** What is left and what is late changes with the time alone. */
const AGES_AFTER_MS = 10_000;

/** Faults: `report-unwritable`, those of reading. */
export async function followReport(plan: string, flags: DocumentFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption("the plan goes on");
  const { signal } = interruption;
  const shown = await openShown(flags, terminal);
  const end = await untilEnd(plan, flags, { shown, signal }).finally(() => shown.close());
  // One that nobody runs is as the store has it.
  const document = end === "left" ? await reading(flags, (client) => documentOf(client, plan, flags)) : shown.last;
  if (document !== undefined && (!shown.isGivenEach || document !== shown.last)) await give(document, flags, terminal);
  if (end === "left") terminal.err(`nobody runs it now; unless it has ended it goes on by: planwright resume ${plan}`);
  if (end === "stopped") terminal.err(`it goes on; look again by: planwright report ${plan} --follow`);
  return end === "stopped" ? EXIT.interrupted : EXIT.ok;
}

type End = "ended" | "left" | "stopped";

async function untilEnd(
  plan: string,
  flags: DocumentFlags,
  { shown, signal }: { readonly shown: Shown; readonly signal: AbortSignal },
): Promise<End> {
  await using serving = await findServingToRead(flags);
  if (serving === undefined) return "left";
  try {
    await following(serving.client, plan, { flags, shown, signal });
    return "ended";
  } catch (error) {
    if (signal.aborted) return "stopped";
    if (isGone(error)) return "left";
    throw error;
  }
}

/** Until the plan has ended, or only a person can bring it further. */
async function following(
  client: Client,
  plan: string,
  { flags, shown, signal }: { readonly flags: DocumentFlags; readonly shown: Shown; readonly signal: AbortSignal },
): Promise<void> {
  let made = { revision: -1, at: -Infinity };
  for (let timeoutMs = 0; ; timeoutMs = EVERY_MS) {
    const { settled, revision } = await client.wait({ plan, timeoutMs }, { signal });
    signal.throwIfAborted();
    const now = systemClock.monotonic();
    if (settled || revision !== made.revision || now - made.at >= AGES_AFTER_MS) {
      await shown.show(await documentOf(client, plan, flags));
      made = { revision, at: now };
    }
    if (settled) return;
  }
}

interface Shown {
  /** The last one that was shown. */
  last: string | undefined;
  /** Each is somewhere for good: nothing is left to be given at the end. */
  readonly isGivenEach: boolean;
  show(document: string): Promise<void>;
  close(): Promise<void>;
}

async function openShown(flags: DocumentFlags, terminal: Terminal): Promise<Shown> {
  const { out } = flags;
  const nothing = async (): Promise<void> => undefined;
  if (out !== undefined) return shownBy((document) => written(out, document), nothing);
  if (formatOf(flags) === "json") {
    return { ...shownBy(async (document) => terminal.out(document), nothing), isGivenEach: true };
  }
  return terminal.isScreen ? drawn() : shownBy(nothing, nothing);
}

async function drawn(): Promise<Shown> {
  const { liveScreen } = await import("#src/cli/screen/live-screen.ts");
  let lines: readonly string[] = [];
  const screen = liveScreen((size) => linesOf(lines, size), systemClock);
  const draw = async (document: string): Promise<void> => {
    lines = document.trimEnd().split("\n");
  };
  return shownBy(draw, async () => {
    // All of it is printed at the end.
    lines = [];
    await screen.close();
  });
}

function shownBy(put: (document: string) => Promise<void>, close: () => Promise<void>): Shown {
  return {
    last: undefined,
    isGivenEach: false,
    async show(document) {
      await put(document);
      this.last = document;
    },
    close,
  };
}

/** Left free at the end of a line and of the screen, so that no terminal scrolls. */
const MARGIN = 1;

/** The beginning, as far as it fits, and how much there is more. */
function linesOf(
  lines: readonly string[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): readonly Line[] {
  const room = rows - MARGIN;
  const fits = lines.length <= room ? lines : lines.slice(0, room - 1);
  const more = lines.length - fits.length;
  return [
    // An empty line would be no line.
    ...fits.map((line): Line => [{ text: lineText(safeText(line), columns - MARGIN) || " " }]),
    ...(more === 0 ? [] : [[{ text: `… ${more} more lines`, style: "dim" } as const]]),
  ];
}
