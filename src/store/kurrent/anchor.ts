import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { Fault } from "#events/fault.ts";
import type { StreamName } from "#events/streams.ts";
import type { EventReader } from "#src/ports/event-store.ts";

// Ties what is kept beside a server's log to that log: an event that was in it, by its id. A server that was set up anew, or put
// back to an older state and continued, has another event there or none; then nothing that was made from the log before is believed.
//
// A1. The anchor is written before what is made from the log up to it: whatever is found beside the log, its anchor is not behind it.

const anchor = z.object({ stream: z.string(), revision: z.int(), position: z.int(), id: z.string() });
type Place = z.infer<typeof anchor>;

export class Anchor {
  private readonly file: string;
  private readonly events: Pick<EventReader, "read" | "readAll">;
  private place: Place | undefined;
  private moving: Promise<void> | undefined;

  constructor(file: string, events: Pick<EventReader, "read" | "readAll">) {
    this.file = file;
    this.events = events;
    this.place = readPlace(file);
  }

  /** Whether the log is the one that the anchor was written for. Faults: those of reading the log. */
  async holds(): Promise<boolean> {
    if (this.place === undefined || (await this.isThere(this.place))) return this.place !== undefined;
    this.place = undefined;
    return false;
  }

  /** Moves it to the end of the log, where it does not include this position yet. Faults: those of reading the log. */
  async include(position = Infinity): Promise<void> {
    if (this.place !== undefined && this.place.position >= position) return;
    // Who asked before may have read an end that was there before the caller's event: only one that begins now counts.
    while (this.moving !== undefined) await this.moving.catch(() => undefined);
    if (this.place !== undefined && this.place.position >= position) return;
    this.moving = this.move().finally(() => {
      this.moving = undefined;
    });
    await this.moving;
  }

  private async isThere({ stream, revision, position, id }: Place): Promise<boolean> {
    try {
      for await (const found of this.events.read(stream as StreamName, { from: revision, limit: 1 }))
        return found.id === id && found.position === position;
    } catch (error) {
      if (!Fault.is(error, "store-damaged")) throw error;
    }
    return false;
  }

  private async move(): Promise<void> {
    for await (const { stream, revision, position, id } of this.events.readAll({ direction: "backwards", limit: 1 })) {
      const place = { stream, revision, position, id };
      const draft = `${this.file}.new`;
      writeFileSync(draft, `${JSON.stringify(place)}\n`);
      renameSync(draft, this.file);
      this.place = place;
    }
  }
}

/** Undefined where there is none, or one that a crash cut off. */
function readPlace(file: string): Place | undefined {
  try {
    return anchor.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
