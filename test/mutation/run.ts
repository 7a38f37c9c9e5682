import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { account, mutationOf, type Explanation } from "./explained.ts";
import { figuresOf, foldersOf, scoreOf, sumOf, type FileFigures } from "./figures.ts";
import { clearSandbox, mutate } from "./mutate.ts";
import { lineOf, reportOf } from "./report.ts";
import { FOLDERS, filesBelow, KEPT, knownFiles, mutatedFiles, slicesOf, textOf } from "./slices.ts";

// `npm run mutation`: defects are planted in the law one by one, and the tests have to notice each.

const HELP = `Usage: npm run mutation -- [--only PATHS] [--again] [--known] [--alive] [--report FILE] [--json] [--concurrency N]

Plants a small defect in ${FOLDERS.slice(0, 2).join(", ")} and the other folders of machines/, runs the tests that reach it, and counts whether
one of them fails; thousands of times. What was tried is kept in ${KEPT} and not tried again while its file stays as
it is: an interrupted run goes on where it was, and the whole can be done in parts.

  --only PATHS     only these files and folders, separated by commas
  --again          also try once more what was not killed, after tests were written
  --known          try nothing: only say what is known
  --alive          print each mutant that lives, unless survivors.json explains it
  --report FILE    write what is known, of all files, as a page
  --json           print it as one JSON document
  --concurrency N  processes at the same time (default 1)

Examples:
  npm run mutation -- --only machines/fold.ts,machines/decide --alive
  npm run mutation -- --only events --again
  npm run mutation -- --known --report test/mutation/REPORT.md

Exit codes: 0 what was asked for was tried, 1 it could not be, 2 the command is not right, 130 interrupted.
`;

class Wrong extends Error {}

const OPTIONS = {
  only: { type: "string" },
  again: { type: "boolean", default: false },
  known: { type: "boolean", default: false },
  alive: { type: "boolean", default: false },
  report: { type: "string" },
  json: { type: "boolean", default: false },
  concurrency: { type: "string", default: "1" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new Wrong("--concurrency is a whole number from 1");
  const paths = values.only?.split(",").map((path) => path.trim());
  const files = filesBelow(paths ?? []);
  if (files === undefined) throw new Wrong(`--only names something that is not mutated: ${FOLDERS.join(", ")} are`);
  if (!values.known) await tryAll(files, { again: values.again, concurrency });
  tell(values, files);
}

async function tryAll(
  files: readonly string[],
  { again, concurrency }: { readonly again: boolean; readonly concurrency: number },
): Promise<void> {
  process.once("SIGINT", () => {
    process.stderr.write("interrupted: what was tried is kept, and the same command goes on\n");
  });
  clearSandbox();
  for (const slice of slicesOf(files, again)) {
    process.stderr.write(`${slice.folder}: ${slice.whole.length + slice.parts.size} files\n`);
    await mutate(slice, concurrency);
  }
}

interface Wanted {
  readonly alive: boolean;
  readonly json: boolean;
  readonly report?: string | undefined;
}

function tell({ alive, json, report }: Wanted, files: readonly string[]): void {
  const results = knownFiles();
  const everything = figuresOf(mutatedFiles(), results, textOf);
  const figures = everything.filter(({ file }) => files.includes(file));
  if (report !== undefined) {
    const command = `npm run mutation -- --report ${report}`;
    const unknown = mutatedFiles().filter((file) => !everything.some((one) => one.file === file));
    writeFileSync(report, reportOf({ command, figures: everything, account: accountOf(everything), unknown }));
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(documentOf(figures))}\n`);
    return;
  }
  if (alive)
    for (const mutant of accountOf(figures).unexplained)
      process.stdout.write(`${mutant.file}:${mutant.at[0]} ${mutant.status} ${mutationOf(mutant)}\n`);
  for (const [folder, counts] of foldersOf(figures)) {
    const score = scoreOf(counts);
    process.stdout.write(`${folder}: ${score === undefined ? "nothing tried" : `${(100 * score).toFixed(1)} %`}\n`);
  }
  process.stdout.write(`${lineOf(figures)}\n`);
}

function accountOf(figures: readonly FileFigures[]): ReturnType<typeof account> {
  const page = new URL("survivors.json", import.meta.url);
  const explanations = JSON.parse(readFileSync(page, "utf8")) as readonly Explanation[];
  const tried = new Set(figures.filter(({ counts }) => counts.untried === 0).map(({ file }) => file));
  return account(
    figures.flatMap((file) => file.alive),
    explanations,
    tried,
  );
}

function documentOf(figures: readonly FileFigures[]): unknown {
  const all = sumOf(figures.map(({ counts }) => counts));
  return {
    score: scoreOf(all),
    counts: all,
    files: figures.map(({ file, counts, alive }) => ({ file, score: scoreOf(counts), counts, alive })),
  };
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof Wrong || (error instanceof TypeError && "code" in error);
  process.stderr.write(
    `${error instanceof Error ? error.message : String(error)}\n${isUsage ? "npm run mutation -- --help shows what it takes\n" : ""}`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
