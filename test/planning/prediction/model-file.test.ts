import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Bytes } from "#src/planning/prediction/fingerprint.ts";
import { readModel, writeModel } from "#src/planning/prediction/model-file.ts";
import { modelBytes, savedModel } from "#src/planning/prediction/model-format.ts";
import { predicted, trained } from "#src/planning/prediction/predictor.ts";
import { EXAMPLES } from "./rooms.ts";

const origin = { trainedAt: "2026-01-02T03:04:05.000Z", program: "0.1.0", examples: 32, fingerprint: "f00" };
const model = { origin, predictor: trained(EXAMPLES) };

let folder = "";
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), "model-"))));
afterAll(() => rm(folder, { recursive: true }));

/** The model's bytes with other ones behind the checksum, which fits them. */
function forged(change: (header: Record<string, unknown>) => unknown, cut = 0): Uint8Array {
  const lines = Buffer.from(modelBytes(model)).toString("latin1").split("\n");
  const header: unknown = JSON.parse(Buffer.from(lines[2] ?? "", "latin1").toString("utf8"));
  const changed: Record<string, unknown> = {};
  Object.assign(changed, header);
  change(changed);
  const rest = [JSON.stringify(changed), ...lines.slice(3)].join("\n");
  const body = Buffer.from(rest.slice(0, rest.length - cut), "latin1");
  return Buffer.concat([Buffer.from(`${lines[0] ?? ""}\n${sha256Bytes(body)}\n`), body]);
}

const UNCHANGED = (): undefined => undefined;

describe("a saved model", () => {
  it("is what was trained, number by number, and answers the same", async () => {
    const file = path.join(folder, "rooms.model");
    expect(await writeModel(file, model)).toBe((await readFile(file)).length);
    const read = await readModel(file);
    expect(read).toEqual(model);
    for (const { request } of EXAMPLES)
      expect(predicted(read.predictor, request)).toEqual(predicted(model.predictor, request));
    expect(modelBytes(read)).toEqual(modelBytes(model));
  });

  it("of nothing learned knows nothing", () => {
    const nothing = { origin, predictor: trained([]) };
    expect(savedModel(modelBytes(nothing), "nothing.model")).toEqual(nothing);
  });

  it("holds no request", () => {
    const text = Buffer.from(modelBytes(model)).toString("latin1");
    for (const { request } of EXAMPLES) expect(text).not.toContain(request);
  });

  it("takes the place of another one whole, and leaves nothing beside it", async () => {
    const file = path.join(folder, "twice.model");
    await writeFile(file, "old");
    await writeModel(file, model);
    expect(await readModel(file)).toEqual(model);
    expect((await readdir(folder)).filter((name) => name.endsWith(".draft"))).toEqual([]);
  });

  it("is not written once its writing was ended, and what was there stays", async () => {
    const file = path.join(folder, "kept.model");
    await writeFile(file, "old");
    await expect(writeModel(file, model, AbortSignal.abort(new Error("stopped")))).rejects.toThrow(/stopped|abort/);
    expect(await readFile(file, "utf8")).toBe("old");
    expect((await readdir(folder)).filter((name) => name.endsWith(".draft"))).toEqual([]);
  });

  it("cannot be written where there is no folder", async () => {
    await expect(writeModel(path.join(folder, "none", "x.model"), model)).rejects.toMatchObject({
      code: "planner-model-unwritable",
    });
  });
});

describe("a file that is no usable model", () => {
  const whole = modelBytes(model);

  it("is refused where there is none", async () => {
    await expect(readModel(path.join(folder, "none.model"))).rejects.toMatchObject({
      code: "planner-model-unreadable",
    });
  });

  it.each([
    ["is empty", "planner-model-foreign", new Uint8Array(0)],
    ["is something else", "planner-model-foreign", Buffer.from('{"a": 1}\n')],
    ["is of a later format", "planner-model-newer", Buffer.from("planwright-planner-model 2\nabc\n")],
    ["ends after its first line", "planner-model-damaged", whole.slice(0, 27)],
    ["was cut off", "planner-model-damaged", whole.slice(0, -1)],
    ["has something behind its end", "planner-model-damaged", Buffer.concat([whole, Buffer.from("x")])],
    ["has one byte changed", "planner-model-damaged", whole.map((byte, at) => (at === 5_000 ? byte ^ 1 : byte))],
    ["has sizes that do not add up", "planner-model-damaged", forged((header) => void (header["units"] = 1e9))],
    ["is too short for its sizes", "planner-model-damaged", forged(UNCHANGED, 1)],
    [
      "has a tool twice",
      "planner-model-damaged",
      forged((header) => void (header["tools"] = Array(5).fill("payment"))),
    ],
    [
      "has chains of tools that it has not",
      "planner-model-damaged",
      forged((header) => void (header["chains"] = Array(32).fill([5]))),
    ],
    ["has no header of a model", "planner-model-damaged", forged((header) => Reflect.deleteProperty(header, "origin"))],
  ])("is refused that %s", (_what, code, bytes) => {
    expect(() => savedModel(bytes, "some.model")).toThrow(expect.objectContaining({ code }));
  });

  it("that is a device is refused, and not read", async () => {
    await expect(readModel("/dev/zero")).rejects.toMatchObject({ code: "planner-model-foreign" });
  });
});
