import { chmod, readdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assessedPlace, type AssessedPlace } from "../assessed-place.ts";

const counting = (place: AssessedPlace, reads?: readonly string[]) => ({
  ...{
    kind: "command",
    run: [process.execPath, "-e", `require("fs").appendFileSync(${JSON.stringify(counter(place))}, "x")`],
  },
  ...(reads === undefined ? {} : { reads }),
});
const counter = (place: AssessedPlace): string => path.join(place.store, "..", "asked");
const timesAsked = async (place: AssessedPlace): Promise<number> => (await readFile(counter(place), "utf8")).length;

describe("an answer", () => {
  it("is not asked for twice", async () => {
    const place = await assessedPlace({ "a.txt": "a" });
    expect(await place.ask(counting(place))).toMatchObject({ verdict: "met", cached: false });
    expect(await place.ask(counting(place))).toMatchObject({ verdict: "met", cached: true });
    expect(await timesAsked(place)).toBe(1);
  });

  it("is asked for anew where a file was edited, made, removed, renamed or made executable, and by --no-cache", async () => {
    const place = await assessedPlace({ "a.txt": "a", "b.txt": "b" });
    const asked = async (): Promise<boolean> => !(await place.ask(counting(place))).cached;
    const file = (name: string): string => path.join(place.path, name);
    expect(await asked()).toBe(true);
    await place.write("a.txt", "A");
    expect(await asked()).toBe(true);
    await place.write("c.txt", "c");
    expect(await asked()).toBe(true);
    await rename(file("c.txt"), file("d.txt"));
    expect(await asked()).toBe(true);
    await chmod(file("b.txt"), 0o755);
    expect(await asked()).toBe(true);
    expect(await asked()).toBe(false);
    expect(await place.ask(counting(place), { cache: false })).toMatchObject({ cached: false });
  });

  it("depends on what it reads, and on nothing else", async () => {
    const place = await assessedPlace({ "a.txt": "a", "b.txt": "b" });
    await place.ask(counting(place, ["a.txt"]));
    await place.write("b.txt", "B");
    expect(await place.ask(counting(place, ["a.txt"]))).toMatchObject({ cached: true });
    await place.write("a.txt", "A");
    expect(await place.ask(counting(place, ["a.txt"]))).toMatchObject({ cached: false });
  });

  it("is the same whatever the times of the files say: an edit that keeps size and times is seen", async () => {
    const place = await assessedPlace({ "a.txt": "found" });
    const old = new Date(Date.now() - 3_600_000);
    await utimes(path.join(place.path, "a.txt"), old, old);
    const asked = { kind: "pattern", files: "a.txt", matches: "found" };
    expect(await place.ask(asked)).toMatchObject({ verdict: "met" });
    await place.write("a.txt", "other");
    await utimes(path.join(place.path, "a.txt"), old, old);
    expect(await place.ask(asked)).toMatchObject({ verdict: "unmet", cached: false });
  });

  it("of another question, and one that was broken, is asked for", async () => {
    const place = await assessedPlace({ "a.txt": "found" });
    await place.ask({ kind: "pattern", files: "*", matches: "found" });
    expect(await place.ask({ kind: "pattern", files: "*", matches: "foun" })).toMatchObject({ cached: false });
    await place.ask({ kind: "command", run: ["no-such-program"] });
    expect(await place.ask({ kind: "command", run: ["no-such-program"] })).toMatchObject({ cached: false });
  });

  it("is asked for where what was kept is damaged", async () => {
    const place = await assessedPlace({ "a.txt": "found" });
    const asked = { kind: "pattern", files: "*", matches: "found" };
    await place.ask(asked);
    for (const name of await readdir(place.store, { recursive: true })) {
      if (name.endsWith(".json")) await writeFile(path.join(place.store, name), '{"key": 7, "format": "x"');
    }
    expect(await place.ask(asked)).toMatchObject({ verdict: "met", cached: false });
  });
});

describe("a question about many files", () => {
  it("is asked of those that were edited alone", async () => {
    const place = await assessedPlace({ "a.txt": "1", "b.txt": "2", "c.txt": "3" });
    const asked = { kind: "pattern", files: "*.txt", matches: "found", found: "nowhere" };
    expect(await place.ask(asked)).toMatchObject({ verdict: "met" });
    // What is known of b says that it was found there: whoever believes it has not looked.
    const contents = path.join(
      place.store,
      "assessments",
      (await readdir(path.join(place.store, "assessments")))[0]!,
      "contents",
    );
    const [file = ""] = await readdir(contents);
    const known = JSON.parse(await readFile(path.join(contents, file), "utf8")) as Record<string, number>;
    await writeFile(
      path.join(contents, file),
      JSON.stringify(Object.fromEntries(Object.keys(known).map((hash) => [hash, 7]))),
    );
    await place.write("a.txt", "4");
    const found = await place.ask(asked);
    expect(found.evidence.map((one) => [one.path, one.line])).toEqual([
      ["b.txt", 7],
      ["c.txt", 7],
    ]);
  });
});

describe("kept answers", () => {
  it(
    "are those that would be given without them, whatever is done to the files in between",
    { timeout: 120_000 },
    async () => {
      const name = fc.constantFrom("a.txt", "b.txt", "d/c.txt", "e.json");
      const text = fc.constantFrom("", "found\n", "x\nfound", "{}", '{"a": 1}');
      const edits = fc.array(fc.record({ name, text }), { maxLength: 3 });
      const checks = [
        { kind: "pattern", files: "**/*.txt", matches: "^found$" },
        { kind: "pattern", files: ["**", "!a.txt"], matches: "found", found: "nowhere" },
        { kind: "pattern", files: "**/*.txt", matches: "found", found: "everywhere" },
        { kind: "file", files: ["*.txt", "d/**"], minBytes: 2 },
        { kind: "json", file: "e.json", holds: "document.a == 1" },
      ];
      await fc.assert(
        fc.asyncProperty(fc.array(edits, { minLength: 2, maxLength: 4 }), async (rounds) => {
          const place = await assessedPlace();
          for (const round of rounds) {
            for (const edit of round) await place.write(edit.name, edit.text);
            for (const check of checks) {
              const { verdict, evidence, code } = await place.ask(check);
              const anew = await place.ask(check, { cache: false });
              expect({ verdict, evidence, code }).toEqual({
                verdict: anew.verdict,
                evidence: anew.evidence,
                code: anew.code,
              });
            }
          }
        }),
        { numRuns: 25 },
      );
    },
  );
});
