import process from "node:process";
import { fileURLToPath } from "node:url";
import { Installation, type InstallationOptions } from "../../examples/distributed/tour/installation.ts";

// An installation as the tour has one, for a measurement: workers with the tools of the benchmarks, over a server of NATS of its own.

export const NATS_SERVER = "nats-server";

const TOOLS = fileURLToPath(new URL("../bench.tools.ts", import.meta.url));

export interface Wanted extends Pick<InstallationOptions, "log" | "workers" | "slots"> {
  /** Where it writes. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Its server runs and its workers are there; coordinators are started by who wants them. */
export async function installed({ directory, signal, ...options }: Wanted): Promise<Installation> {
  const given = ["--tools", TOOLS, "--root", directory];
  const installation = await Installation.make({ ...options, given, beside: directory });
  // Whatever ends this process ends what it started.
  process.once("exit", () => installation.killAll());
  try {
    await installation.startNats(NATS_SERVER, signal);
    await installation.startWorkers(signal);
    return installation;
  } catch (error) {
    await installation[Symbol.asyncDispose]();
    throw error;
  }
}
