import { stat } from "node:fs/promises";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { TrainedModel } from "#src/planning/drafting/trained-sets.ts";
import { readModel } from "#src/planning/prediction/model-file.ts";

// The model of `planwright planner train` that requests are planned with: read when the first request comes, and again where the file has
// become another one.
//
// T1. Whatever is wrong with the file, planning goes on without it, and it is said what is wrong.
// T2. A file that is as it was is not read again, whether it could be used or not.

/** What is known of the model while one request is planned. */
export interface TrainedKnowledge {
  readonly model?: TrainedModel;
  readonly findings: readonly PlanningFinding[];
}

export interface PlanningFinding {
  /** Of docs/errors.md. */
  readonly code: string;
  readonly message: string;
}

export class TrainedFile {
  readonly #file: string;
  #version: string | undefined;
  #known: Promise<TrainedKnowledge> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async read(): Promise<TrainedKnowledge> {
    const version = await versionOf(this.#file);
    if (this.#known === undefined || version === undefined || version !== this.#version) {
      this.#version = version;
      this.#known = readFrom(this.#file);
    }
    return this.#known;
  }
}

/** Another one where the file has been written; undefined where it is not to be seen. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return [ino, size, mtimeMs].join(" ");
  } catch {
    return undefined;
  }
}

async function readFrom(file: string): Promise<TrainedKnowledge> {
  try {
    const { origin, predictor } = await readModel(file);
    return {
      model: { predictor, origin: `${path.basename(file)}, learned from ${origin.examples} requests` },
      findings: [],
    };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { findings: [{ code: error.code, message: `${error.message}; planned without it` }] };
  }
}

function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
