// shell.run: one program with its arguments. There is no shell in between, so nothing in an argument is ever syntax.
// It starts inside the root; what the program then does is the program's business, not walled in by this tool.

import { z } from "zod";
import { textTail } from "../bounded-text.ts";
import { defineTool, ToolFailure } from "../define.ts";
import type { ToolContext } from "../define.ts";
import { secret } from "../secret.ts";
import type { SecretReference } from "../secret.ts";
import { childEnvironment, runProcess } from "./child-process.ts";
import type { ProcessResult } from "./child-process.ts";
import { openDirectory, pathArgument } from "./root.ts";

const MAX_STDOUT_BYTES = 4 * 1024 * 1024;

const MAX_ARGUMENTS = 1000;
const MAX_TEXT_CHARS = 1_000_000;
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000;
const FAILURE_TAIL_BYTES = 2048;

const argument = z
  .string()
  .max(MAX_TEXT_CHARS)
  .refine((text) => !text.includes("\0"), { error: "an argument has no NUL character" });

export const shellRun = defineTool({
  name: "shell.run",
  version: "1.0.0",
  description:
    "Runs a program with a list of arguments (no shell) in a directory of the root. A non-zero exit fails unless `check` is false.",
  input: z.strictObject({
    command: argument.min(1),
    args: z.array(argument).max(MAX_ARGUMENTS).default([]),
    cwd: pathArgument.default("."),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.union([argument, secret()]))
      .default({})
      .describe("added to the allow-listed environment"),
    stdin: z.string().max(MAX_TEXT_CHARS).optional(),
    timeoutMs: z.int().positive().max(MAX_TIMEOUT_MS).optional(),
    maxStdoutBytes: z.int().positive().max(MAX_STDOUT_BYTES).default(MAX_STDOUT_BYTES),
    check: z.boolean().default(true),
  }),
  output: z.object({
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    stdout: z.string(),
    stderr: z.string(),
  }),
  sideEffects: "write",
  async run({ check, cwd, env, ...request }, context) {
    await using directory = await openDirectory(context.roots.fs, cwd);
    const environment = {
      ...(context.roots.environment ?? childEnvironment(process.env)),
      ...(await reveal(env, context)),
    };
    const result = await runProcess({ ...request, cwd: directory.path, environment }, context);
    if (check && result.exitCode !== 0) throw nonZero(request.command, result);
    return { ...result, stdout: result.stdout.toString() };
  },
});

async function reveal(
  env: Readonly<Record<string, string | SecretReference>>,
  context: ToolContext,
): Promise<Record<string, string>> {
  const entries = Object.entries(env).map(async ([name, value]): Promise<[string, string]> => {
    return [name, typeof value === "string" ? value : await context.secret(value)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function nonZero(command: string, result: ProcessResult): ToolFailure {
  const { exitCode, signal } = result;
  const stderr = textTail(result.stderr.trim(), FAILURE_TAIL_BYTES);
  const how = signal === null ? `exited with ${String(exitCode)}` : `was ended by ${signal}`;
  const message = `${command} ${how}${stderr === "" ? "" : `: ${stderr}`}`;
  return new ToolFailure("unknown", message, { code: "non-zero-exit", details: { exitCode, signal, stderr } });
}
