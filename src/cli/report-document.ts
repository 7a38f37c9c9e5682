import { lstat, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import type { ReadingClient } from "#src/api/client.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import type { StoreFlags } from "#src/cli/connection.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { safeText } from "#src/cli/text.ts";

// The report of a plan as a document: who answers makes it, so that every door gives the same; here it is printed or put into a file.
// A file of a report that is followed is at every moment a whole one: a draft takes its place.

type Format = "md" | "html" | "json";

export interface DocumentFlags extends StoreFlags {
  readonly format?: Format;
  readonly out?: string;
}

/** The report of a plan as text. */
export async function documentOf(
  client: Pick<ReadingClient, "report">,
  plan: string,
  flags: DocumentFlags,
): Promise<string> {
  const format = formatOf(flags);
  const slots = flags.configuration?.settings.slots ?? DEFAULT_SLOTS;
  const { text = "", ...document } = await client.report({ plan, slots, format });
  return format === "json" ? JSON.stringify(document) : text;
}

/** Printed, or put into the file. Fault: `report-unwritable`. */
export async function give(document: string, flags: DocumentFlags, terminal: Terminal): Promise<void> {
  if (flags.out === undefined) {
    terminal.out(formatOf(flags) === "json" ? document : safeText(document.trimEnd()));
    return;
  }
  await written(flags.out, document);
  terminal.err(`written: ${safeText(flags.out)}`);
}

const ENDINGS: ReadonlyMap<string, Format> = new Map([
  [".html", "html"],
  [".htm", "html"],
  [".json", "json"],
]);

export function formatOf({ format, json, out }: DocumentFlags): Format {
  if (json === true) return "json";
  return format ?? ENDINGS.get(path.extname(out ?? "").toLowerCase()) ?? "md";
}

/** Whoever reads the file finds the document of before or this one. Fault: `report-unwritable`. */
export async function written(file: string, document: string): Promise<void> {
  const text = document.endsWith("\n") ? document : `${document}\n`;
  const draft = `${file}.${process.pid}.draft`;
  try {
    const there = await lstat(file).catch(() => undefined);
    // A link or a device stays what it is.
    if (there?.isFile() === false) {
      await writeFile(file, text);
      return;
    }
    await writeFile(draft, text, { flag: "wx", mode: there?.mode ?? 0o666 });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("report-unwritable", `${file} cannot be written: ${why}`, { cause });
  }
}
