import type { Budget, Deadline, Least } from "#src/planning/answering/bounds.ts";
import type { Question } from "#src/planning/answering/questions.ts";

// Bounds that cannot be kept, or that contradict each other, before anything runs.
//
// B1. Of several bounds of one kind nobody but the asker says which one holds; none is dropped silently.

export type Contradiction =
  | { readonly kind: "refusal"; readonly code: string; readonly message: string }
  | { readonly kind: "question"; readonly questions: readonly Question[] };

export interface Bounds {
  readonly deadlines: readonly Deadline[];
  readonly budgets: readonly Budget[];
  readonly now: number;
  readonly least: Least;
}

/** Which of several bounds holds is asked; one that cannot be kept is refused. Undefined where there is none of it. */
export function contradiction(bounds: Bounds): Contradiction | undefined {
  const { deadlines, budgets } = bounds;
  const questions = [
    ...(deadlines.length > 1 ? [deadlineQuestion(deadlines)] : []),
    ...(budgets.length > 1 ? [budgetQuestion(budgets)] : []),
  ];
  if (questions.length > 0) return { kind: "question", questions };
  return deadlineRefusal(bounds) ?? budgetRefusal(bounds);
}

/** A deadline that counts from now is another moment when it is answered: it is called by its words. */
export function deadlineQuestion(deadlines: readonly Deadline[]): Question {
  const values = deadlines.map(({ words }) => words);
  return {
    id: "deadline",
    text: `There are two deadlines: ${deadlines.map(({ words }) => `“${words}”`).join(" and ")}. Which one holds?`,
    schema: { type: "string", enum: values },
    about: [],
    choices: deadlines.map(({ at, words }) => ({ value: words, text: `until ${new Date(at).toISOString()}` })),
  };
}

export function budgetQuestion(budgets: readonly Budget[]): Question {
  const values = budgets.map(({ amount, currency }) => `${amount} ${currency}`);
  return {
    id: "budget",
    text: `There are two budgets: ${budgets.map(({ words }) => `“${words}”`).join(" and ")}. Which one holds?`,
    schema: { type: "string", enum: values },
    about: [],
    choices: budgets.map(({ words }, at) => ({ value: values[at] ?? "", text: words })),
  };
}

function deadlineRefusal({ deadlines: [deadline], now, least }: Bounds): Contradiction | undefined {
  if (deadline === undefined) return undefined;
  const { at, words } = deadline;
  if (at <= now) {
    const message = `“${words}” is over: it was ${new Date(at).toISOString()}; name a later one, or none`;
    return { kind: "refusal", code: "deadline-passed", message };
  }
  if (now + least.durationMs <= at) return undefined;
  const message = `“${words}” is in ${seconds(at - now)} s, and the tools take ${seconds(least.durationMs)} s at least; name a later one, or ask for less`;
  return { kind: "refusal", code: "deadline-too-early", message };
}

const MS_A_SECOND = 1_000;

function seconds(ms: number): number {
  return Math.ceil(ms / MS_A_SECOND);
}

/** Costs in another currency, or in tokens, are not compared. */
function budgetRefusal({ budgets: [budget], least: { cost } }: Bounds): Contradiction | undefined {
  if (budget === undefined || cost === undefined) return undefined;
  if (cost.currency !== budget.currency || cost.amount <= budget.amount) return undefined;
  const message = `“${budget.words}” allows ${budget.amount} ${budget.currency}, and the tools cost ${cost.amount} ${cost.currency}; allow more, or ask for less`;
  return { kind: "refusal", code: "budget-too-small", message };
}
