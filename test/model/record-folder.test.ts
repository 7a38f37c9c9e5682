import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { recordFolder, type RecordFolderOptions } from "#src/model/record-folder.ts";
import type { ModelRecord } from "#src/model/recording.ts";
import { SILENT } from "#src/ports/log.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const EXCHANGE: ModelRecord = {
  model: "local/small",
  prompt: [{ role: "user", text: "Plan." }],
  form: "schema",
  answer: "{}",
  usage: { inputTokens: 1, outputTokens: 1, isEstimated: false },
  ms: 5,
  number: 1,
};

async function emptyFolder(): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), "planwright-records-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  return path.join(parent, "model-records");
}

async function recorded(times: number, options: Partial<RecordFolderOptions> = {}): Promise<string> {
  const folder = options.folder ?? (await emptyFolder());
  await using recorder = recordFolder({ clock: new VirtualClock(), folder, ...options });
  for (let at = 1; at <= times; at++) recorder.record({ ...EXCHANGE, number: at });
  return folder;
}

describe("a folder of what was said to models", () => {
  it("has a line for each exchange, in order, for this user alone", async () => {
    const folder = await recorded(3);
    const file = path.join(folder, "2026-01-01-0001.jsonl");
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
      [1, 2, 3].map((number) => ({ at: "2026-01-01T00:00:00.000Z", ...EXCHANGE, number })),
    );
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  it("goes on in the last file of the day, and begins another where it is full", async () => {
    const folder = await recorded(1);
    await recorded(1, { folder });
    expect(await readdir(folder)).toEqual(["2026-01-01-0001.jsonl"]);
    await recorded(2, { folder, maxFileBytes: 1 });
    expect((await readdir(folder)).sort()).toEqual([
      "2026-01-01-0001.jsonl",
      "2026-01-01-0002.jsonl",
      "2026-01-01-0003.jsonl",
    ]);
  });

  it("loses its oldest files when it is full, and touches no others", async () => {
    const folder = await recorded(1);
    await writeFile(path.join(folder, "notes.txt"), "x".repeat(10_000));
    await recorded(8, { folder, maxFileBytes: 1, maxFolderBytes: 600 });
    const left = (await readdir(folder)).sort();
    expect(left).toContain("notes.txt");
    expect(left).toContain("2026-01-01-0009.jsonl");
    expect(left.length).toBeLessThan(7);
  });

  it("fails nobody where nothing can be written, and says so in the log", async () => {
    const folder = await emptyFolder();
    await writeFile(folder, "a file in the place of the folder");
    const warnings: string[] = [];
    await recorded(2, { folder, log: { ...SILENT, warn: (message) => void warnings.push(message) } });
    expect(warnings).toEqual(Array.from({ length: 2 }, () => "an exchange with a model is not recorded"));
  });

  it("leaves out what comes faster than it can be written", async () => {
    const warnings: string[] = [];
    const folder = await recorded(300, { log: { ...SILENT, warn: (message) => void warnings.push(message) } });
    const text = await readFile(path.join(folder, "2026-01-01-0001.jsonl"), "utf8");
    expect(text.trim().split("\n")).toHaveLength(256);
    expect(warnings).toHaveLength(44);
  });
});
