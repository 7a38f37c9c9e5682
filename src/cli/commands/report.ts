import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { safeText } from "#src/cli/text.ts";

// `report`: a plan as a document, for a person, a page or a program. Who answers makes it, so that every door gives the same; here it is
// printed or put into a file.

type Format = "md" | "html" | "json";

export interface ReportFlags extends StoreFlags {
  readonly format?: Format;
  readonly out?: string;
}

/** Faults: `report-unwritable`, those of reading. */
export async function report(reference: string, flags: ReportFlags, terminal: Terminal): Promise<ExitCode> {
  const format = formatOf(flags);
  const slots = flags.configuration?.settings.slots ?? DEFAULT_SLOTS;
  const { text, ...document } = await reading(flags, (client) => client.report({ plan: reference, slots, format }));
  const source = format === "json" ? JSON.stringify(document) : (text ?? "");
  if (flags.out === undefined) {
    terminal.out(format === "json" ? source : safeText(source.trimEnd()));
    return EXIT.ok;
  }
  await written(flags.out, source);
  terminal.err(`written: ${safeText(flags.out)}`);
  return EXIT.ok;
}

const ENDINGS: ReadonlyMap<string, Format> = new Map([
  [".html", "html"],
  [".htm", "html"],
  [".json", "json"],
]);

function formatOf({ format, json, out }: ReportFlags): Format {
  if (json === true) return "json";
  return format ?? ENDINGS.get(path.extname(out ?? "").toLowerCase()) ?? "md";
}

async function written(file: string, source: string): Promise<void> {
  try {
    await writeFile(file, source.endsWith("\n") ? source : `${source}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("report-unwritable", `${file} cannot be written: ${why}`, { cause });
  }
}
