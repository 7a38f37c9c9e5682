import path from "node:path";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, plural, safeText } from "#src/cli/text.ts";
import { keptExchanges, type KeptExchange } from "#src/model/kept-exchanges.ts";
import { MODEL_RECORDS } from "#src/model/record-folder.ts";
import { directoryOf } from "#src/open-store.ts";

// `planner prompts`: which prompt led to a plan. The records of this machine are read; where another one has planned they are there.

/** Faults: those of finding a plan. */
export async function prompts(reference: string, flags: StoreFlags, terminal: Terminal): Promise<ExitCode> {
  const { plan } = await reading(flags, (client) => client.get({ plan: reference }));
  const folder = path.join(directoryOf(flags), MODEL_RECORDS);
  const exchanges = await keptExchanges(folder, plan);
  if (flags.json === true) terminal.out(JSON.stringify({ plan, folder, exchanges }));
  else if (exchanges.length === 0) terminal.out(`nothing is kept in ${folder} about plan ${plan}`);
  else for (const exchange of exchanges) print(exchange, terminal);
  return EXIT.ok;
}

function print({ about, model, number, ms, at, prompt, ...said }: KeptExchange, terminal: Terminal): void {
  const { answer, failure, problems = [], usage } = said;
  const step = about.slice(about.indexOf("/") + 1);
  const tokens = plural(usage.inputTokens + usage.outputTokens, "token");
  terminal.out(terminal.paint("bold", `${at}  ${step}  ${model}, exchange ${number}: ${tokens}, ${durationText(ms)}`));
  for (const { role, text } of prompt) terminal.out(section(role, text, terminal));
  if (answer !== undefined) terminal.out(section("answer", answer, terminal));
  if (failure !== undefined) terminal.out(section("failure", `${failure.message} (${failure.code})`, terminal));
  for (const problem of problems) terminal.out(section("told back", problem, terminal));
}

/** Line by line, so that nothing in a text can look like what stands around it. */
function section(name: string, text: string, terminal: Terminal): string {
  const lines = text.split("\n").map((line) => `    ${safeText(line)}`);
  return [terminal.paint("dim", `  ${name}`), ...lines].join("\n");
}
