import { Fault } from "#events/fault.ts";
import { hasStore, openStore } from "#src/open-store.ts";
import {
  DEFAULT_GRACE_MS,
  measureBlobs,
  surveyBlobs,
  sweepBlobs,
  type BlobUsage,
  type SurveyedBlob,
  type SurveyOptions,
} from "#src/blobs/sweep.ts";
import { reading, type ReadFlags } from "#src/cli/commands/reading.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { tenths } from "#src/cli/progress-tenths.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { bytesText, durationText, plural, timeText } from "#src/cli/text.ts";

// `blobs`: the payloads that are kept beside the log, and the garbage among them. Looking reads beside whoever holds the
// store; sweeping holds it.

export interface BlobFlags extends ReadFlags {
  /** Milliseconds. */
  readonly grace?: number;
}

export interface BlobListFlags extends BlobFlags {
  readonly limit: number;
  readonly garbage?: boolean;
}

export interface SweepFlags extends BlobFlags {
  readonly dryRun?: boolean;
}

/** How many there are and how large, by standing. */
export async function blobUsage(flags: BlobFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption();
  const usage = await measured(flags, { terminal, signal: interruption.signal });
  if (flags.json === true) terminal.out(JSON.stringify({ graceMs: graceOf(flags), ...usage }));
  else for (const line of usageLines(usage, graceOf(flags))) terminal.out(line);
  if (usage.missing > 0) terminal.err(`${plural(usage.missing, "cited blob")} missing; planwright doctor names them`);
  return EXIT.ok;
}

/** The largest first. */
export async function listBlobs(flags: BlobListFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption();
  const options = surveyOptions(flags, { terminal, signal: interruption.signal });
  const largest = new Largest(flags.limit);
  await reading(flags, async ({ events, blobs }) => {
    for await (const blob of surveyBlobs({ events, blobs }, options)) {
      if (flags.garbage !== true || blob.standing === "garbage") largest.add(blob);
    }
  });
  const { total } = largest;
  const listed = largest.listed();
  if (flags.json === true) {
    terminal.out(JSON.stringify({ total, blobs: listed }));
    return EXIT.ok;
  }
  for (const blob of listed) terminal.out(rowText(blob));
  if (total === 0) terminal.out(flags.garbage === true ? "no garbage" : "no blobs");
  if (total > listed.length) terminal.err(`and ${total - listed.length} more (--limit N shows them)`);
  return EXIT.ok;
}

/** Removes the garbage, or says what it would remove. Faults: `store-missing`, `store-locked`, `citations-unknown`. */
export async function sweep(flags: SweepFlags, terminal: Terminal): Promise<ExitCode> {
  const isDry = flags.dryRun === true;
  using interruption = watchInterruption();
  const around = { terminal, signal: interruption.signal };
  const usage = isDry ? await measured(flags, around) : await swept(flags, around);
  const { garbage, young } = usage;
  if (flags.json === true) {
    terminal.out(
      JSON.stringify({ dryRun: isDry, graceMs: graceOf(flags), removed: isDry ? NOTHING : garbage, ...usage }),
    );
    return EXIT.ok;
  }
  terminal.out(`${isDry ? "would remove" : "removed"} ${amountText(garbage)}`);
  if (young.blobs > 0) terminal.out(`kept ${amountText(young)} that no fact cites yet: ${youngText(graceOf(flags))}`);
  return EXIT.ok;
}

const NOTHING = { blobs: 0, bytes: 0 };

interface Surroundings {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function measured(flags: BlobFlags, around: Surroundings): Promise<BlobUsage> {
  return reading(flags, ({ events, blobs }) => measureBlobs({ events, blobs }, surveyOptions(flags, around)));
}

async function swept(flags: BlobFlags, around: Surroundings): Promise<BlobUsage> {
  if (!hasStore(flags)) throw new Fault("store-missing", `there is no store in ${flags.store ?? "this directory"}`);
  await using store = await openStore({ ...flags, command: "planwright blobs sweep" });
  return await sweepBlobs({ events: store.events, blobs: store.blobs }, surveyOptions(flags, around));
}

function surveyOptions(flags: BlobFlags, { terminal, signal }: Surroundings): SurveyOptions {
  const says = tenths(flags, terminal);
  const phases = { facts: says("facts"), blobs: says("blobs") };
  return { signal, graceMs: graceOf(flags), onProgress: (phase, progress) => phases[phase](progress) };
}

function graceOf({ grace = DEFAULT_GRACE_MS }: BlobFlags): number {
  return grace;
}

const LABEL_CHARS = 9;

function usageLines({ cited, young, garbage }: BlobUsage, graceMs: number): readonly string[] {
  const label = (text: string): string => text.padEnd(LABEL_CHARS);
  return [
    `${label("cited")}${amountText(cited)}`,
    `${label("young")}${amountText(young)}: ${youngText(graceMs)}`,
    `${label("garbage")}${amountText(garbage)}${garbage.blobs > 0 ? ": planwright blobs sweep removes it" : ""}`,
  ];
}

function amountText({ blobs, bytes }: { readonly blobs: number; readonly bytes: number }): string {
  return `${plural(blobs, "blob")}, ${bytesText(bytes)}`;
}

function youngText(graceMs: number): string {
  return `younger than ${durationText(graceMs)}`;
}

const BYTES_CHARS = 10;

function rowText({ ref, bytes, writtenAt, standing }: SurveyedBlob): string {
  return `${ref}  ${bytesText(bytes).padStart(BYTES_CHARS)}  ${timeText(writtenAt)}  ${standing}`;
}

/** The largest of many, in memory for so many. */
class Largest {
  readonly #limit: number;
  #kept: SurveyedBlob[] = [];
  total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(blob: SurveyedBlob): void {
    this.total += 1;
    this.#kept.push(blob);
    if (this.#kept.length >= 2 * this.#limit + 1) this.#kept = this.listed();
  }

  listed(): SurveyedBlob[] {
    return this.#kept.toSorted((one, other) => other.bytes - one.bytes).slice(0, this.#limit);
  }
}
