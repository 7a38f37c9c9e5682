import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { recordedModel, replayedModel } from "#src/model/replay.ts";
import { scriptedModel } from "#src/model/scripted.ts";
import type { ModelRequest } from "#src/ports/model.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { KEY } from "./kit.ts";

const call = { signal: new AbortController().signal };
const asked = (text: string): ModelRequest => ({ messages: [{ role: "user", text }], maxOutputTokens: 10 });
const failure = { category: "rate-limited", code: "model-rate-limited", message: "slow", retryAfterMs: 5 } as const;

async function recordingFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "planwright-model-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return path.join(folder, "answers.jsonl");
}

describe("a recorded model", () => {
  it("gives again what it gave, failures too, without being asked", async () => {
    const file = await recordingFile();
    const real = scriptedModel(["one", "two", { fails: failure }, "three"], { clock: systemClock, name: "real" });
    const recorded = recordedModel(real, { file });
    const given = [];
    for (const text of ["a", "a", "b", "c"]) given.push(await recorded.generate(asked(text), call));
    const replayed = await replayedModel({ file, name: "real" });
    const again = [];
    for (const text of ["c", "a", "b", "a"]) again.push(await replayed.generate(asked(text), call));
    expect(again).toEqual([given[3], given[0], given[2], given[1]]);
    expect(real.requests).toHaveLength(4);
  });

  it("tells the text as it tells it live, and gives the last answer again and again", async () => {
    const file = await recordingFile();
    await recordedModel(scriptedModel(["one"], { clock: systemClock }), { file }).generate(asked("a"), call);
    const replayed = await replayedModel({ file, name: "real" });
    const pieces: string[] = [];
    const onText = (piece: string): void => void pieces.push(piece);
    for (let times = 0; times < 2; times++) await replayed.generate(asked("a"), { ...call, onText });
    expect(pieces).toEqual(["one", "one"]);
  });

  it("says of a request that is not in the file that it is not", async () => {
    const file = await recordingFile();
    await writeFile(file, "");
    const replayed = await replayedModel({ file, name: "real" });
    await expect(replayed.generate(asked("never asked"), call)).rejects.toMatchObject({
      code: "model-recording-missing",
      message: expect.stringContaining("never asked"),
    });
  });

  it("tells a request with another schema, limit or temperature apart", async () => {
    const file = await recordingFile();
    await recordedModel(scriptedModel(["one"], { clock: systemClock }), { file }).generate(asked("a"), call);
    const replayed = await replayedModel({ file, name: "real" });
    for (const other of [{ temperature: 1 }, { maxOutputTokens: 11 }, { form: { kind: "json" } as const }]) {
      await expect(replayed.generate({ ...asked("a"), ...other }, call)).rejects.toMatchObject({
        code: "model-recording-missing",
      });
    }
  });

  it("keeps no secret, and finds the request with another one", async () => {
    const file = await recordingFile();
    const real = scriptedModel([`the password is ${KEY}`], { clock: systemClock });
    await recordedModel(real, { file, secrets: [KEY] }).generate(asked(`use ${KEY}`), call);
    expect(await readFile(file, "utf8")).not.toContain(KEY);
    const other = "another-key-than-that";
    const replayed = await replayedModel({ file, name: "real", secrets: [other] });
    expect(await replayed.generate(asked(`use ${other}`), call)).toMatchObject({ text: "the password is [secret]" });
  });

  it.each(["no JSON", '{"key":1}', "[]"])("refuses a file with a line %s, and names the line", async (line) => {
    const file = await recordingFile();
    await writeFile(file, `\n${line}\n`);
    await expect(replayedModel({ file, name: "real" })).rejects.toMatchObject({
      code: "model-recording-unreadable",
      message: expect.stringContaining(`${file}:2`),
    });
  });

  it("refuses a file that is not there", async () => {
    const options = { file: "/nonexistent/answers.jsonl", name: "real" };
    await expect(replayedModel(options)).rejects.toMatchObject({ code: "model-recording-unreadable" });
  });
});
