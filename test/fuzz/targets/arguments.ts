import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { z } from "zod";
import type { Json } from "#events/json.ts";
import { EXIT } from "#src/cli/exit-code.ts";
import { runCommand } from "#src/cli/main.ts";
import { buildProgram } from "#src/cli/program.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { TEXTS } from "../mutation/hostile-values.ts";
import { mutatedText } from "../mutation/text.ts";
import { Violation, type Place, type Target } from "../target.ts";

// Arguments of the command line, made from its own grammar: every command, every option, with values of every kind, lost,
// doubled and changed. Most run in this process, as the door itself runs them; a few as a user's shell starts them.
//
// A1. Every command ends with a code of the table, and never with that of a defect. One that would go on for ever ends when
//     it is interrupted, as by Ctrl-C.

const input = z.object({ args: z.array(z.string()).max(60), isProcess: z.boolean() });
type Typed = z.infer<typeof input>;

const BIN = fileURLToPath(new URL("../../../src/cli/planwright.cjs", import.meta.url));
const INTERRUPT_AFTER_MS = 250;
const END_WITHIN_MS = 20_000;

export async function openArguments({ folder }: Place): Promise<Target> {
  process.chdir(folder);
  furnish(folder);
  const grammar = grammarOf();
  for (const name of ["good.yaml", "waits.yaml"]) await ended(["run", name, "--plain"]);
  const run = async (given: Json): Promise<string> => {
    const shaped = input.safeParse(given);
    if (!shaped.success) return "no case";
    const { args, isProcess } = shaped.data;
    const tame = args.map((arg) => inside(arg, folder));
    return judged(isProcess ? await ran(tame.map(withoutNul), folder) : await ended(tame));
  };
  return { draw: (random) => draw(grammar, random), run, [Symbol.asyncDispose]: async () => process.chdir("/") };
}

/** Places outside that arguments may name: nothing can be made there. */
const ELSEWHERE = [
  "/dev/null",
  "/dev/zero",
  "/proc/self/environ",
  "/proc/self/mem",
  "/etc/passwd",
  "../outside/secret.txt",
];

/** A command writes where it is told to: what names another place names one inside the folder instead. */
function inside(arg: string, folder: string): string {
  const value = arg.replace(/^--[\w-]+=/, "");
  if (ELSEWHERE.includes(value)) return arg;
  const isInside = path.resolve(folder, value.replaceAll("\0", "")).startsWith(folder + path.sep);
  return isInside || !/[/.]/.test(value) ? arg : arg.replaceAll("/", "_").replaceAll("..", "_");
}

/** No argument of a process has one. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}

function furnish(folder: string): void {
  const files: Readonly<Record<string, string>> = {
    "good.yaml":
      "plan: good\ninputs:\n  n: { type: integer, default: 1 }\nsteps:\n  a: { value: '${inputs.n}' }\nrespond: fine\n",
    "waits.yaml":
      "plan: waits\nonFailure: continue\nsteps:\n  p: { approve: { role: editor }, deadline: 200ms, fallback: [{ value: 0 }] }\n  s: { signal: go, deadline: 200ms }\n",
    "bad.yaml": "plan: bad\nsteps:\n  a: { tol: x }\n",
    "inputs.json": '{"n": 2}',
    "planwright.other.yaml": "slots: 2\nlimits: {}\n",
    "tools.mjs": "export const answer = 42;\n",
    "broken.mjs": "throw new Error('no');\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
}

interface TypedOption {
  readonly flag: string;
  /** `file`, `n`, …; empty where it takes none. */
  readonly value: string;
}

interface TypedCommand {
  readonly words: readonly string[];
  /** Names of what it takes: `plan`, `file`, … */
  readonly takes: readonly string[];
  readonly options: readonly TypedOption[];
}

function grammarOf(): readonly TypedCommand[] {
  const program = buildProgram(silent([]), () => undefined);
  return program.commands.flatMap((command) => [
    typedCommand([command.name()], command),
    ...command.commands.map((below) => typedCommand([command.name(), below.name()], below)),
  ]);
}

function typedCommand(words: readonly string[], command: Command): TypedCommand {
  const options = command.options.map(({ long, short, flags }) => {
    const [, value = ""] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? [];
    return { flag: long ?? short ?? "", value };
  });
  return { words, takes: command.registeredArguments.map((argument) => argument.name()), options };
}

