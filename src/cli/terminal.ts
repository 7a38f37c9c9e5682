import process from "node:process";
import { styleText } from "node:util";

// The border between commands and the two streams that they write to. A command never looks at `process` itself: it asks
// here what there is, so that a test can give it another pair of ears.
//
// T1. Colour follows the stream and the environment (NO_COLOR, FORCE_COLOR, TERM), as Node's own styleText does.
// T2. A reader that went away (`| head`) ends the output quietly; it is no failure of the command. One that is slow gets all.

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "magenta" | "blue" | "inverse";

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Text in a style, for stdout or stderr; plain where that stream has no colours. */
  paint(style: Style | readonly Style[], text: string, stream?: "out" | "err"): string;
  /** Somebody looks at stdout, and it can redraw lines. */
  readonly isScreen: boolean;
  /** Width of a line on stdout, in characters. */
  readonly columns: number;
  /** The answer of the person in front of it; undefined where there is nobody. */
  ask(question: string): Promise<string | undefined>;
}

/** A pipe has no width: lines end where they have something to say no more. */
const PIPED_COLUMNS = 200;

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on("error", ignoreClosedPipe);
  const isScreen = stdout.isTTY && env["CI"] === undefined && env["TERM"] !== "dumb";
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    paint: (style, text, stream = "out") =>
      styleText(typeof style === "string" ? style : [...style], text, { stream: stream === "out" ? stdout : stderr }),
    isScreen,
    columns: stdout.isTTY ? stdout.columns : PIPED_COLUMNS,
    ask: askPerson,
  };
}

/** Resolves when readers of stdout and stderr have taken what was written, or have gone away. */
export async function everythingSaid(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
}

async function askPerson(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: stdin, output: stderr });
  const refusal = new AbortController();
  const onRefusal = (): void => refusal.abort();
  lines.once("SIGINT", onRefusal).once("close", onRefusal);
  try {
    return await lines.question(question, { signal: refusal.signal });
  } catch {
    return undefined; // Ctrl-C or Ctrl-D is an answer as well.
  } finally {
    lines.close();
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
