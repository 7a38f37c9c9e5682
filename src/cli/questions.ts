import type { Json } from "#events/json.ts";
import type { Output } from "#src/api/client.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText, safeText } from "#src/cli/text.ts";
import { ANSWER_SIGNAL } from "#src/planning/request/request-plan.ts";

// What a plan waits to be told, put before whoever sits at the terminal: one question after the other, with what may be chosen.
//
// Q1. What a plan asks comes from outside: it is shown without control characters, and choices on one line each.

type Awaited = Output<"get">["awaited"][number];
type Question = NonNullable<Awaited["questions"]>[number];

const MAX_CHOICES = 20;
const MAX_LINE_CHARS = 300;

/** What is to be sent as the answer; undefined where nobody has answered anything. */
export async function answerFor(
  { signal, text = signal, questions = [] }: Awaited,
  terminal: Terminal,
): Promise<Json | undefined> {
  const [only, ...others] = questions;
  if (only === undefined) return said(text, [], terminal);
  // Alone it needs no name: what is no answer to it is read with the request.
  if (others.length === 0) return said(only.text, choicesOf(only), terminal);
  const answers: [string, string][] = [];
  for (const question of questions) {
    const answer = await said(question.text, choicesOf(question), terminal);
    if (answer === undefined) break;
    answers.push([question.id, answer]);
  }
  return answers.length === 0 ? undefined : Object.fromEntries(answers);
}

async function said(question: string, choices: readonly string[], terminal: Terminal): Promise<string | undefined> {
  terminal.err(terminal.paint("bold", safeText(question), "err"));
  for (const choice of choices) terminal.err(lineText(choice, MAX_LINE_CHARS));
  const answer = (await terminal.ask("> "))?.trim();
  return answer === "" ? undefined : answer;
}

function choicesOf({ choices = [] }: Question): readonly string[] {
  const shown = choices.slice(0, MAX_CHOICES).map(({ value, text }, at) => {
    const name = typeof value === "string" ? value : JSON.stringify(value);
    return `  ${at + 1}  ${name === text || name === `${at + 1}` ? text : `${name}: ${text}`}`;
  });
  return choices.length > shown.length ? [...shown, `  and ${choices.length - shown.length} more`] : shown;
}

/** The command that answers it from a shell. */
export function answerCommand(plan: string, { signal, questions = [] }: Awaited): string {
  if (signal !== ANSWER_SIGNAL) return `planwright signal ${plan} ${signal}`;
  if (questions.length < 2) return `planwright answer ${plan} TEXT`;
  return `planwright answer ${plan} ${questions.map(({ id }) => `--value ${id}=TEXT`).join(" ")}`;
}
