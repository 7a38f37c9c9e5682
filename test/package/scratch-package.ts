// A small package in the shape of this one: its real bin, configuration and build over rooms of a few lines, so that
// how a package starts is tested without building the whole program and without waiting for it.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGING = ["package.json", "tsconfig.json", ".config", "src/cli/planwright.cjs"];

const ROOMS = {
  "events/fact.ts": 'export interface Fact { readonly id: "fact" }\nexport const fact: Fact = { id: "fact" };\n',
  "machines/law.ts":
    'import { fact } from "#events/fact.ts";\nexport * from "./near.ts";\nexport const law = { fact, deep: 1 } as const;\n',
  "machines/near.ts": "export const near = 2 as const;\n",
  "projections/view.ts": 'export { law } from "#machines/law.ts";\n',
  "src/index.ts":
    'import type { Fact } from "#events/fact.ts";\nexport { near } from "#machines/law.ts";\n' +
    'import { law } from "../projections/view.ts";\nexport const door = (fact: Fact) => ({ ...law, given: fact });\n',
  "src/testing/index.ts":
    'import { law } from "#machines/law.ts";\nexport const isSame = (given: object): boolean => given === law.fact;\n',
  "src/executor/isolation/inside/process.ts":
    'import { near } from "#machines/law.ts";\nconsole.log(JSON.stringify({ near, from: import.meta.url }));\n',
  "src/cli/main.ts":
    'import { door } from "#src/index.ts";\nexport const main = async (argv: string[]): Promise<number> => {\n' +
    '  if (argv[0] === "throw") throw new Error("thrown by main");\n' +
    '  console.log(JSON.stringify({ argv, deep: door({ id: "fact" }).deep, from: import.meta.url }));\n  return 3;\n};\n',
};

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ScratchPackage {
  readonly base = realpathSync(mkdtempSync(path.join(tmpdir(), "planwright-package-")));
  readonly checkout = path.join(this.base, "checkout");
  readonly project = path.join(this.base, "project");
  readonly installed = path.join(this.project, "node_modules", "planwright");

  constructor() {
    for (const entry of PACKAGING) cpSync(path.join(ROOT, entry), path.join(this.checkout, entry), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules"), path.join(this.checkout, "node_modules"));
    for (const [file, text] of Object.entries(ROOMS)) {
      mkdirSync(path.dirname(path.join(this.checkout, file)), { recursive: true });
      writeFileSync(path.join(this.checkout, file), text);
    }
  }

  /** Runs Node in the checkout, or where `cwd` says, with nothing of this process's environment but what it names. */
  node(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Ran {
    const ran = spawnSync(process.execPath, args, {
      cwd: options.cwd ?? this.checkout,
      env: { PATH: process.env["PATH"], ...options.env },
      encoding: "utf8",
    });
    return { exitCode: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  }

  build(): Ran {
    return this.node([path.join(".config", "scripts", "build.ts")]);
  }

  /** What a packed package holds, in an empty project's node_modules. */
  install(): void {
    for (const entry of ["package.json", "src/cli/planwright.cjs", "dist"]) {
      cpSync(path.join(this.checkout, entry), path.join(this.installed, entry), { recursive: true });
    }
    writeFileSync(path.join(this.project, "package.json"), '{ "type": "module" }\n');
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** Arguments that make a Node take itself for another version. */
export function pretendVersion(version: string): string[] {
  const disguise = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  return ["--import", `data:text/javascript,${encodeURIComponent(disguise)}`];
}
