import { isJsonObject } from "#events/json.ts";
import type { Output } from "#src/api/client.ts";
import { linesOf } from "#src/cli/commands/decide.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { CHANGE_MARKS } from "#src/cli/fact-text.ts";
import { meantPlan } from "#src/cli/meant-plan.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { readableLines } from "#src/cli/readable.ts";
import { safeText, timeText } from "#src/cli/text.ts";

// `review`: on one page all that somebody needs who is to approve.
// With `--audit` who said what, when, and of which hash.

export interface ReviewFlags extends StoreFlags {
  readonly audit?: boolean;
}

type Review = Output<"review">;

const MAX_LINE_CHARS = 300;
const MAX_DEFINITION_LINES = 60;

export async function review(reference: string, flags: ReviewFlags, terminal: Terminal): Promise<ExitCode> {
  const { audit = false, json = false } = flags;
  return reading(flags, async (client) => {
    const plan = await meantPlan(client, reference, { of: "open", flags, terminal });
    const seen = await client.review({ plan, audit });
    if (json) terminal.out(JSON.stringify(seen));
    else for (const line of pageOf(seen)) terminal.out(line.slice(0, MAX_LINE_CHARS));
    return EXIT.ok;
  });
}

function pageOf(seen: Review): readonly string[] {
  return [
    `${seen.name} (${seen.status}) ${seen.plan}`,
    ...(seen.questions.length === 0 ? ["it asks for no approval"] : questionsLines(seen.questions)),
    ...(seen.revision === undefined ? [] : revisionLines(seen.revision)),
    ...seen.comments.map(({ at, by, about, text }) => `${timeText(at)} ${by}${aboutText(about)}: ${safeText(text)}`),
    ...(seen.audit ?? []).map(trailLine),
  ];
}

/** A step that several questions cover is shown with the first of them. */
function questionsLines(questions: Review["questions"]): readonly string[] {
  const shown = new Set<string>();
  return questions.flatMap((question) => questionLines(question, shown));
}

function questionLines(question: Review["questions"][number], shown: Set<string>): readonly string[] {
  const steps = question.covered.flatMap(({ step, irreversible, definition }) => {
    const line = `  - ${step}${irreversible ? " (irreversible)" : ""}`;
    if (shown.has(step)) return [`${line}, as above`];
    shown.add(step);
    return [line, ...definitionLines(definition)];
  });
  const missing = question.missing === 1 ? "one approval is missing" : `${question.missing} approvals are missing`;
  return [...linesOf(question), ...steps, `  ${missing}`];
}

/** What the step is to do. */
function definitionLines(definition: Review["questions"][number]["covered"][number]["definition"]): readonly string[] {
  if (definition === undefined || !isJsonObject(definition)) return [];
  const { call, description } = definition;
  const lines = readableLines(call ?? definition).map((line) => `      ${line}`);
  const left = lines.length - MAX_DEFINITION_LINES;
  return [
    ...(typeof description === "string" ? [`      # ${safeText(description)}`] : []),
    ...lines.slice(0, MAX_DEFINITION_LINES),
    ...(left > 0 ? [`      … ${left} more lines; --json has all of it`] : []),
  ];
}

type Revision = NonNullable<Review["revision"]>;

function revisionLines({ edition, at, by, changes, words, note, differences }: Revision): readonly string[] {
  return [
    `edition ${edition} by ${by}, ${timeText(at)}${note === undefined ? "" : `: ${safeText(note)}`}`,
    ...changes.flatMap(({ step, change, words: of }) => [
      `  ${CHANGE_MARKS[change]} ${step}${of.length === 0 ? "" : ` ${of.join(", ")}`}`,
      ...differences.filter((one) => one.step === step).flatMap(differenceLines),
    ]),
    ...(words.length === 0 ? [] : [`  ~ the plan's own ${words.join(", ")}`]),
  ];
}

const MAX_DIFFERENT_LINES = 40;

/** The lines that differ; those before and after them are the same. */
function differenceLines({ path, before, after }: Revision["differences"][number]): readonly string[] {
  const [was, is] = [before, after].map((value) => (value === undefined ? [] : readableLines(value)));
  const [old = [], now = []] = [was, is];
  const least = Math.min(old.length, now.length);
  let begin = 0;
  while (begin < least && old[begin] === now[begin]) begin++;
  let end = 0;
  while (end < least - begin && old.at(-1 - end) === now.at(-1 - end)) end++;
  const marked = (lines: readonly string[], mark: string) =>
    lines.slice(begin, lines.length - end).map((line) => `      ${mark} ${line}`);
  const lines = [...marked(old, "-"), ...marked(now, "+")];
  const left = lines.length - MAX_DIFFERENT_LINES;
  return [
    `    ${safeText(path)}${begin === 0 ? "" : `, line ${begin + 1}`}`,
    ...lines.slice(0, MAX_DIFFERENT_LINES),
    ...(left > 0 ? [`      … ${left} more lines; --json has all of it`] : []),
  ];
}

function trailLine({ at, by, what, step, hash, note }: NonNullable<Review["audit"]>[number]): string {
  const of = hash === undefined ? "" : ` (${hash})`;
  return `${timeText(at)} ${by} ${what}${step === undefined ? "" : ` ${step}`}${of}${note === undefined ? "" : `: ${safeText(note)}`}`;
}

function aboutText(about: string | undefined): string {
  return about === undefined ? "" : ` about ${about}`;
}
