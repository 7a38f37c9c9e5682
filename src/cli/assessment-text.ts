import type { Terminal, Style } from "#src/cli/terminal.ts";
import { bytesText, durationText, lineText, plural } from "#src/cli/text.ts";
import type { Answer, Assessment, Gap } from "#src/implementation/gaps/gap.ts";

// An assessment for people: what was assessed, a line for each requirement, below those that are not met what was found, and the gaps in their order.
// Names and texts come from files: nothing in them steers the terminal.

const MAX_EVIDENCE = 5;
const MAX_TOLD = 5;
const STYLES: Readonly<Record<Answer["verdict"], Style>> = { met: "green", unmet: "red", broken: "yellow" };

type Paper = Pick<Terminal, "paint" | "columns">;

export function assessmentLines(found: Assessment, paper: Paper): readonly string[] {
  const { requirements, answers, gaps } = found;
  const width = Math.max(0, ...answers.map(({ requirement }) => requirement.length));
  const counted = (verdict: Answer["verdict"]): number => answers.filter((one) => one.verdict === verdict).length;
  const asked = answers.filter(({ cached }) => !cached).length;
  return [
    ...outlineLines(found, paper),
    ...answers.flatMap((one) => answerLines(one, width, paper)),
    ...(gaps.length === 0 ? [] : ["", paper.paint("bold", "gaps, the most urgent first")]),
    ...gaps.flatMap((one, at) => gapLines(one, at + 1, paper)),
    "",
    `${requirements}: ${counted("met")} met, ${counted("unmet")} unmet, ${counted("broken")} broken; ` +
      `${asked} asked, ${plural(answers.length - asked, "answer")} known`,
  ];
}

function outlineLines({ codebase }: Assessment, paper: Paper): readonly string[] {
  if (codebase === undefined) return [];
  const { files, bytes, languages, manifests, tests } = codebase;
  const runners = tests.runners.map(({ runner, directory: at }) => (at === "" ? runner : `${runner} in ${at}`));
  const lines = [
    `assessed: ${plural(files, "file")}, ${bytesText(bytes)}`,
    ...told(
      "by language: ",
      languages.map(({ language, files: count, bytes: size }) => `${language} ${count} (${bytesText(size)})`),
    ),
    ...told(`${plural(manifests.count, "manifest")}: `, manifests.first),
    ...told(`${plural(tests.files, "file")} of tests: `, runners),
  ];
  return [...lines.map((line) => paper.paint("dim", lineText(line, paper.columns))), ""];
}

/** The first of them; none is no line. */
function told(before: string, all: readonly string[]): readonly string[] {
  const more = all.length > MAX_TOLD ? ["…"] : [];
  return all.length === 0 ? [] : [`${before}${[...all.slice(0, MAX_TOLD), ...more].join(", ")}`];
}

function answerLines(answer: Answer, width: number, paper: Paper): readonly string[] {
  const { requirement, verdict, code, evidence, durationMs, cached } = answer;
  const said = paper.paint(STYLES[verdict], verdict.padEnd("broken".length));
  const [first] = evidence;
  const why = code === undefined ? "" : `${code}: `;
  const found = first === undefined ? "" : why + evidenceText(first);
  const took = paper.paint("dim", cached ? "known" : durationText(durationMs));
  const head = `${said}  ${requirement.padEnd(width)}  ${lineText(found, textWidth(width, paper))}  ${took}`;
  if (verdict === "met") return [head];
  const others = evidence.slice(1, MAX_EVIDENCE);
  const left = evidence.length - 1 - others.length;
  return [
    head,
    ...others.map((one) => `        ${paper.paint("dim", lineText(evidenceText(one), paper.columns - 8))}`),
    ...(left > 0 ? [`        ${paper.paint("dim", `and ${left} more; --json has them`)}`] : []),
  ];
}

const LEAST_CHARS = 40;

function textWidth(width: number, { columns }: Paper): number {
  return Math.max(LEAST_CHARS, columns - width - "broken".length - 16);
}

function evidenceText({ text, path, line }: Answer["evidence"][number]): string {
  if (path === undefined) return text;
  return `${path}${line === undefined ? "" : `:${line}`} ${text}`;
}

function gapLines({ requirement, score, reasons }: Gap, number: number, paper: Paper): readonly string[] {
  const remedies = requirement.remedies.map(({ name }) => name);
  const closed = remedies.length === 0 ? "" : `; closed by ${remedies.join(" or ")}`;
  return [
    `${String(number).padStart(3)}. ${requirement.id}  ${lineText(requirement.title, paper.columns - 20)}`,
    `     ${paper.paint("dim", lineText(`${score}: ${reasons.join(", ")}${closed}`, paper.columns - 5))}`,
  ];
}
