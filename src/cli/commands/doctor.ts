import process from "node:process";
import { Fault } from "#events/fault.ts";
import { examine, type Examination } from "#src/api/examination.ts";
import { openReader } from "#src/compose.ts";
import { hasStore, storeHolder } from "#src/open-store.ts";
import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { printFailure } from "#src/cli/failure.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { tenths } from "#src/cli/progress-tenths.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText, plural } from "#src/cli/text.ts";
import { widelyReadable, type WidelyReadable } from "#src/secrets/files.ts";
import type { VerifyReport } from "#src/store/verify-report.ts";

// `doctor`: looks at everything that could be wrong with a store and says what to do. It changes nothing, except that
// `--release` ends a quarantine.

export interface DoctorFlags extends StoreFlags {
  readonly release?: string;
}

export async function doctor(flags: DoctorFlags, terminal: Terminal): Promise<ExitCode> {
  return flags.release === undefined ? diagnose(flags, terminal) : release(flags.release, flags, terminal);
}

async function release(reference: string, flags: DoctorFlags, terminal: Terminal): Promise<ExitCode> {
  return asking(flags, `doctor --release ${reference}`, async (client) => {
    const { plan, goesOn } = await client.release({ plan: reference });
    const next = goesOn ? "it goes on" : `planwright resume ${plan}`;
    terminal.out(flags.json === true ? JSON.stringify({ plan, released: true }) : `${plan} released; ${next}`);
    return EXIT.ok;
  });
}

interface Diagnosis {
  readonly node: string;
  readonly store: string;
  readonly holder?: string;
  readonly verified: VerifyReport;
  readonly examined: Examination;
  /** Files with secrets that others than their owner may read. */
  readonly widelyReadable: readonly WidelyReadable[];
}

async function diagnose(flags: DoctorFlags, terminal: Terminal): Promise<ExitCode> {
  const json = flags.json === true;
  if (!json) terminal.out(`Node ${process.versions.node}`);
  if (!hasStore(flags)) return noStore(terminal, json);
  try {
    const diagnosis = await look(flags, terminal);
    const { code, text } = verdict(diagnosis);
    if (json) terminal.out(JSON.stringify({ ...diagnosis, ok: code === EXIT.ok }));
    else print(diagnosis, text, terminal);
    return code;
  } catch (error) {
    return Fault.is(error, "store-missing") ? noStore(terminal, json) : printFailure(error, terminal, json);
  }
}

function noStore(terminal: Terminal, json: boolean): ExitCode {
  const none = JSON.stringify({ node: process.versions.node, store: null });
  terminal.out(json ? none : "no store here; the first run makes it");
  return EXIT.ok;
}

async function look(flags: DoctorFlags, terminal: Terminal): Promise<Diagnosis> {
  using interruption = watchInterruption();
  const { signal } = interruption;
  const holder = await storeHolder(flags);
  await using reader = await openReader(flags);
  const onProgress = tenths(flags, terminal);
  const verified = await reader.verify({ signal, onProgress: onProgress("checksums") });
  const source = { events: reader.events, blobs: reader.blobs };
  const examined = await examine(source, { signal, onProgress: onProgress("facts and blobs") });
  const store = reader.path;
  const directory = flags.configuration?.settings.secrets?.files?.directory;
  const loose = directory === undefined ? [] : await widelyReadable(directory);
  const held = holder === undefined ? {} : { holder };
  return { node: process.versions.node, store, ...held, verified, examined, widelyReadable: loose };
}

function verdict({ verified, examined }: Diagnosis): { code: ExitCode; text: string } {
  const isDamaged = verified.damages.some(({ kind }) => kind !== "cache");
  const lacksBlobs = examined.problems.some(({ code }) => code.startsWith("blob-"));
  if (isDamaged || lacksBlobs) {
    return {
      code: EXIT.store,
      text: "store-damaged: restore the folder from a copy; what is listed cannot be trusted",
    };
  }
  if (examined.quarantined.length > 0 || examined.problems.length > 0) {
    return {
      code: EXIT.quarantined,
      text: "some plans cannot be run; when the cause is gone: planwright doctor --release PLAN",
    };
  }
  if (verified.damages.length > 0)
    return { code: EXIT.ok, text: "the log is whole; damaged caches are made again by themselves" };
  return { code: EXIT.ok, text: "all is well" };
}

const MAX_LISTED = 20;
const MAX_LINE_CHARS = 300;

function print(diagnosis: Diagnosis, text: string, terminal: Terminal): void {
  const { store, holder, verified, examined, widelyReadable: loose } = diagnosis;
  const { streams, appends, events, withoutChecksums } = verified;
  const checked = withoutChecksums === true ? "revisions" : "checksums";
  terminal.out(`store ${store}`);
  terminal.out(`held by ${holder ?? "nobody"}`);
  terminal.out(
    `${plural(events, "event")} in ${plural(appends, "append")} of ${plural(streams, "stream")}: ${checked} ${verified.damages.length === 0 ? "right" : "wrong"}`,
  );
  terminal.out(`${plural(examined.blobs, "blob")} cited`);
  const problems = [
    ...verified.damages.map(damageText),
    ...examined.problems.map(
      ({ code, message, stream, revision }) => `${code}: ${stream} at revision ${revision}: ${message}`,
    ),
    ...examined.quarantined.map(({ plan, message }) => `plan-quarantined: ${plan}: ${message}`),
  ];
  for (const problem of problems.slice(0, MAX_LISTED)) terminal.err(`  ${lineText(problem, MAX_LINE_CHARS)}`);
  if (problems.length > MAX_LISTED) terminal.err(`  and ${problems.length - MAX_LISTED} more (--json lists them)`);
  for (const { file, mode } of loose.slice(0, MAX_LISTED))
    terminal.err(`  warning: others than the owner may use the secret file ${file} (mode ${mode}); chmod 600`);
  terminal.out(text);
}

type Damage = VerifyReport["damages"][number];

function damageText({ kind, message, stream, revision, position }: Damage): string {
  const place = [
    ...(stream === undefined ? [] : [stream]),
    ...(revision === undefined ? [] : [`at revision ${revision}`]),
    ...(position === undefined ? [] : [`(position ${position})`]),
  ].join(" ");
  return `damaged ${kind}: ${place === "" ? "" : `${place}: `}${message}`;
}
