// Where checks are asked, one place for all of an assessment: its files are listed once, and hashed once.
//
// A1. A place is shared by the steps that name the same assessment, for MAX_AGE_MS: what runs longer looks anew. Who names none has a
//     place of its own.
// A2. What is learned is kept in the store's folder, one folder a directory; without a store nothing is kept.

import path from "node:path";
import { openDirectory } from "#src/tools/builtin/root.ts";
import type { ToolContext } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { digest, KeptAnswers } from "./kept-answers.ts";
import type { Place } from "./place.ts";
import { StatIndex } from "./stat-index.ts";
import { Survey } from "./survey.ts";
import { WriteWatch } from "./write-watch.ts";

const MAX_AGE_MS = 60_000;
const MAX_PLACES = 4;
const FOLDER = "assessments";

export interface PlaceAsked {
  readonly directory: string;
  /** Of the steps that share a place. */
  readonly assessment?: string | undefined;
  /** Whether what was answered before counts. */
  readonly cache: boolean;
}

/** A place without what belongs to one step. */
type Shared = Omit<Place, "context">;

interface Known {
  readonly made: Promise<Shared>;
  readonly at: number;
}

export interface PlacesAround {
  /** Absolute folder of the store. A2. */
  readonly store?: string | undefined;
  /** Asked when a request is to be planned. */
  readonly tools?: (() => ToolRegistry) | undefined;
}

export class Places {
  readonly #store: string | undefined;
  readonly #tools: PlacesAround["tools"];
  readonly #known = new Map<string, Known>();

  constructor({ store, tools }: PlacesAround = {}) {
    this.#store = store;
    this.#tools = tools;
  }

  /** Fails with `outside-root`, not-found, `too-many-entries`. */
  async at(asked: PlaceAsked, context: ToolContext): Promise<Place> {
    const base = await directoryAt(asked.directory, context);
    if (asked.assessment === undefined) return { ...(await this.#made(base, asked, context)), context };
    const key = JSON.stringify([base, asked.assessment, asked.cache]);
    const now = context.clock.monotonic();
    const known = this.#known.get(key);
    if (known !== undefined && now - known.at <= MAX_AGE_MS) return { ...(await known.made), context };
    const made = this.#made(base, asked, context);
    this.#remember(key, { made, at: now });
    return { ...(await made), context };
  }

  /** Keeps what was learned, and forgets what is shared. */
  async ended(asked: PlaceAsked, context: ToolContext): Promise<void> {
    const base = await directoryAt(asked.directory, context);
    const key = JSON.stringify([base, asked.assessment, asked.cache]);
    const known = this.#known.get(key);
    this.#known.delete(key);
    await (await known?.made)?.survey.save();
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    // One that could not be made is tried again by whoever asks next.
    known.made.catch(() => this.#known.get(key) === known && this.#known.delete(key));
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_PLACES && oldest !== undefined) this.#known.delete(oldest);
  }

  async #made(base: string, { cache }: PlaceAsked, context: ToolContext): Promise<Shared> {
    const folder = this.#folderOf(base);
    const index = await StatIndex.open(folder && cache ? path.join(folder, "files.json") : undefined);
    const survey = await Survey.of(base, { context, store: this.#store, index });
    const kept = new KeptAnswers(cache ? folder : undefined);
    return { survey, kept, watch: new WriteWatch(base, this.#store), tools: this.#tools };
  }

  #folderOf(base: string): string | undefined {
    return this.#store && path.join(this.#store, FOLDER, digest(base).slice(0, 16));
  }
}

/** Absolute and without a link. Fails with `outside-root`, not-found. */
async function directoryAt(name: string, context: ToolContext): Promise<string> {
  await using directory = await openDirectory(context.roots.fs, name);
  return directory.realPath;
}
