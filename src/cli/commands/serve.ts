import { isPlanFact, type Fact } from "#events/catalog.ts";
import type { PlanView } from "#machines/state.ts";
import { mcpGuest } from "#src/mcp-guest.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { factText } from "#src/cli/fact-text.ts";
import { grantsOf } from "#src/cli/grants.ts";
import { openHolder, type Holder, type HolderFlags } from "#src/cli/holder.ts";
import { untilAborted, watchInterruption } from "#src/cli/interrupt.ts";
import { openTools } from "#src/cli/open-tools.ts";
import { jsonReporter } from "#src/cli/reporter-json.ts";
import { takeUp } from "#src/cli/taken-up.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText, timeText } from "#src/cli/text.ts";
import type { TokenHashes } from "#src/http/guard.ts";
import type { TcpDoor } from "#src/http/open-doors.ts";
import { openTcpDoor } from "#src/http/tcp-door.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `serve`: holds the store, takes up what was interrupted, and runs what it is handed, until it is told to end.
// Who may ask over HTTP stands in the configuration (`tokens`); without tokens only this machine is served.

export interface ServeFlags extends HolderFlags {
  readonly host?: string;
  readonly port?: number;
  readonly json?: boolean;
}

const DEFAULT_HOST = "127.0.0.1";
const ANY_PORT = 0;

/** Faults: `store-locked`, `tokens-needed`, `address-unavailable`, and those of grants and tools. */
export async function serve(flags: ServeFlags, terminal: Terminal): Promise<ExitCode> {
  const grants = grantsOf(flags);
  using interruption = watchInterruption();
  const { signal } = interruption;
  const tell = (line: string): void => terminal.err(line);
  await using opened = await openTools(grants.tools, {
    configuration: flags.configuration,
    tell,
    signal,
    store: flags,
  });
  const { tools, sources, recorder } = opened;
  await using holder = await openHolder(flags, "serve", {
    grants,
    tools,
    sources,
    recorder,
    signal,
    tell,
    tellsOn: true,
  });
  await holder.openSocket();
  await using door = await openDoor(holder, flags);
  using resources = new DisposableStack();
  resources.use(telling(holder, flags, terminal));
  announce(holder, door, { flags, terminal });
  // Among others, whoever owns a plan goes on with it by itself.
  if (holder.engine.share === undefined) await takeUp(holder, tell, signal);
  await untilAborted(signal);
  return EXIT.ok;
}

async function openDoor({ app, anywhere, log }: Holder, { host, port, configuration }: ServeFlags): Promise<TcpDoor> {
  const { http = {}, tokens = {} } = configuration?.settings ?? {};
  const principals: TokenHashes = new Map(
    Object.entries(tokens).map(([name, { sha256 }]) => [sha256, `token:${name}`] as const),
  );
  const at = { host: host ?? http.host ?? DEFAULT_HOST, port: port ?? http.port ?? ANY_PORT, tokens: principals };
  const mcp = mcpGuest({ app, anywhere, log });
  return openTcpDoor({ app, anywhere, mcp, clock: systemClock, log }, at);
}

function announce(
  { store }: Holder,
  { url }: TcpDoor,
  { flags, terminal }: { readonly flags: ServeFlags; readonly terminal: Terminal },
): void {
  const { name } = store;
  if (flags.json === true) terminal.out(JSON.stringify({ kind: "serving", store: name, url }));
  else terminal.out(`serving ${name} on ${url} and on the local socket; Ctrl-C ends it`);
}

/** All facts as JSON lines, or what becomes of plans as lines for people. */
function telling({ engine }: Holder, { json }: ServeFlags, terminal: Terminal): Disposable {
  const lines = (facts: readonly Fact[], { planId, header }: PlanView): void => {
    for (const fact of facts.filter((one) => isPlanFact(one) && !one.type.startsWith("Signal"))) {
      const what = lineText(`${header.context.name}: ${factText(fact)}`, MAX_LINE_CHARS);
      terminal.err(`${terminal.paint("dim", timeText(systemClock.now()), "err")}  ${planId}  ${what}`);
    }
  };
  const reporter = jsonReporter(terminal);
  return engine.onFacts((plan, facts, state) =>
    json === true ? reporter.facts(plan, facts, state) : lines(facts, state),
  );
}

const MAX_LINE_CHARS = 300;