/** What a person would type, by the name of what is taken. */
const LIKELY: Readonly<Record<string, readonly string[]>> = {
  plan: ["last"],
  file: ["good.yaml", "waits.yaml", "bad.yaml"],
  step: ["a", "p", "s"],
  dir: [".planwright", "."],
  "name=value": ["n=3", "n=x", "n="],
  n: ["1", "4"],
  name: ["go", "good", "fs.read"],
  json: ["1", "{}", "null"],
  duration: ["5s", "1h", "0ms"],
  module: ["./tools.mjs", "./broken.mjs"],
  shell: ["bash"],
  revision: ["0", "2"],
};

const VALUES = [
  ...["good.yaml", "waits.yaml", "bad.yaml", "inputs.json", "tools.mjs", "broken.mjs", "planwright.other.yaml", "."],
  ...["last", "a", "p", "s", "go", "n=3", "n=", "=3", "n=x", "{}", "[1", "null", "1", "0", "-1", "1e3", "99999999999"],
  ...["5s", "0ms", ".planwright", "nowhere", "failed", "bash", "127.0.0.1", "0.0.0.0", "usage", "sweep", "--", "-"],
  ...ELSEWHERE,
  ...TEXTS,
];

function draw(grammar: readonly TypedCommand[], random: SeededRandom): Json {
  const command = random.pick(grammar);
  const valueOf = (name: string): string => random.pick((random.chance(0.75) ? LIKELY[name] : undefined) ?? VALUES);
  const args = [...command.words, ...command.takes.filter(() => random.chance(0.93)).map(valueOf)];
  for (let more = random.int(0, 3); more > 0; more--) {
    const options = random.chance(0.95) ? command.options : random.pick(grammar).options;
    if (options.length === 0) continue;
    const { flag, value } = random.pick(options);
    args.push(flag, ...(value === "" || random.chance(0.03) ? [] : [valueOf(value)]));
  }
  if (random.chance(0.05)) args.push(random.pick(VALUES));
  const at = random.int(0, args.length - 1);
  const changed = random.chance(0.2) ? args.with(at, mutatedText(args[at] ?? "", random, VALUES)) : args;
  return { args: changed, isProcess: random.chance(0.01) } satisfies Typed;
}

interface Ended {
  readonly code: number | undefined;
  readonly told: string;
}

function judged({ code, told }: Ended): string {
  if (code === undefined) throw new Violation(`it did not end within ${END_WITHIN_MS} ms after it was interrupted`);
  const name = Object.entries(EXIT).find(([, known]) => known === code)?.[0];
  if (name === undefined || code === EXIT.defect) throw new Violation(`exit code ${code}: ${told.slice(-1_500)}`);
  return name;
}

/** In this process, with a terminal that only listens. */
async function ended(args: readonly string[]): Promise<Ended> {
  const said: string[] = [];
  const running = runCommand(args, silent(said)).then((code) => code as number | undefined);
  const late = Promise.withResolvers<undefined>();
  const interrupt = systemClock.after(INTERRUPT_AFTER_MS, () => void process.emit("SIGINT"));
  const giveUp = systemClock.after(END_WITHIN_MS, () => late.resolve(undefined));
  const code = await Promise.race([running, late.promise]);
  interrupt[Symbol.dispose]();
  giveUp[Symbol.dispose]();
  return { code, told: said.join("\n") };
}

function silent(said: string[]): Terminal {
  const hear = (text: string): void => void said.push(text);
  return { out: hear, err: hear, paint: (_, text) => text, isScreen: false, columns: 100, ask: async () => undefined };
}

/** As a shell starts it. */
function ran(args: readonly string[], folder: string): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (told += text));
  const interrupt = systemClock.after(10 * INTERRUPT_AFTER_MS, () => child.kill("SIGINT"));
  const giveUp = systemClock.after(END_WITHIN_MS, () => child.kill("SIGKILL"));
  child.on("close", (code, signal) => {
    interrupt[Symbol.dispose]();
    giveUp[Symbol.dispose]();
    // One that is interrupted before it listens ends by the signal itself.
    resolve({ code: code ?? (signal === "SIGINT" ? EXIT.interrupted : undefined), told });
  });
  return promise;
}
