// A program is asked: by its exit code, and by what it prints.
//
// P1. It gets no shell, the allow-listed environment, a process group of its own, an end in time, and no more room than MAX_STDOUT_BYTES.
// P2. Asked several times it has to give one answer: a check that says yes and no is broken (`flaky-check`), however often it says yes.
// P3. A program that changes files is no check, whatever it answers (`check-writes-files`).

import { textTail } from "#src/tools/bounded-text.ts";
import { childEnvironment, runProcess, type ProcessResult } from "#src/tools/builtin/child-process.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { broken, met, unmet, type Evidence, type Found } from "./found.ts";
import { linePattern } from "./pattern-text.ts";
import type { Place } from "./place.ts";

const MAX_STDOUT_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 1_024;
const MAX_NAMED_FILES = 10;
const MAX_NAMED_CHARS = 60;

export interface CommandQuestion {
  readonly run: readonly string[];
  readonly exit: number;
  readonly timeoutMs: number;
  readonly repeat: number;
  readonly stdout?: string;
}

/** Codes: `check-timeout`, `flaky-check`, `check-writes-files`, `program-missing`, `stdout-too-large`, `bad-pattern`. */
export async function askCommand(question: CommandQuestion, place: Place): Promise<Found> {
  const { stdout } = question;
  const pattern = stdout === undefined ? undefined : linePattern(stdout);
  if (pattern?.ok === false) return broken("bad-pattern", { text: `${JSON.stringify(stdout)}: ${pattern.message}` });
  const find = pattern?.find;
  const { result, changed, isSure } = await place.watch.watched(() => askedAgain(question, find, place), place.context);
  if (changed.length > 0) return wrote(changed, isSure);
  return result;
}

type Find = (text: string) => number | undefined;

/** P2. */
async function askedAgain(question: CommandQuestion, find: Find | undefined, place: Place): Promise<Found> {
  const answers: Found[] = [];
  for (let time = 0; time < question.repeat; time += 1) {
    const found = await askedOnce(question, find, place);
    if (found.verdict === "broken") return found;
    answers.push(found);
  }
  const last = answers.at(-1);
  const yes = answers.filter(({ verdict }) => verdict === "met").length;
  if (last === undefined || yes === 0 || yes === answers.length) return last ?? broken("flaky-check");
  const no = answers.find(({ verdict }) => verdict === "unmet");
  const often = `${yes} of ${answers.length} times yes, ${answers.length - yes} times no`;
  return broken("flaky-check", { text: often }, ...(no?.evidence ?? []));
}

async function askedOnce(question: CommandQuestion, find: Find | undefined, place: Place): Promise<Found> {
  const { run, exit, timeoutMs } = question;
  const [command = "", ...args] = run;
  const { context, survey } = place;
  const environment = { ...(context.roots.environment ?? childEnvironment(process.env)) };
  const request = { command, args, cwd: survey.base, environment, maxStdoutBytes: MAX_STDOUT_BYTES, timeoutMs };
  try {
    const result = await runProcess(request, context);
    if (result.exitCode !== exit) return unmet(...endingOf(question, result));
    if (find === undefined) return met({ text: `${named(run)} ended with ${exit}` });
    const line = find(result.stdout.toString());
    const text = `${named(run)}: its output has ${line === undefined ? "no" : "a"} match of ${JSON.stringify(question.stdout)}`;
    return line === undefined ? unmet({ text }, ...tailOf(result)) : met({ text });
  } catch (error) {
    context.signal.throwIfAborted();
    return brokenBy(question, error);
  }
}

function brokenBy({ run, timeoutMs }: CommandQuestion, error: unknown): Found {
  if (error instanceof ToolFailure) {
    if (error.code !== "process-timeout") return broken(error.code, { text: error.message });
    return broken("check-timeout", { text: `${named(run)} did not end within ${timeoutMs} ms, and was ended` });
  }
  if (!(error instanceof Error) || !("syscall" in error)) throw error;
  return broken("program-missing", { text: `${named(run)} cannot be started: ${error.message}` });
}

function endingOf({ run, exit }: CommandQuestion, result: ProcessResult): readonly Evidence[] {
  const { exitCode, signal } = result;
  const how = signal === null ? `ended with ${String(exitCode)}, not ${exit}` : `was ended by ${signal}`;
  return [{ text: `${named(run)} ${how}` }, ...tailOf(result)];
}

/** The end of what it said. */
function tailOf({ stdout, stderr }: ProcessResult): readonly Evidence[] {
  const said = stderr.trim() === "" ? stdout.toString().trim() : stderr.trim();
  return said === "" ? [] : [{ text: textTail(said, TAIL_BYTES) }];
}

/** P3. */
function wrote(changed: readonly string[], isSure: boolean): Found {
  const who = isSure ? "it changed files" : "files were changed while it ran beside others; one of them did it";
  const named = changed
    .slice(0, MAX_NAMED_FILES)
    .map((path): Evidence => ({ text: "changed while the check ran", path }));
  return broken("check-writes-files", { text: `${who}: ${changed.length}` }, ...named);
}

function named(run: readonly string[]): string {
  const parts = run.map((part) => (part.length > MAX_NAMED_CHARS ? `${part.slice(0, MAX_NAMED_CHARS)}…` : part));
  return parts.map((part) => (/^[\w./:@=+-]+$/u.test(part) ? part : JSON.stringify(part))).join(" ");
}
