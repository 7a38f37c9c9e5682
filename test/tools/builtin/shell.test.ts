import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Clock } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { childEnvironment, KILL_GRACE_MS, MAX_STDERR_BYTES, runProcess } from "#src/tools/builtin/child-process.ts";
import { shellRun } from "#src/tools/builtin/shell.ts";
import { outputOf, temporaryDirectory } from "../context.ts";

const node = process.execPath;

/** Fires every timer as soon as it is set, and remembers how long each was to wait. */
function impatientClock(waits: number[]): Clock {
  return {
    ...systemClock,
    after: (delayMs, callback) => {
      waits.push(delayMs);
      return systemClock.after(0, callback);
    },
  };
}

/** Runs a script of the test's runtime and calls back when it has said "ready". */
async function abortWhenReady(script: string, root: string, clock: Clock = systemClock) {
  const controller = new AbortController();
  const source = `${script}; require("fs").writeFileSync("ready", String(process.pid))`;
  const running = outputOf(
    shellRun,
    { command: node, args: ["-e", source] },
    { root, signal: controller.signal, clock },
  );
  // The rejection is looked at by the test, later than it happens.
  running.catch(() => undefined);
  const pid = await untilWritten(path.join(root, "ready"));
  controller.abort(new DOMException("cancelled by the test", "AbortError"));
  return { running, pid };
}

async function untilWritten(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text !== "") return Number(text);
    await new Promise((resolve) => systemClock.soon(() => resolve(undefined)));
  }
}

describe("shell.run", () => {
  it("passes arguments as they are, without a shell", async () => {
    const root = await temporaryDirectory();
    const args = ["-e", "process.stdout.write(JSON.stringify(process.argv.slice(1)))", "$HOME; rm -rf *", "a b", ""];
    expect(await outputOf(shellRun, { command: node, args }, { root })).toEqual({
      exitCode: 0,
      signal: null,
      stdout: '["$HOME; rm -rf *","a b",""]',
      stderr: "",
    });
  });

  it("runs inside the root and refuses a directory outside", async () => {
    const root = await temporaryDirectory();
    await mkdir(path.join(root, "sub"));
    await symlink("/", path.join(root, "out"));
    const args = { command: "pwd", args: ["-P"] };
    expect(await outputOf(shellRun, { ...args, cwd: "sub" }, { root })).toMatchObject({ stdout: `${root}/sub\n` });
    await expect(outputOf(shellRun, { ...args, cwd: "out" }, { root })).rejects.toThrow("permission outside-root");
  });

  it("fails on a non-zero exit with the end of stderr, unless told not to check", async () => {
    const root = await temporaryDirectory();
    const args = { command: node, args: ["-e", "console.error('broken pipe dream'); process.exit(3)"] };
    await expect(outputOf(shellRun, args, { root })).rejects.toThrow(
      /non-zero-exit: .* exited with 3: broken pipe dream/,
    );
    const unchecked = await outputOf(shellRun, { ...args, check: false }, { root });
    expect(unchecked).toMatchObject({ exitCode: 3, stderr: "broken pipe dream\n" });
  });

  it("says so when the program does not exist", async () => {
    const root = await temporaryDirectory();
    await expect(outputOf(shellRun, { command: "no-such-program" }, { root })).rejects.toThrow(/^not-found/);
  });

  it("shows the program the allowed environment, additions and secrets, and repeats no secret", async () => {
    const root = await temporaryDirectory();
    const script = "const { A, S, LEAK } = process.env; console.log(A, S, S.length, LEAK)";
    const output = await outputOf(
      shellRun,
      { command: node, args: ["-e", script], env: { A: "1", S: { $secret: "TOKEN" } } },
      { root, secrets: { TOKEN: "s3cr3t-value" } },
    );
    expect(output).toMatchObject({ stdout: "1 [secret] 12 undefined\n" });
    expect(childEnvironment({ PATH: "/bin", LEAK: "x", HOME: undefined })).toEqual({ PATH: "/bin" });
  });

  it("feeds standard input, and does not mind a program that ignores it", async () => {
    const root = await temporaryDirectory();
    expect(await outputOf(shellRun, { command: "cat", stdin: "fed" }, { root })).toMatchObject({ stdout: "fed" });
    const big = { command: "true", stdin: "x".repeat(900_000) };
    expect(await outputOf(shellRun, big, { root })).toMatchObject({ exitCode: 0 });
  });

  it("ends a program that writes more than the limit", async () => {
    const root = await temporaryDirectory();
    const endless = { command: "yes", maxStdoutBytes: 1000 };
    await expect(outputOf(shellRun, endless, { root })).rejects.toThrow("resource-exhausted stdout-too-large");
  });

  it("keeps the end of a long stderr", async () => {
    const root = await temporaryDirectory();
    const script = "process.stderr.write('x'.repeat(200000) + 'the end')";
    const { stderr } = (await outputOf(shellRun, { command: node, args: ["-e", script] }, { root })) as {
      stderr: string;
    };
    expect(stderr).toMatch(/^….*the end$/);
    expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(MAX_STDERR_BYTES);
  });

  it("ends a program after its timeout", async () => {
    const root = await temporaryDirectory();
    const waits: number[] = [];
    const slow = outputOf(
      shellRun,
      { command: "sleep", args: ["60"], timeoutMs: 5000 },
      { root, clock: impatientClock(waits) },
    );
    await expect(slow).rejects.toThrow("timeout process-timeout: sleep: did not end within 5000 ms");
    expect(waits).toContain(5000);
  });

  it("ends with the abort, children of the program included", async () => {
    const root = await temporaryDirectory();
    const script =
      'const c = require("child_process").spawn("sleep", ["60"]); require("fs").writeFileSync("child", String(c.pid))';
    const { running } = await abortWhenReady(script, root);
    await expect(running).rejects.toThrow("cancelled cancelled: cancelled by the test");
    await untilGone(await untilWritten(path.join(root, "child")));
  });

  it("kills a program that ignores the request to end, after the grace", async () => {
    const root = await temporaryDirectory();
    const waits: number[] = [];
    const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
    const { running, pid } = await abortWhenReady(script, root, impatientClock(waits));
    await expect(running).rejects.toThrow(/^cancelled/);
    expect(waits).toContain(KILL_GRACE_MS);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("does not wait for a background process that holds on to its output", async () => {
    const root = await temporaryDirectory();
    await writeFile(path.join(root, "leave.sh"), "sleep 60 & echo done\n");
    const output = await outputOf(shellRun, { command: "sh", args: ["leave.sh"] }, { root, clock: impatientClock([]) });
    expect(output).toMatchObject({ exitCode: 0 });
  });

  it("starts nothing when it is aborted already", async () => {
    const root = await temporaryDirectory();
    const signal = AbortSignal.abort(new Error("too late"));
    const request = { command: "touch", args: ["made"], cwd: root, environment: {}, maxStdoutBytes: 1 };
    await expect(runProcess(request, { clock: systemClock, signal })).rejects.toThrow("too late");
    await expect(readFile(path.join(root, "made"))).rejects.toThrow("ENOENT");
  });
});

/** A killed child is gone once its new parent has noticed. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (state === "" || / Z /.test(state)) return;
    await new Promise((resolve) => systemClock.soon(() => resolve(undefined)));
  }
}
