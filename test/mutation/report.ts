import { cpus, loadavg } from "node:os";
import process from "node:process";
import { mutationOf, type Account } from "./explained.ts";
import { foldersOf, scoreOf, sumOf, type Counts, type FileFigures, type JudgedMutant } from "./figures.ts";

// The figures as a page: score by folder and by file, and what is known of each mutant that lives.

export interface Measured {
  readonly command: string;
  readonly figures: readonly FileFigures[];
  readonly account: Account;
  /** Files that nothing is known of. */
  readonly unknown: readonly string[];
}

export function lineOf(figures: readonly FileFigures[]): string {
  const all = sumOf(figures.map(({ counts }) => counts));
  const tried = all.killed + all.timeout + all.survived + all.noCoverage;
  return `${number(tried)} mutants, ${number(all.killed + all.timeout)} killed: ${percent(scoreOf(all))}`;
}

export function reportOf({ command, figures, account, unknown }: Measured): string {
  const folders = foldersOf(figures);
  const all = sumOf([...folders.values()]);
  const [core] = cpus();
  const machine = `${cpus().length} × ${core?.model ?? "unknown"}, Node ${process.version}, a load of ${(loadavg()[2] ?? 0).toFixed(1)}`;
  return `# Mutants

Made by \`${command}\` on ${machine}. What is mutated, by what it is killed and what the columns count is told in
[test/README.md](../README.md#mutants).

${lineOf(figures)}.${untriedText(all, unknown)}

${tableOf("folder", [...folders])}

${tableOf(
  "file",
  figures.map(({ file, counts }) => [file, counts]),
)}

## Survivors

${survivorsText(account)}
`;
}

function untriedText(all: Counts, unknown: readonly string[]): string {
  const parts = [
    ...(all.untried === 0 ? [] : [`${number(all.untried)} mutants of the files below`]),
    ...(unknown.length === 0 ? [] : [`${number(unknown.length)} files (${placesOf(unknown)})`]),
  ];
  return parts.length === 0
    ? ""
    : ` Not tried yet: ${parts.join(", and ")}; \`npm run mutation\` goes on with them.${all.untried === 0 ? "" : EARLY}`;
}

const EARLY =
  " What no test reaches is known before the rest, so that a folder which is tried in part looks worse than it is.";

function placesOf(files: readonly string[]): string {
  return [...new Set(files.map((file) => `\`${file.slice(0, file.lastIndexOf("/"))}\``))].join(", ");
}

const COLUMNS = ["score", "killed", "timeout", "survived", "no coverage", "failed", "texts", "untried"];

function tableOf(name: string, rows: readonly (readonly [string, Counts])[]): string {
  const cells = rows.map(([place, counts]) => [`\`${place}\``, percent(scoreOf(counts)), ...countCells(counts)]);
  const all = [[name, ...COLUMNS], ...cells];
  const widths = [name, ...COLUMNS].map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length), 3));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line([name, ...COLUMNS]), line(rule), ...cells.map(line)].join("\n");
}

function countCells({ killed, timeout, survived, noCoverage, failed, texts, untried }: Counts): readonly string[] {
  return [killed, timeout, survived, noCoverage, failed, texts, untried].map(number);
}

function survivorsText({ explained, unexplained, gone }: Account): string {
  const groups = explained.map(({ why, mutants }) => `${why} (${number(mutants.length)})\n\n${listOf(mutants)}`);
  const rest =
    unexplained.length === 0
      ? "Every survivor is explained."
      : `### Not looked at yet\n\n${number(unexplained.length)} mutants live without a test or an explanation:\n\n${byFile(unexplained)}`;
  const stale =
    gone.length === 0 ? [] : [`### Explained, but not alive\n\n${gone.map((text) => `- ${code(text)}`).join("\n")}`];
  return [...groups, rest, ...stale].join("\n\n");
}

function listOf(mutants: readonly JudgedMutant[]): string {
  return mutants.map((mutant) => `- \`${mutant.file}\`:${mutant.at[0]} ${code(mutationOf(mutant))}`).join("\n");
}

/** How many a file, and by which mutator: a list of them all would be longer than what it is about. */
function byFile(mutants: readonly JudgedMutant[]): string {
  return [...Map.groupBy(mutants, ({ file }) => file)]
    .map(([file, own]) => {
      const kinds = [...Map.groupBy(own, ({ mutator }) => mutator)].map(([kind, some]) => `${kind} ${some.length}`);
      return `- \`${file}\`: ${kinds.join(", ")}`;
    })
    .join("\n");
}

const MOST_CHARS = 140;

function code(text: string): string {
  const short = text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text;
  // Two quotes only where the text has one in it, as the formatter has it.
  return short.includes("`") ? `\`\` ${short} \`\`` : `\`${short}\``;
}

function percent(share: number | undefined): string {
  return share === undefined ? "" : `${(100 * share).toFixed(1)} %`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
