import process from "node:process";
import { Fault } from "#events/fault.ts";
import { EXIT } from "#src/cli/exit-code.ts";

// Ctrl-C and its relatives. The first asks for a clean stop: what runs is aborted, the log is closed. The second does not
// wait: the log is safe anyway, an append is all or nothing.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Interruption extends Disposable {
  /** Aborted by the first signal with a fault `interrupted`. */
  readonly signal: AbortSignal;
}

/** `after`: what is said of the plans where the second signal stops the command at once. */
export function watchInterruption(after = "what was done is safe, planwright resume goes on"): Interruption {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      process.stderr.write(`stopped at once; ${after}\n`);
      process.exit(EXIT.interrupted);
    }
    controller.abort(new Fault("interrupted", `stopped by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

/** For what goes on until it is told to end. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
