import { execFileSync } from "node:child_process";
import path from "node:path";
import { folderOf, install, versionsOf } from "./installed.ts";
import { measure, type Extent } from "./measure.ts";
import type { Outcome } from "./outcome.ts";
import type { Peer, ServerKind } from "./peer.ts";
import { OURS } from "./peers.ts";
import { Workplace } from "./workplace.ts";

// Peers one after the other, on the same disk, by the same protocol.
//
// C1. A server that is missing skips its peer by name, with the one command that installs it; nothing is installed for it.
// C2. A peer that fails says why, and the others go on; only an abort ends all of them.

const BUILD = path.join(import.meta.dirname, "../../.config/scripts/build.ts");

export interface Campaign extends Omit<Extent, "tell"> {
  readonly signal: AbortSignal;
  /** Told what happens, peer by peer. */
  readonly tell: (progress: string) => void;
}

export async function* campaign(peers: readonly Peer[], asked: Campaign): AsyncGenerator<Outcome> {
  for (const peer of peers) yield await turnOf(peer, asked);
}

async function turnOf(peer: Peer, asked: Campaign): Promise<Outcome> {
  const turn = { ...asked, tell: (progress: string) => asked.tell(`${peer.name}: ${progress}`) };
  try {
    if (peer.server?.isPackaged === false && peer.server.find(folderOf(peer)) === undefined)
      return skipped(peer, peer.server, turn.tell);
    prepare(peer, turn.tell);
    return await measuredTurn(peer, turn);
  } catch (error) {
    asked.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    turn.tell(`failed: ${reason}`);
    return { kind: "failed", peer, versions: versionsOf(peer), reason };
  }
}

async function measuredTurn(peer: Peer, turn: Campaign): Promise<Outcome> {
  const { server } = peer;
  const folder = folderOf(peer);
  const program = server?.find(folder);
  if (server !== undefined && program === undefined) return skipped(peer, server, turn.tell);
  const serverVersion = program === undefined ? undefined : server?.version(program);
  const versions = [...versionsOf(peer), ...(serverVersion === undefined ? [] : [serverVersion])];
  const workplace = new Workplace(peer, { scratch: turn.scratch, folder, program, signal: turn.signal });
  return { kind: "measured", peer, versions, measured: await measure(workplace, turn) };
}

/** C1 */
function skipped(peer: Peer, { name, install: command }: ServerKind, tell: (progress: string) => void): Outcome {
  tell(`skipped: ${name} is missing; install it: ${command}`);
  return { kind: "skipped", peer, versions: versionsOf(peer), missing: name, install: command };
}

/** The packages of the others are installed; ours is built, so that what is measured is the checkout and nothing older. */
function prepare(peer: Peer, tell: (progress: string) => void): void {
  if (OURS.has(peer.name)) {
    tell("builds the package");
    build();
  } else {
    tell("installs its packages");
    install(peer);
  }
}

function build(): void {
  try {
    execFileSync(process.execPath, [BUILD], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    throw new Error("the package cannot be built; `npm run build` says why", { cause });
  }
}
