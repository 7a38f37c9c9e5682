import { textTail } from "#src/tools/bounded-text.ts";
import { childEnvironment } from "#src/tools/builtin/child-process.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import { isSystemError } from "./disk.ts";
import type { Workplace } from "./workplace-paths.ts";

// The programs of a change: its setup, and what it runs, formats and tests. They see the allow-listed environment and what the workplace
// adds; what they do inside of the worktree is seen afterwards, what they do elsewhere is not.

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const FAILURE_TAIL_BYTES = 2048;
const MISSING = new Set(["ENOENT", "EACCES"]);

export interface Running {
  readonly run: readonly string[];
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
  /** For people: `action 3 (test)`. */
  readonly what: string;
}

/** Fails with `action-failed`, `program-missing`, `process-timeout`, `stdout-too-large`. */
export async function runIn(
  { repository, worktree }: Workplace,
  { run, timeoutMs, environment, what }: Running,
  context: ToolContext,
): Promise<void> {
  const [command = "", ...args] = run;
  const own = context.roots.environment ?? childEnvironment(process.env);
  const request = { command, args, cwd: worktree.directory, environment: { ...own, ...environment }, timeoutMs };
  const result = await repository
    .run({ ...request, maxStdoutBytes: MAX_OUTPUT_BYTES }, context)
    .catch((error: unknown) => {
      if (!isSystemError(error, MISSING)) throw error;
      throw new ToolFailure("not-found", `${what}: there is no program ${command}`, { code: "program-missing" });
    });
  if (result.exitCode === 0) return;
  const { exitCode, signal } = result;
  const how = signal === null ? `exited with ${String(exitCode)}` : `was ended by ${signal}`;
  const stderr = textTail(result.stderr.trim(), FAILURE_TAIL_BYTES);
  const stdout = textTail(result.stdout.toString().trim(), FAILURE_TAIL_BYTES);
  const said = stderr === "" ? stdout : stderr;
  const message = `${what}: ${run.join(" ")} ${how}${said === "" ? "" : `: ${said}`}`;
  throw new ToolFailure("validation", message, {
    code: "action-failed",
    details: { exitCode, signal, stdout, stderr },
  });
}
