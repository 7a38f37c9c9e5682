import { describe, expect, it } from "vitest";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { collect, streamNamed, valuesIn } from "../../contracts/batches.ts";
import { temporaryFolder } from "../folder.ts";
import { Child } from "./child.ts";

const KILLS = 5;
const MANY_LINES = 40;

describe("a killed writer", () => {
  it("loses nothing that it acknowledged, and the chains hold", { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder();
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < KILLS; round++) {
      for (const line of await killedAfter(folder.path, MANY_LINES + round * 7)) {
        const [stream, revision] = line.split(" ");
        if (revision !== undefined) acknowledged.set(stream ?? "", Number(revision));
      }
      await using store = await openEmbedded({ directory: folder.path, clock: systemClock });
      expect((await store.verify()).damages).toEqual([]);
      for (const [name, revision] of acknowledged) {
        const values = valuesIn(await collect(store.events.read(streamNamed(name))));
        expect(values.length).toBeGreaterThan(revision);
        expect(values).toEqual(values.map((_, index) => index));
      }
    }
    expect(acknowledged.size).toBe(4);
  });
});

/** What a writer printed until it was killed; a last line that is not whole is left out. */
async function killedAfter(directory: string, lines: number): Promise<string[]> {
  await using child = new Child(directory);
  const printed: string[] = [];
  while (printed.length < lines) {
    const line = await child.line();
    if (line === undefined) throw new Error("the writer ended by itself");
    printed.push(line);
  }
  printed.push(...(await child.kill()));
  return printed.slice(0, -1);
}
