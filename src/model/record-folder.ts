import { appendFile, mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { ModelRecord, ModelRecorder } from "#src/model/recording.ts";
import type { Clock } from "#src/ports/clock.ts";
import { SILENT, type Log } from "#src/ports/log.ts";

// What was said to models and what they said, kept in a folder: JSON lines, a new file with each day and where one is full. It is for people
// who want to know why a plan looks as it does; no plan ever reads back from it.
//
// F1. What comes is bounded and without secrets already (keptRecord); only this user may read the files.
// F2. The folder does not grow without end: beyond MAX_FOLDER_BYTES the oldest files go.
// F3. Recording never holds up or fails who asks the model: it is written behind, and what cannot be written is a line of the log.

/** Its name beside a store. */
export const MODEL_RECORDS = "model-records";

const MAX_FILE_BYTES = 16 * 1_024 * 1_024;
const MAX_FOLDER_BYTES = 256 * 1_024 * 1_024;
/** Exchanges that wait to be written; what comes then is left out. */
const MAX_WAITING = 256;

export interface RecordFolderOptions {
  /** Made where it is not there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log?: Log;
  readonly maxFileBytes?: number;
  readonly maxFolderBytes?: number;
}

/** Closing it waits until all is written. */
export function recordFolder(options: RecordFolderOptions): ModelRecorder & AsyncDisposable {
  return new RecordFolder(options);
}

class RecordFolder implements ModelRecorder, AsyncDisposable {
  private readonly options: RecordFolderOptions;
  private readonly log: Log;
  private writing: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(options: RecordFolderOptions) {
    this.options = options;
    this.log = options.log ?? SILENT;
  }

  record(exchange: ModelRecord): void {
    if (this.waiting >= MAX_WAITING) {
      this.log.warn("an exchange with a model is not recorded: too many wait to be written", { model: exchange.model });
      return;
    }
    const at = new Date(this.options.clock.now()).toISOString();
    const line = `${JSON.stringify({ at, ...exchange })}\n`;
    this.waiting += 1;
    this.writing = this.writing.then(() => this.write(line, at.slice(0, DAY_CHARS)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writing;
  }

  /** F3: never rejects. */
  private async write(line: string, day: string): Promise<void> {
    try {
      const { folder } = this.options;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const files = await filesIn(folder);
      await appendFile(path.join(folder, this.fileFor(files, day)), line, { mode: 0o600 });
      await this.makeRoom(files);
    } catch (error) {
      this.log.warn("an exchange with a model is not recorded", { error: String(error) });
    } finally {
      this.waiting -= 1;
    }
  }

  private fileFor(files: readonly KeptFile[], day: string): string {
    const last = files.filter(({ name }) => name.startsWith(day)).at(-1);
    const { maxFileBytes = MAX_FILE_BYTES } = this.options;
    if (last !== undefined && last.bytes < maxFileBytes) return last.name;
    const number = last === undefined ? 1 : Number(last.name.slice(DAY_CHARS + 1, -ENDING.length)) + 1;
    return `${day}-${String(number).padStart(NUMBER_CHARS, "0")}${ENDING}`;
  }

  /** F2: the newest stays, whatever its size. */
  private async makeRoom(files: readonly KeptFile[]): Promise<void> {
    const { folder, maxFolderBytes = MAX_FOLDER_BYTES } = this.options;
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.slice(0, -1)) {
      if (bytes <= maxFolderBytes) return;
      await rm(path.join(folder, file.name), { force: true });
      bytes -= file.bytes;
    }
  }
}

interface KeptFile {
  readonly name: string;
  readonly bytes: number;
}

const DAY_CHARS = "2026-01-31".length;
const NUMBER_CHARS = 4;
const ENDING = ".jsonl";
const NAME = /^\d{4}-\d\d-\d\d-\d{4,}\.jsonl$/;

/** Its own files, the oldest first; none where there is no folder. */
export async function filesIn(folder: string): Promise<readonly KeptFile[]> {
  const all = await readdir(folder).catch((error: unknown) => absent(error));
  const names = all.filter((name) => NAME.test(name)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(path.join(folder, name))).size })));
}

function absent(error: unknown): readonly string[] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}
