import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode } from "#events/catalog.ts";
import { citationsIn } from "#events/citations.ts";
import type { EncodedEvent } from "#events/envelope.ts";
import { blobRef } from "#events/payload.ts";
import { movePayloads } from "#src/runtime/fact-payloads.ts";

const ref = (letter: string): string => letter.repeat(64);
const cited = (source: unknown): string[] =>
  [...citationsIn(source)].map(({ ref, isList }) => `${isList ? "list" : "blob"} ${ref.slice(0, 1)}`);

describe("what a fact cites", () => {
  it("is every reference under blob and list, however deep", () => {
    const data = {
      step: "a",
      output: { blob: ref("a"), bytes: 1 },
      errors: { list: ref("b"), count: 2, bytes: 9 },
      undo: [[{ items: { blob: ref("c"), bytes: 1 }, count: 3 }, { item: { blob: ref("d"), bytes: 1 } }]],
      outcome: { kind: "done", output: { blob: ref("e"), bytes: 1 } },
    };
    expect(cited(data)).toEqual(["blob a", "list b", "blob c", "blob d", "blob e"]);
  });

  it("is in fields that this version does not know, too", () => {
    expect(cited({ later: { nested: [{ blob: ref("f"), bytes: 1, more: true }] } })).toEqual(["blob f"]);
  });

  it("is nothing that users bring, whatever it looks like", () => {
    const lookalike = { blob: ref("a"), bytes: 1 };
    expect(cited({ args: { inline: lookalike } })).toEqual([]);
    expect(cited({ error: { details: { deep: [lookalike] } } })).toEqual([]);
    expect(cited({ items: { inline: [lookalike] }, count: 1 })).toEqual([]);
  });

  it("is no text that is not a reference", () => {
    expect(cited({ blob: "abc", list: ref("A"), argsHash: ref("a") })).toEqual([]);
    expect(cited(null)).toEqual([]);
    expect(cited("blob")).toEqual([]);
  });

  it("is each payload of every fact there is, where it is kept as a blob", () => {
    const folder = new URL("../histories/", import.meta.url);
    const events = readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .flatMap((file) => eventsIn(JSON.parse(readFileSync(new URL(file, folder), "utf8"))));
    let all = 0;
    for (const event of events) {
      const kept: string[] = [];
      const fact = movePayloads(decode(event), () => {
        kept.push((++all).toString(16).padStart(64, "0"));
        return { blob: blobRef.parse(kept.at(-1)), bytes: 1 };
      });
      expect([...citationsIn(fact.data)].map(({ ref }): string => ref).sort(), event.type).toEqual(kept);
    }
    expect(all).toBeGreaterThan(100);
  });
});

function eventsIn(source: unknown): EncodedEvent[] {
  if (Array.isArray(source)) return source.flatMap(eventsIn);
  if (typeof source !== "object" || source === null) return [];
  if ("type" in source && "schemaVersion" in source && "data" in source) return [source as EncodedEvent];
  return Object.values(source).flatMap(eventsIn);
}
