import { mkdirSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { pretendVersion, ScratchPackage } from "./package/scratch-package.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GUARD = "node .config/scripts/require-node.cjs && ";
const manifest = z
  .object({ version: z.string(), scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")));

const scratch = new ScratchPackage();
const bin = path.join("src", "cli", "planwright.cjs");
const installedBin = path.join(scratch.installed, bin);

beforeAll(() => {
  expect(scratch.build()).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  scratch.install();
});
afterAll(() => scratch[Symbol.dispose]());

describe("the bin", () => {
  it("answers --version without any of the program", () => {
    const empty = path.join(scratch.base, "empty");
    cpSync(path.join(scratch.checkout, bin), path.join(empty, bin), { recursive: true });
    cpSync(path.join(scratch.checkout, "package.json"), path.join(empty, "package.json"));
    expect(scratch.node([path.join(empty, bin), "--version"])).toEqual({
      exitCode: 0,
      stdout: `${manifest.version}\n`,
      stderr: "",
    });
    expect(scratch.node([path.join(empty, bin), "run"])).toMatchObject({
      exitCode: 78,
      stderr: expect.stringMatching(/lacks .*main\.js[^]*npm run build/),
    });
  });

  it("runs the sources in a checkout, whatever dist/ holds, with the arguments and the exit code", () => {
    const ran = scratch.node([bin, "run", "--json"]);
    expect(ran).toMatchObject({ exitCode: 3, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      argv: ["run", "--json"],
      deep: 1,
      from: expect.stringMatching(/checkout\/src\/cli\/main\.ts$/),
    });
  });

  it("runs dist/ in a checkout where PLANWRIGHT_DIST asks for it", () => {
    const ran = scratch.node([bin], { env: { PLANWRIGHT_DIST: "1" } });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      from: expect.stringMatching(/checkout\/dist\/src\/cli\/main\.js$/),
    });
  });

  it("runs dist/ under node_modules", () => {
    const ran = scratch.node([installedBin], { cwd: scratch.project });
    expect(ran).toMatchObject({ exitCode: 3, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      from: expect.stringMatching(/planwright\/dist\/src\/cli\/main\.js$/),
    });
  });

  it("ends with 70 and the stack when the program throws", () => {
    expect(scratch.node([bin, "throw"])).toMatchObject({
      exitCode: 70,
      stderr: expect.stringMatching(/thrown by main[^]*main\.ts/),
    });
  });

  it("says to an old Node which one it needs, which it found and what to do", () => {
    const inCheckout = scratch.node([...pretendVersion("12.22.0"), bin, "run"]);
    expect(inCheckout).toMatchObject({ exitCode: 78, stdout: "" });
    expect(inCheckout.stderr).toMatch(/needs Node 24 or newer and runs on Node 12\.22\.0[^]*npm ci[^]*npx planwright/);
    const installed = scratch.node([...pretendVersion("22.1.0"), installedBin, "run"], { cwd: scratch.project });
    expect(installed.stderr).toMatch(/runs on Node 22\.1\.0[^]*npm install node@24/);
  });
});

describe("the guard", () => {
  it("stands before every npm script that does not call other scripts", () => {
    const unguarded = Object.entries(manifest.scripts).filter(([, command]) => !command.startsWith(GUARD));
    expect(
      unguarded.flatMap(([, command]) => command.split(" && ")).filter((part) => !/^npm (run|test)\b/.test(part)),
    ).toEqual([]);
  });

  it("lets Node 24 and newer pass in silence", () => {
    const guard = path.join(".config", "scripts", "require-node.cjs");
    expect(scratch.node([guard])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(scratch.node([...pretendVersion("26.0.0"), guard])).toMatchObject({ exitCode: 0 });
  });

  it("names the cause and the mending command to an older one", () => {
    const place = path.join(scratch.base, "guarded");
    const guard = path.join(place, ".config", "scripts", "require-node.cjs");
    cpSync(path.join(scratch.checkout, ".config"), path.join(place, ".config"), { recursive: true });
    const complaint = () => {
      const ran = scratch.node([...pretendVersion("20.20.2"), guard], { cwd: place });
      expect(ran).toMatchObject({ exitCode: 1, stdout: "" });
      return ran.stderr;
    };
    expect(complaint()).toMatch(/runs on Node 20\.20\.2[^]*not installed[^]*mend: {2}npm ci\n/);
    const binaries = path.join(place, "node_modules", "node", "bin");
    mkdirSync(path.dirname(binaries), { recursive: true });
    expect(complaint()).toMatch(/--ignore-scripts[^]*npm rebuild node --ignore-scripts=false/);
    mkdirSync(binaries);
    writeFileSync(path.join(binaries, process.platform === "win32" ? "node.exe" : "node"), "");
    expect(complaint()).toMatch(/PATH[^]*npm run <script>/);
  });
});

describe("dist", () => {
  it("resolves the rooms by their own names, from outside and from within", () => {
    const use = 'const { door, near } = await import("planwright"); console.log(door({ id: "fact" }).fact.id, near);';
    expect(scratch.node(["--input-type=module", "--eval", use], { cwd: scratch.project })).toEqual({
      exitCode: 0,
      stdout: "fact 2\n",
      stderr: "",
    });
  });

  it("has a second door, for tests, behind which everything is the same", () => {
    const use =
      'const { door } = await import("planwright"); const { isSame } = await import("planwright/testing"); ' +
      'console.log(isSame(door({ id: "fact" }).fact));';
    expect(scratch.node(["--input-type=module", "--eval", use], { cwd: scratch.project })).toEqual({
      exitCode: 0,
      stdout: "true\n",
      stderr: "",
    });
  });

  it.each([
    { module: "nodenext", moduleResolution: "nodenext" },
    { module: "esnext", moduleResolution: "bundler" },
  ])("tells its types to a consumer with $moduleResolution", ({ module, moduleResolution }) => {
    const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const use = 'import { door, near } from "planwright";\nexport const a: 1 = door({ id: "fact" }).deep;\n';
    writeFileSync(path.join(scratch.project, "use.ts"), `${use}export const b: "fact" = near;\n`);
    const options = ["--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "false", "--module", module];
    const ran = scratch.node([compiler, ...options, "--moduleResolution", moduleResolution, "use.ts"], {
      cwd: scratch.project,
    });
    expect(ran.stdout.trim()).toBe(`use.ts(3,14): error TS2322: Type '2' is not assignable to type '"fact"'.`);
  });

  it("has a file for what a process is started with, found by its name", () => {
    const entry = "#src/executor/isolation/inside/process.ts";
    const found = path.join(scratch.installed, "dist", "src", "executor", "isolation", "inside", "process.js");
    const use = `console.log(import.meta.resolve("${entry}"))`;
    const asked = path.join(scratch.installed, "dist", "chunks", "asks.js");
    writeFileSync(asked, use);
    const { stdout } = scratch.node([asked]);
    rmSync(asked);
    expect(stdout).toBe(`${pathToFileURL(found).href}\n`);
    expect(JSON.parse(scratch.node([found]).stdout)).toEqual({ near: 2, from: pathToFileURL(found).href });
  });

  it("is absent after a build that failed", () => {
    const wrong = path.join(scratch.checkout, "src", "wrong.ts");
    writeFileSync(wrong, 'export const wrong: number = "text";\n');
    const ran = scratch.build();
    rmSync(wrong);
    expect(ran).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("src/wrong.ts(1,14)") });
    expect(scratch.node([bin], { env: { PLANWRIGHT_DIST: "1" } })).toMatchObject({ exitCode: 78 });
  });
});
