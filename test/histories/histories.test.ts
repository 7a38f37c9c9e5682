// The page of facts and the golden histories hold each other: every field has a hazard, every hazard a history, and every
// history shows what goes wrong for a reader that ignores the field.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalog } from "#events/catalog.ts";
import { next } from "#events/step-facts.ts";
import { broken, carries, ignoring, type History } from "./history.ts";
import { recordings } from "./record.ts";

const PAGE = readFileSync(new URL("../../src/decisions/0002-facts.md", import.meta.url), "utf8");

interface Row {
  readonly field: string;
  readonly hazard: string;
}

/** Rows `| field | hazard | … |` under a heading that names the fact. */
function rowsOf(page: string): Row[] {
  return page.split(/^### /m).flatMap((section) => {
    const [, subject] = /^`(\w+)`/.exec(section) ?? [];
    if (subject === undefined) return [];
    return [...section.matchAll(/^\| `(\w+)` +\| `([\w-]+)` +\| .+ \|$/gm)].map(([, name = "", hazard = ""]) => {
      return { field: `${subject}.${name}`, hazard };
    });
  });
}

const rows = rowsOf(PAGE);
const hazards = [...new Set(rows.map(({ hazard }) => hazard))].sort();
const recorded = readdirSync(new URL(".", import.meta.url)).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []);
const histories = new Map(recorded.map((hazard) => [hazard, read(hazard)]));

function read(hazard: string): History {
  return JSON.parse(readFileSync(new URL(`${hazard}.json`, import.meta.url), "utf8")) as History;
}

const fieldsOf = (subject: string, schema: { readonly shape: object }) =>
  Object.keys(schema.shape).map((name) => `${subject}.${name}`);
const nextFields = [...new Set(next.options.flatMap((option) => fieldsOf("next", option)))];

describe("the page of facts", () => {
  it("has a row for every field of every fact, and no other", () => {
    const fields = Object.entries(catalog).flatMap(([type, { schema }]) => fieldsOf(type, schema));
    expect(rows.map(({ field }) => field).sort()).toEqual([...fields, ...nextFields].sort());
  });

  it("names a hazard for each, of which there is one history", () => {
    expect([...recorded].sort()).toEqual(hazards);
    expect(
      recordings()
        .map(({ hazard }) => hazard)
        .sort(),
    ).toEqual(hazards);
  });

  it("names no field that no history carries", () => {
    const all = { events: [...histories.values()].flatMap(({ events }) => events) };
    expect(rows.filter(({ field }) => !carries(all, field))).toEqual([]);
  });
});

describe.each(recorded)("the history %s", (hazard) => {
  const history = read(hazard);

  it("replays, and says what it should", () => {
    expect(history.hazard).toBe(hazard);
    expect(history.claims.length).toBeGreaterThan(0);
    expect([...broken(history)]).toEqual([]);
  });

  it("goes wrong for a reader that ignores a field", () => {
    expect(history.ignored.length).toBeGreaterThan(0);
    for (const ignored of history.ignored) {
      expect(carries(history, ignored.field), ignored.field).toBe(true);
      const misread = () => broken({ ...history, events: ignoring(history, ignored) });
      if (ignored.breaks === undefined) expect(misread, ignored.field).toThrow();
      else expect([...misread().keys()], ignored.field).toContain(ignored.breaks);
    }
  });

  it("shows a field that the page names for this hazard", () => {
    const own = rows.filter((row) => row.hazard === hazard).map(({ field }) => field);
    const shown = history.ignored.map(({ field }) => field);
    expect(shown.filter((field) => own.includes(field))).not.toEqual([]);
  });

  it("is a stream without gaps, in the form in which a store gives it back", () => {
    history.events.forEach((event, revision) => {
      expect(event).toMatchObject({ revision, stream: history.stream, schemaVersion: 1 });
      expect(Object.keys(event).sort()).toEqual(
        ["data", "id", "origin", "position", "revision", "schemaVersion", "stream", "type"].sort(),
      );
    });
    expect(new Set(history.events.map(({ id }) => id)).size).toBe(history.events.length);
  });
});

describe("today's law", () => {
  it.each(recordings().map((recording) => [recording.hazard, recording] as const))(
    "keeps every claim about %s",
    (_, recording) => {
      expect([...broken(recording)]).toEqual([]);
    },
  );
});

describe("a claim", () => {
  it("that is wrong is found out", () => {
    const history = read("double-report");
    const wrong = { ...history, claims: [{ step: "a", is: "succeeded" }, { plan: "failed" }] };
    expect([...broken(wrong)]).toEqual([
      [0, ["running", "succeeded"]],
      [1, ["running", "failed"]],
    ]);
  });
});
