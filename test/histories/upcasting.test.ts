// What was recorded is read by whoever comes later: through today's schemas again and again, with members that this version
// does not know, and, where a fact's form changes one day, through upcasters.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalog, decode, encode, isFactType, read, row, type Fact } from "#events/catalog.ts";
import type { EncodedEvent, RecordedEvent } from "#events/envelope.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { encodeState } from "#machines/snapshot.ts";
import { SYSTEM_STREAM } from "#events/streams.ts";
import { replay } from "../machines/driver.ts";
import type { History } from "./history.ts";

const histories = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as History);
const events = histories.flatMap((history) => history.events);
const plans = histories.filter(({ stream }) => stream !== SYSTEM_STREAM);

function stored(fact: Fact): EncodedEvent {
  return JSON.parse(JSON.stringify(encode(fact))) as EncodedEvent;
}

function dataOf({ data }: EncodedEvent): JsonObject {
  if (isJsonObject(data)) return data;
  throw new Error("a fact carries an object");
}

function renamed(data: Json, from: string, to: string): Json {
  if (!isJsonObject(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([name, member]) => [name === from ? to : name, member]));
}

/** The row of an event's fact as it would be if this member had had another name in the version before. */
function rowAfter({ type }: EncodedEvent, before: string, now: string) {
  if (!isFactType(type)) throw new Error(`no fact is called ${type}`);
  const { subject, schema, upcasters } = catalog[type];
  return row(subject, schema, [(data) => renamed(data, before, now), ...upcasters]);
}

const stateOf = (recorded: readonly RecordedEvent[]): unknown => encodeState(replay(recorded));

describe("every recorded fact", () => {
  it("is the same after it was stored again, however often", () => {
    expect(events.length).toBeGreaterThan(250);
    for (const event of events) {
      const once = decode(event);
      expect(decode(stored(once))).toEqual(once);
      expect(stored(decode(stored(once)))).toEqual(stored(once));
    }
  });

  it("is the same with a member that this version does not know", () => {
    for (const event of events) {
      const later = { ...event, data: { ...dataOf(event), "said by a later version": { a: [1] } } };
      expect(decode(later)).toEqual(decode(event));
    }
  });

  it("is refused in a version that is not there yet, or never was", () => {
    for (const event of events) {
      const { version } = catalog[decode(event).type];
      expect(() => decode({ ...event, schemaVersion: version + 1 })).toThrow(
        expect.objectContaining({ code: "newer-event" }),
      );
      expect(() => decode({ ...event, schemaVersion: 0 })).toThrow(
        expect.objectContaining({ code: "malformed-event" }),
      );
    }
  });

  it("is read from an older form by an upcaster, whichever of its members had another name then", () => {
    let upcast = 0;
    for (const event of events) {
      for (const name of Object.keys(dataOf(event))) {
        const older = { ...event, data: renamed(event.data, name, `former ${name}`) };
        const known = rowAfter(event, `former ${name}`, name);
        expect(known.version).toBe(2);
        expect(read(known, older)).toEqual(decode(event).data);
        expect(read(known, { ...event, schemaVersion: 2 })).toEqual(decode(event).data);
        upcast++;
      }
    }
    expect(upcast).toBeGreaterThan(1_000);
  });
});

describe("every recorded history", () => {
  it("leads to the same state after all of it was read and stored again", () => {
    expect(plans.length).toBeGreaterThan(40);
    for (const { events: recorded } of plans) {
      const again = recorded.map((event) => ({ ...event, ...stored(decode(event)) }));
      expect(stateOf(again)).toEqual(stateOf(recorded));
    }
  });

  it("leads to the same state from any cut, whatever was added to its facts by then", () => {
    for (const { events: recorded } of plans) {
      const later = recorded.map((event) => ({ ...event, data: { ...dataOf(event), unheard: true } }));
      for (let cut = 1; cut < recorded.length; cut++) {
        expect(stateOf([...recorded.slice(0, cut), ...later.slice(cut)])).toEqual(stateOf(recorded));
      }
    }
  });
});
