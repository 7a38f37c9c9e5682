import { access, constants, open, readFile, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import { MODEL_MAGIC, modelBytes, savedModel, type SavedModel } from "#src/planning/prediction/model-format.ts";

// A trained predictor in a file.
//
// M1. Readers see the old model or the new one, never a part: written beside it, flushed, and renamed over it.

/** Of 40,000 features and 10,000 known requests of 5,000 tools each it would be less. */
const MAX_MODEL_BYTES = 256 * 1024 * 1024;

/** Said before long work and not after it. Faults: `planner-model-unwritable`, `planner-model-foreign` where something else is there. */
export async function checkWritable(file: string): Promise<void> {
  try {
    await access(path.dirname(file), constants.W_OK);
    if (!(await isFile(file))) return;
  } catch (cause) {
    throw new Fault("planner-model-unwritable", `${file} cannot be written: ${textOf(cause)}`, { cause });
  }
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
  if (bytesRead > 0 && !buffer.equals(MAGIC))
    throw new Fault("planner-model-foreign", `${file} is something else than a model: it is not replaced`);
}

const MAGIC = Buffer.from(MODEL_MAGIC);

/** Whether it is there; what is there and no file is thrown. */
async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found !== undefined && !found.isFile()) throw new Error("it is no file");
  return found !== undefined;
}

/** Durable when it resolves, with the size in bytes. A failure or an abort leaves what was there. Fault: `planner-model-unwritable`. */
export async function writeModel(file: string, model: SavedModel, signal?: AbortSignal): Promise<number> {
  const bytes = modelBytes(model);
  const draft = `${file}.${process.pid}.draft`;
  try {
    await writeDurably(draft, bytes, signal);
    await rename(draft, file);
    await using directory = await open(path.dirname(file));
    await directory.sync();
    return bytes.length;
  } catch (cause) {
    await unlink(draft).catch(() => undefined);
    signal?.throwIfAborted();
    throw new Fault("planner-model-unwritable", `${file} cannot be written: ${textOf(cause)}`, { cause });
  }
}

async function writeDurably(file: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  await using handle = await open(file, "wx");
  await handle.writeFile(bytes, signal ? { signal } : {});
  await handle.sync();
  signal?.throwIfAborted();
}

/** Faults: `planner-model-unreadable`, `planner-model-foreign`, `planner-model-newer`, `planner-model-damaged`. */
export async function readModel(file: string): Promise<SavedModel> {
  return savedModel(await bytesOf(file), file);
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    const found = await stat(file);
    // A device has no size, and may have no end.
    if (found.isFile() && found.size <= MAX_MODEL_BYTES) return await readFile(file);
  } catch (cause) {
    throw new Fault("planner-model-unreadable", `${file} cannot be read: ${textOf(cause)}`, { cause });
  }
  throw new Fault(
    "planner-model-foreign",
    `${file} is no model of a planner: it is no file, or has more than ${MAX_MODEL_BYTES} bytes`,
  );
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
