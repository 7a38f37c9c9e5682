import process from "node:process";
import { Command } from "commander";
import { EXIT } from "#src/cli/exit-code.ts";
import { parsed } from "#src/cli/parsed.ts";
import { collected } from "#src/cli/grammar/options.ts";
import { main } from "#src/cli/main.ts";

// `npm start`: from a plain sentence to its answer, on the files of this directory and with nothing else; and from there on to the
// other commands. It is `ask` with a sentence filled in where none is given.

/** Both parts of it run side by side, and neither needs a network, a repository, or a setting. */
const SENTENCE = "list the folder docs and count the words in README.md";

const EXAMPLES = `
Examples:
  npm start                                        ${SENTENCE}
  npm start -- "count the lines of docs/tour.md"   another sentence
  npm start -- "count the words" --context text="one two three"`;

const NEXT = `
  npm start -- "count the lines of docs/tour.md"   a sentence of your own
  npx planwright tools                             what plans can call
  npx planwright show last                         the plan that was made of it
  npx planwright history last                      every fact of it
  npm run examine                                  a plan that somebody wrote, with retries and fallbacks
  npx planwright --help                            all commands`;

const GOES_ON = `
  npx planwright answer last TEXT                  where something was asked back
  npx planwright resume                            after a crash or Ctrl-C`;

interface StartFlags {
  readonly context: readonly string[];
  readonly session?: string;
  readonly store?: string;
  readonly plain?: boolean;
  readonly json?: boolean;
}

process.exitCode = await start(process.argv.slice(2));

async function start(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command("npm start --")
    .description("from a sentence to its answer: planned, run and answered with the tools that are built in")
    .argument("[words...]", `what is to be done (default: ${SENTENCE})`)
    .option("--context <name=value>", "a value that goes with it; may be given again", collected, [])
    .option("--session <name>", "a conversation to go on with, or to begin")
    .option("--store <place>", "folder of the store, or URL of its server (default: .planwright)")
    .option("--plain", "print lines instead of a live screen")
    .option("--json", "print JSON lines")
    .addHelpText("after", `${EXAMPLES}\n\nAfterwards:${GOES_ON}${NEXT}`)
    .action(async (words: readonly string[], flags: StartFlags) => {
      const sentence = words.length === 0 ? SENTENCE : words.join(" ");
      if (flags.json !== true) process.stderr.write(`“${sentence}”\n`);
      code = await main(askArguments(sentence, flags));
      // Where somebody has to say something first, or it was stopped, what to do is said already.
      const isOver = code === EXIT.ok || code === EXIT.failed;
      if (isOver && flags.json !== true) process.stderr.write(`\nWhere to go from here:${NEXT}\n`);
    });
  return parsed(program, argv, () => code);
}

/** The sentence comes last: it may begin with a dash. */
function askArguments(sentence: string, { context, session, store, plain, json }: StartFlags): string[] {
  return [
    "ask",
    ...context.flatMap((one) => ["--context", one]),
    ...(session === undefined ? [] : ["--session", session]),
    ...(store === undefined ? [] : ["--store", store]),
    ...(plain === true ? ["--plain"] : []),
    ...(json === true ? ["--json"] : []),
    "--",
    sentence,
  ];
}
