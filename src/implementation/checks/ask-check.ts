// One check, asked of one place: the answer with how long it took, from memory where nothing that it depends on has changed.
//
// Q1. Whatever goes wrong with a check is its answer (`broken`); what is wrong with the machine is thrown, and tried again.

import { childEnvironment } from "#src/tools/builtin/child-process.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { askAst } from "./check-ast.ts";
import { askCommand } from "./check-command.ts";
import { askFile } from "./check-file.ts";
import { askHttp } from "./check-http.ts";
import { askJson } from "./check-json.ts";
import { askPattern } from "./check-pattern.ts";
import { askRequest } from "./check-request.ts";
import { askTest } from "./check-test.ts";
import { askTool } from "./check-tool.ts";
import type { Check } from "./check.ts";
import { broken, type Found } from "./found.ts";
import { digest } from "./kept-answers.ts";
import type { Place } from "./place.ts";
import { testCommand } from "./test-command.ts";

export interface Asked extends Found {
  readonly durationMs: number;
  readonly cached: boolean;
}

/** Rejects with the signal's reason, and with faults of the machine; everything else is an answer. */
export async function askCheck(check: Check, place: Place): Promise<Asked> {
  const { clock } = place.context;
  const begun = clock.monotonic();
  const { found, cached } = await remembered(check, place);
  return { ...found, durationMs: Math.round(clock.monotonic() - begun), cached };
}

interface Remembered {
  readonly found: Found;
  readonly cached: boolean;
}

async function remembered(check: Check, place: Place): Promise<Remembered> {
  try {
    const dependsOn = await dependenciesOf(check, place);
    const before = dependsOn === undefined ? undefined : await place.kept.find(check, dependsOn);
    if (before !== undefined) return { found: before, cached: true };
    const found = await ask(check, place);
    if (dependsOn !== undefined) await place.kept.keep(check, dependsOn, found);
    return { found, cached: false };
  } catch (error) {
    place.context.signal.throwIfAborted();
    if (!(error instanceof ToolFailure)) throw error;
    return { found: broken(error.code, { text: error.message }), cached: false };
  }
}

function ask(check: Check, place: Place): Promise<Found> {
  switch (check.kind) {
    case "command":
      return askCommand(check, place);
    case "test":
      return askTest(check, place);
    case "file":
      return askFile(check, place);
    case "pattern":
      return askPattern(check, place);
    case "http":
      return askHttp(check, place);
    case "json":
      return askJson(check, place);
    case "ast":
      return askAst(check, place);
    case "request":
      return askRequest(check, place);
    case "tool":
      return askTool(check, place);
  }
}

/** Undefined: the answer depends on more than files. */
async function dependenciesOf(check: Check, { survey, context }: Place): Promise<string | undefined> {
  const names = namesRead(check);
  if (names === undefined) return undefined;
  const files = survey.select(names);
  // Whether files are there is said by their names alone.
  if (check.kind === "file") return digest([files, check.minBytes && files.map((name) => survey.bytesOf(name))]);
  const contents = [...(await survey.hashes(files, context.signal))];
  if (check.kind !== "command" && check.kind !== "test") return digest(contents);
  const executable = files.filter((name) => survey.isExecutable(name));
  const run = check.run ?? (await testCommand(survey));
  return digest([contents, executable, run, surroundingsOf(context), INSTALLED.map((name) => survey.stampOf(name))]);
}

/** What tells that other dependencies are installed; the folders themselves are ignored, and too large to be read. */
const INSTALLED = [
  ...["node_modules/.package-lock.json", "node_modules/.modules.yaml", "node_modules/.yarn-state.yml"],
  ...[".venv/pyvenv.cfg", "venv/pyvenv.cfg", "vendor/autoload.php", "vendor/modules.txt"],
];

function surroundingsOf({ roots }: Place["context"]): unknown {
  const { PATH = "" } = roots.environment ?? childEnvironment(process.env);
  return [process.platform, process.arch, PATH];
}

const ALL = ["**"];

function namesRead(check: Check): readonly string[] | undefined {
  if (check.kind === "command" || check.kind === "test") return check.reads ?? ALL;
  if ("files" in check) return check.files;
  return check.kind === "json" ? [check.file] : undefined;
}
