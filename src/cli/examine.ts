import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { EXIT } from "#src/cli/exit-code.ts";
import { parsed } from "#src/cli/parsed.ts";
import { main } from "#src/cli/main.ts";

// `npm run examine`: the example plan on a directory, by default this one, and from there on to the other commands.
// It is `run` with a plan, tools and grants filled in; the example reaches loopback, where its tracker would be.

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

const NEXT = `
Examples:
  npm run examine                       examine this directory
  npm run examine -- ../other --plain   examine another one, without a live screen

Afterwards, and after a crash or Ctrl-C in the middle:
  npx planwright list                   what ran
  npx planwright history last --json    every fact of it, the retry and the fallback too
  npx planwright resume                 go on where it stopped
  npx planwright run FILE               run a plan of your own
  npx planwright --help                 all commands`;

interface ExamineFlags {
  readonly report?: string;
  readonly tracker?: string;
  readonly store?: string;
  readonly plain?: boolean;
  readonly json?: boolean;
}

process.exitCode = await examine(process.argv.slice(2));

async function examine(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command("npm run examine --")
    .description("examine a directory: the example plan, run for real")
    .argument("[dir]", "directory to examine", ".")
    .option("--report <path>", "where the report goes, from that directory")
    .option("--tracker <url>", "an issue tracker that answers with a JSON list")
    .option("--store <place>", "folder of the store, or URL of its server (default: .planwright)")
    .option("--plain", "print lines instead of a live screen")
    .option("--json", "print JSON lines")
    .addHelpText("after", NEXT)
    .action(async (dir: string, flags: ExamineFlags) => {
      code = await main(runArguments(dir, flags));
    });
  return parsed(program, argv, () => code);
}

function runArguments(dir: string, { report, tracker, store, plain, json }: ExamineFlags): string[] {
  const example = (name: string): string => path.join(EXAMPLES, name);
  return [
    ...["run", example("examine.plan.yaml"), "--tools", example("examine.tools.ts")],
    ...["--root", dir, "--allow-private-network"],
    ...(report === undefined ? [] : ["--input", `report=${report}`]),
    ...(tracker === undefined ? [] : ["--input", `tracker=${tracker}`]),
    ...(store === undefined ? [] : ["--store", store]),
    ...(plain === true ? ["--plain"] : []),
    ...(json === true ? ["--json"] : []),
  ];
}
