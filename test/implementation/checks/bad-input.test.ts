import { existsSync } from "node:fs";
import { chmod, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { assessedPlace } from "../assessed-place.ts";

const node = (script: string): readonly string[] => [process.execPath, "-e", script];

describe("a check that hangs", () => {
  it("is ended with all that it started", async () => {
    const place = await assessedPlace();
    const started = path.join(place.store, "..", "alive");
    const script = `
      const { spawn } = require("child_process");
      const child = spawn("sleep", ["300"]);
      require("fs").writeFileSync(${JSON.stringify(started)}, String(child.pid));
      process.on("SIGTERM", () => {});
      setInterval(() => {}, 1000);`;
    const found = await place.ask({ kind: "command", run: node(script), timeoutMs: 1_500 });
    expect(found).toMatchObject({ verdict: "broken", code: "check-timeout" });
    const { readFileSync } = await import("node:fs");
    const pid = Number(readFileSync(started, "utf8"));
    const isAlive = (): boolean =>
      existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
    await expect.poll(isAlive).toBe(false);
  });
});

describe("a check that gives several answers", () => {
  it("is found by asking again, with how often each came", async () => {
    const place = await assessedPlace();
    const count = JSON.stringify(path.join(place.store, "..", "count"));
    const script = `
      const fs = require("fs");
      const n = fs.existsSync(${count}) ? Number(fs.readFileSync(${count}, "utf8")) : 0;
      fs.writeFileSync(${count}, String(n + 1));
      process.exit(n % 3 === 0 ? 1 : 0);`;
    const found = await place.ask({ kind: "command", run: node(script), repeat: 6 });
    expect(found).toMatchObject({
      ...{ verdict: "broken", code: "flaky-check" },
      evidence: [{ text: "4 of 6 times yes, 2 times no" }, {}],
    });
  });

  it("is asked anew the next time", async () => {
    const place = await assessedPlace();
    const asked = { kind: "command", run: node("process.exit(Number(process.hrtime.bigint() % 2n))"), repeat: 20 };
    expect(await place.ask(asked)).toMatchObject({ verdict: "broken", cached: false });
    expect(await place.ask(asked)).toMatchObject({ cached: false });
  });
});

describe("a check that writes files", () => {
  const write = (name: string) => ({
    kind: "command",
    run: node(`require("fs").writeFileSync(${JSON.stringify(name)}, "x")`),
  });

  it.each(["a directory", "a repository"])("is broken, and what it wrote is named: %s", async (kind) => {
    const place = await assessedPlace({ "old.txt": "old", ".gitignore": "made/\n" });
    if (kind === "a repository") {
      place.git("init", "-q");
      place.git("add", ".");
      place.git("commit", "-qm", "x");
    }
    expect(await place.ask(write("new.txt"))).toMatchObject({
      ...{ verdict: "broken", code: "check-writes-files" },
      evidence: [{}, { path: "new.txt" }],
    });
    expect(await place.ask(write("old.txt"))).toMatchObject({ evidence: [{}, { path: "old.txt" }] });
    expect(await place.ask({ kind: "command", run: ["rm", "old.txt"] })).toMatchObject({
      evidence: [{}, { path: "old.txt" }],
    });
    await mkdir(path.join(place.path, "made"));
    expect(await place.ask(write("made/cache"))).toMatchObject({ verdict: "met" });
  });

  it("is found among others that run side by side, and they are not blamed", async () => {
    const place = await assessedPlace({ "old.txt": "old" });
    const slow = { kind: "command", run: node("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)") };
    const answers = await place.askAll([slow, write("old.txt"), { ...slow, exit: 1 }]);
    expect(answers.map(({ verdict, code }) => code ?? verdict)).toEqual(["met", "check-writes-files", "unmet"]);
  });
});

describe("files that are no plain texts", () => {
  it("have names with spaces, quotes and line ends", async () => {
    const names = ["a b.ts", "c\nd.ts", 'e"f.ts', "g\\h.ts", "ü.ts"];
    for (const isRepository of [false, true]) {
      const place = await assessedPlace(Object.fromEntries(names.map((name) => [name, "found"])));
      if (isRepository) place.git("init", "-q");
      const found = await place.ask({ kind: "pattern", files: "*.ts", matches: "found", found: "nowhere" });
      expect(found.evidence.map((one) => one.path).toSorted()).toEqual(names.toSorted());
    }
  });

  it("are binary: they have no lines to look into", async () => {
    const place = await assessedPlace({ "a.txt": "found" });
    await place.write("b.bin", new Uint8Array([0, 1, 2, ...Buffer.from("found")]));
    expect(await place.ask({ kind: "pattern", files: "**", matches: "found", found: "everywhere" })).toMatchObject({
      ...{ verdict: "met", evidence: [{ text: "in all of 1 files" }] },
    });
  });

  it("are too large, or closed to us: then nobody knows", async () => {
    const place = await assessedPlace({ "closed.txt": "x" });
    await place.write("large.txt", "x".repeat(4 * 1024 * 1024 + 1));
    const nowhere = { kind: "pattern", matches: "found", found: "nowhere" };
    expect(await place.ask({ ...nowhere, files: "large.txt" })).toMatchObject({
      verdict: "broken",
      code: "file-too-large",
    });
    expect(await place.ask({ ...nowhere, files: ["*.txt", "!large.txt"] })).toMatchObject({ verdict: "met" });
    if (process.getuid?.() === 0) return;
    await chmod(path.join(place.path, "closed.txt"), 0);
    expect(await place.ask({ ...nowhere, files: "closed.txt" })).toMatchObject({ code: "file-unreadable" });
  });

  it("are links: followed to files inside, and no further", async () => {
    const place = await assessedPlace({ "real/a.txt": "found", "../outside/secret.txt": "found" });
    await symlink("real/a.txt", path.join(place.path, "inside.txt"));
    await symlink("../outside/secret.txt", path.join(place.path, "leads-out.txt"));
    await symlink("../outside", path.join(place.path, "folder"));
    await symlink("nowhere", path.join(place.path, "broken.txt"));
    const found = await place.ask({ kind: "pattern", files: "**", matches: "found", found: "nowhere" });
    expect(found.evidence.map((one) => one.path)).toEqual(["inside.txt", "real/a.txt"]);
    for (const files of ["leads-out.txt", "folder/secret.txt", "broken.txt"]) {
      expect(await place.ask({ kind: "file", files })).toMatchObject({ verdict: "unmet" });
    }
  });

  it("are behind a link that took the place of a folder that git knows", async () => {
    const place = await assessedPlace({ "folder/a.txt": "x", "../outside/a.txt": "found" });
    place.git("init", "-q");
    place.git("add", ".");
    const { rm } = await import("node:fs/promises");
    await rm(path.join(place.path, "folder"), { recursive: true });
    await symlink("../outside", path.join(place.path, "folder"));
    expect(await place.ask({ kind: "pattern", files: "**", matches: "found" })).toMatchObject({ verdict: "unmet" });
  });

  it("are of another repository, or of this program: they are not looked at", async () => {
    const place = await assessedPlace({ "a.txt": "", "inner/b.txt": "found", ".planwright/c.txt": "found" });
    place.git("init", "-q", "inner");
    const nowhere = { kind: "pattern", files: "**", matches: "found", found: "nowhere" };
    expect(await place.ask(nowhere)).toMatchObject({ verdict: "met" });
    place.git("init", "-q");
    expect(await place.ask(nowhere)).toMatchObject({ verdict: "met" });
  });
});

describe("an output without an end", () => {
  it("ends the program", async () => {
    const place = await assessedPlace();
    const script = "const s = 'x'.repeat(1 << 20); for (;;) require('fs').writeSync(1, s)";
    const found = await place.ask({ kind: "command", run: node(script), timeoutMs: 60_000 });
    expect(found).toMatchObject({ verdict: "broken", code: "stdout-too-large" });
  });
});

describe("a directory", () => {
  it("outside the root is refused", async () => {
    const place = await assessedPlace();
    const { Places } = await import("#src/implementation/checks/places.ts");
    const { contextOf } = await import("../../tools/context.ts");
    const asked = { directory: "..", cache: false };
    await expect(new Places().at(asked, contextOf({ root: place.path }))).rejects.toMatchObject({
      code: "outside-root",
    });
  });
});
