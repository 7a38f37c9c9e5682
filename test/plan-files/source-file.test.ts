import { execFileSync, spawn } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { MAX_PLAN_BYTES } from "#src/language/parse.ts";
import { folderLibrary } from "#src/plan-files/folder-library.ts";
import { readSource } from "#src/plan-files/source-file.ts";
import { temporaryFolder } from "../store/folder.ts";

const read = (file: string) => readSource(file, "plan-file-unreadable");

async function folderWith(): Promise<(name: string) => string> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return (name) => path.join(folder.path, name);
}

describe("a source file", () => {
  it("that has no end is refused where the limit is, and not read on", () => {
    expect(() => read("/dev/zero")).toThrow(expect.objectContaining({ code: "plan-too-large" }));
  });

  it("may be a pipe, which says no size", async () => {
    const at = await folderWith();
    await writeFile(at("plan.yaml"), "plan: p\nsteps: { a: { value: 1 } }\n");
    execFileSync("/usr/bin/env", ["mkfifo", at("pipe")]);
    const writer = spawn("/usr/bin/env", ["cp", at("plan.yaml"), at("pipe")]);
    onTestFinished(() => void writer.kill("SIGKILL"));
    expect(read(at("pipe"))).toMatchObject({ ok: true });
  });

  it("is taken up to the limit, byte by byte, and no further", async () => {
    const at = await folderWith();
    const text = "plan: p\n#";
    await writeFile(at("fits.yaml"), text.padEnd(MAX_PLAN_BYTES, "x"));
    await writeFile(at("over.yaml"), text.padEnd(MAX_PLAN_BYTES + 1, "x"));
    expect(read(at("fits.yaml"))).toMatchObject({ ok: true });
    expect(() => read(at("over.yaml"))).toThrow(expect.objectContaining({ code: "plan-too-large" }));
  });
});

describe("a library of folders", () => {
  it("waits for no pipe and reads no device that lies among its plans", async () => {
    const at = await folderWith();
    execFileSync("/usr/bin/env", ["mkfifo", at("pipe.plan.yaml")]);
    await symlink("/dev/zero", at("zero.plan.yaml"));
    await writeFile(at("good.plan.yaml"), "plan: good\nsteps: { a: { value: 1 } }\n");
    const library = folderLibrary([path.dirname(at("x"))]);
    expect(library.names()).toEqual(["good"]);
    expect(library.problems()).toEqual([]);
  });

  it("names a link that leads to itself, and has the plans beside it", async () => {
    const at = await folderWith();
    await symlink(at("round.plan.yaml"), at("round.plan.yaml"));
    await writeFile(at("good.plan.yaml"), "plan: good\nsteps: { a: { value: 1 } }\n");
    const library = folderLibrary([path.dirname(at("x"))]);
    expect(library.names()).toEqual(["good"]);
    expect(library.problems()).toMatchObject([{ code: "plan-file-unreadable", file: at("round.plan.yaml") }]);
  });
});
