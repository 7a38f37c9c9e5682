import { Fault } from "#events/fault.ts";
import type { JsonObject } from "#events/json.ts";
import { converse, type ConverseFlags } from "#src/cli/conversing.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { refuseFindings } from "#src/cli/findings.ts";
import { givenInputs } from "#src/cli/plan-file.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { ANSWER_SIGNAL } from "#src/planning/request/request-plan.ts";

// `ask`: from a sentence to its answer; `answer`: what it has asked back. Both follow the plan until it has ended, or until
// somebody has to say something.

export interface AskFlags extends ConverseFlags {
  /** `name=value`, as typed. */
  readonly context: readonly string[];
  readonly session?: string;
  readonly key?: string;
}

/** Faults: `bad-input-option`, those of opening a store, and of starting a plan. */
export async function ask(words: readonly string[], flags: AskFlags, terminal: Terminal): Promise<ExitCode> {
  const request = words.join(" ");
  const given = givenInputs({ input: flags.context });
  if (!given.ok) return refuseFindings(given.findings, terminal, flags.json === true);
  const { session, key } = flags;
  const context: JsonObject = { ...given.value.texts };
  return converse(
    {
      command: "ask",
      begin: async (client) => {
        const begun = await client.ask({
          ...{ request, context },
          ...(session === undefined ? {} : { session }),
          ...(key === undefined ? {} : { key }),
        });
        if (begun.told !== undefined) terminal.err(TOLD[begun.told](begun.plan));
        return begun;
      },
    },
    flags,
    terminal,
  );
}

const TOLD = {
  cancelled: (plan: string) => `this cancels the last request of the session, plan ${plan}`,
  answered: (plan: string) => `this answers what the last request of the session had asked, plan ${plan}`,
};

export interface AnswerFlags extends ConverseFlags {
  /** `name=value`, as typed. */
  readonly value: readonly string[];
}

interface Answered {
  readonly plan: string;
  readonly words: readonly string[];
}

/** Faults: `answer-empty`, `bad-input-option`, `plan-unknown`, `plan-ended`. */
export async function answer({ plan, words }: Answered, flags: AnswerFlags, terminal: Terminal): Promise<ExitCode> {
  const given = givenInputs({ input: flags.value });
  if (!given.ok) return refuseFindings(given.findings, terminal, flags.json === true);
  const { texts } = given.value;
  const isNamed = Object.keys(texts).length > 0;
  if (words.length === 0 && !isNamed)
    throw new Fault("answer-empty", "an answer is words, or values by --value NAME=VALUE");
  const payload = isNamed ? { ...texts } : words.join(" ");
  return converse(
    {
      command: `answer ${plan}`,
      about: plan,
      begin: (client) => client.signal({ plan, name: ANSWER_SIGNAL, payload }),
    },
    flags,
    terminal,
  );
}
