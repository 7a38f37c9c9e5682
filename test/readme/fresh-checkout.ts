// A copy of this checkout as somebody has it after `npm ci`, and a shell in it. What the shell leaves behind (a store, a
// report) lies in the copy.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { listFiles, ROOT } from "../tidy/tree.ts";

const MODULES = path.join(ROOT, "node_modules");
const END_OF_COMMAND = "-- end of a command of the page --";

/** How bash tells, at any time afterwards, that a background job was killed. */
const DEATH_NOTICE = /^bash: line \d+: +\d+ Killed .*\n/gm;

/** Bounds the commands of one block. What a killed shell leaves behind ends by itself: no plan here runs for long. */
const BLOCK_TIMEOUT_MS = 90_000;

export interface Printed {
  readonly exitCode: number;
  /** Both streams, in the order of their arrival. */
  readonly text: string;
}

export class FreshCheckout implements Disposable {
  readonly directory = mkdtempSync(path.join(tmpdir(), "planwright-readme-"));

  constructor() {
    for (const file of listFiles()) cpSync(path.join(ROOT, file), path.join(this.directory, file));
    symlinkSync(MODULES, path.join(this.directory, "node_modules"));
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.directory, file), text);
  }

  /** Types the commands into one interactive-like shell (with job control); one answer a command. */
  async type(commands: readonly string[]): Promise<Printed[]> {
    const marked = commands.map((command) => `${command}\nprintf '\\n%s %s\\n' '${END_OF_COMMAND}' "$?"`);
    const text = await this.shell(["set -m", ...marked].join("\n"));
    const ends = new RegExp(`\n${END_OF_COMMAND} (\\d+)\n`);
    const parts = text.split(ends);
    return commands.map((command, index) => {
      const exitCode = parts[2 * index + 1];
      if (exitCode === undefined) throw new Error(`\`${command}\` did not end: ${parts[2 * index] ?? ""}`);
      return { exitCode: Number(exitCode), text: parts[2 * index] ?? "" };
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private shell(script: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const child = spawn("bash", ["-c", `exec 2>&1\n${script}`], {
      cwd: this.directory,
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
      timeout: BLOCK_TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
    child.on("error", reject);
    child.on("close", () => resolve(text.replace(DEATH_NOTICE, "")));
    return promise;
  }
}

/** A user's shell: nothing of the npm that runs the tests, and not its PATH to Node. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|NODE_|VITEST|FORCE_COLOR|INIT_CWD)/i.test(name),
  );
  const PATH = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => !folder.startsWith(MODULES));
  return { ...Object.fromEntries(own), PATH: PATH.join(path.delimiter), NO_COLOR: "1", npm_config_loglevel: "silent" };
}
