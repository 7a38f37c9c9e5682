import { Fault } from "#events/fault.ts";
import type { JsonObject } from "#events/json.ts";
import type { Client, Output } from "#src/api/client.ts";
import { converse, type ConverseFlags } from "#src/cli/conversing.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { refuseFindings } from "#src/cli/findings.ts";
import { givenInputs } from "#src/cli/plan-file.ts";
import { findServing } from "#src/cli/serving.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { ANSWER_SIGNAL } from "#src/planning/request/request-plan.ts";

// `ask`: from a sentence to its answer; `answer`: what it has asked back. Both follow the plan until it has ended, or until
// somebody has to say something.

export interface AskFlags extends ConverseFlags {
  /** `name=value`, as typed. */
  readonly context: readonly string[];
  readonly session?: string;
  /** Tools that must not be used. */
  readonly without?: readonly string[];
  readonly key?: string;
  /** Hands it over, and follows nothing. */
  readonly detach?: boolean;
}

/** Faults: `bad-input-option`, `nobody-serves` where it is handed over, those of opening a store, and of starting a plan. */
export async function ask(words: readonly string[], flags: AskFlags, terminal: Terminal): Promise<ExitCode> {
  const request = words.join(" ");
  const given = givenInputs({ input: flags.context });
  if (!given.ok) return refuseFindings(given.findings, terminal, flags.json === true);
  const { session, without, key } = flags;
  const context: JsonObject = { ...given.value.texts };
  const begin: Begin = async (client) => {
    const begun = await client.ask({
      ...{ request, context },
      ...(session === undefined ? {} : { session }),
      ...(without === undefined ? {} : { without: [...without] }),
      ...(key === undefined ? {} : { key }),
    });
    if (begun.told !== undefined) terminal.err(TOLD[begun.told](begun.plan));
    return begun;
  };
  return flags.detach === true
    ? handedOver(begin, flags, terminal)
    : converse({ command: "ask", begin }, flags, terminal);
}

type Begin = (client: Client) => Promise<Output<"ask">>;

/** To the process that runs plans; what is asked back is answered by `answer`. */
async function handedOver(begin: Begin, flags: AskFlags, terminal: Terminal): Promise<ExitCode> {
  await using serving = await findServing(flags);
  if (serving === undefined) throw new Fault("nobody-serves", "no process holds the store and could take the request");
  const { plan, attached } = await begin(serving.client);
  const isJson = flags.json === true;
  terminal.out(isJson ? JSON.stringify({ plan, attached }) : plan);
  if (!isJson) terminal.err(`${attached ? "attached" : "started"}; look by: planwright watch ${plan}`);
  return EXIT.ok;
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
