import { readFileSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Fault } from "#events/fault.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { timeLeft } from "#src/cli/time-left.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { bytesText, plural, safeText } from "#src/cli/text.ts";
import type { TrainingProgress } from "#src/planning/prediction/committee.ts";
import { estimated, type ChainScore } from "#src/planning/prediction/evaluation.ts";
import { examplesIn, type ReadExamples, type Skipped } from "#src/planning/prediction/example-lines.ts";
import { fingerprintOf } from "#src/planning/prediction/fingerprint.ts";
import { checkWritable, readModel, writeModel } from "#src/planning/prediction/model-file.ts";
import { trainedStepwise } from "#src/planning/prediction/predictor.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { loopTurn } from "#src/ports/system/loop-turn.ts";
import { packageVersion } from "#src/ports/system/package-version.ts";

// `planner`: learns which tools requests need from examples that a person names, and says what a model knows. The model is written
// whole or not at all: whoever stops a training leaves no part of a file.

export interface PlannerFlags {
  readonly json?: boolean;
}

export interface TrainFlags extends PlannerFlags {
  readonly out: string;
  readonly evaluate?: boolean;
}

/**
 * Faults: `examples-unreadable`, `examples-malformed`, `examples-missing`, `planner-model-unwritable`, `planner-model-foreign`,
 * `interrupted`.
 */
export async function train(files: readonly string[], flags: TrainFlags, terminal: Terminal): Promise<ExitCode> {
  const startedAt = systemClock.now();
  const { examples, skipped } = read(files);
  if (flags.json !== true) printSkipped(skipped, terminal);
  if (examples.length === 0) throw new Fault("examples-missing", `${files.join(", ")}: no request to learn from`);
  await checkWritable(flags.out);
  using interruption = watchInterruption("no model was written");
  const around = { flags, terminal, signal: interruption.signal };
  const predictor = await driven(trainedStepwise(examples), "learning", around);
  const score = flags.evaluate === true ? await driven(estimated(examples), "estimating", around) : undefined;
  const origin = {
    trainedAt: new Date(systemClock.now()).toISOString(),
    program: packageVersion(),
    examples: examples.length,
    fingerprint: fingerprintOf(examples),
  };
  const bytes = await writeModel(flags.out, { origin, predictor }, interruption.signal);
  const seconds = (systemClock.now() - startedAt) / 1_000;
  const result = { model: flags.out, ...origin, skipped, tools: predictor.tools.length, seconds, bytes };
  if (flags.json === true) terminal.out(JSON.stringify({ ...result, ...(score ? { estimate: score } : {}) }));
  else {
    const from = `${plural(result.tools, "tool")} from ${plural(examples.length, "request")}`;
    terminal.out(`${flags.out}: ${from}, ${bytesText(bytes)}, in ${seconds.toFixed(0)} s`);
    if (score) terminal.out(scoreText(score));
    else if (flags.evaluate === true) terminal.out("too few requests to say how good it is");
  }
  return EXIT.ok;
}

/** Faults: those of `readModel`. */
export async function showModel(file: string, flags: PlannerFlags, terminal: Terminal): Promise<ExitCode> {
  const { origin, predictor } = await readModel(file);
  const { size: bytes } = await stat(file);
  const { tools } = predictor;
  if (flags.json === true) {
    terminal.out(JSON.stringify({ model: file, ...origin, tools, bytes }));
    return EXIT.ok;
  }
  const from = `${plural(tools.length, "tool")} from ${plural(origin.examples, "request")}`;
  terminal.out(safeText(`${file}: ${from}, ${bytesText(bytes)}`));
  terminal.out(safeText(`trained ${origin.trainedAt} by planwright ${origin.program}, examples ${origin.fingerprint}`));
  for (const tool of tools) terminal.out(safeText(`  ${tool}`));
  return EXIT.ok;
}

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Faults: `examples-unreadable`, `examples-malformed`. */
function read(files: readonly string[]): ReadExamples {
  const each = files.map((file) => examplesIn(textOf(file), file));
  return { examples: each.flatMap(({ examples }) => examples), skipped: each.flatMap(({ skipped }) => skipped) };
}

function textOf(file: string): string {
  try {
    if (statSync(file).size <= MAX_FILE_BYTES) return readFileSync(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("examples-unreadable", `${file} cannot be read: ${why}`, { cause });
  }
  throw new Fault("examples-unreadable", `${file} has more than ${MAX_FILE_BYTES} bytes`);
}

const MAX_SKIPPED_TOLD = 10;

function printSkipped(skipped: readonly Skipped[], terminal: Terminal): void {
  for (const { where, why } of skipped.slice(0, MAX_SKIPPED_TOLD)) terminal.err(safeText(`${where}: left out: ${why}`));
  const others = skipped.length - MAX_SKIPPED_TOLD;
  if (others > 0) terminal.err(`and ${others} more left out`);
}

interface Around {
  readonly flags: PlannerFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Work to its end, with a turn for signals between its steps. Fault: `interrupted`. */
async function driven<Result>(
  work: Generator<TrainingProgress, Result>,
  what: string,
  { flags, terminal, signal }: Around,
): Promise<Result> {
  const says = timeLeft(systemClock);
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    const said = says(step.value);
    if (said !== undefined && flags.json !== true) terminal.err(terminal.paint("dim", `  ${what}: ${said}`, "err"));
    await loopTurn();
    signal.throwIfAborted();
  }
}

function scoreText({ nodeF1, linkF1, exact }: ChainScore): string {
  const each = [`F1 of tools ${nodeF1.toFixed(3)}`, `of links ${linkF1.toFixed(3)}`];
  return `on requests that it did not see: ${each.join(", ")}, ${(100 * exact).toFixed(0)} % as a whole`;
}
