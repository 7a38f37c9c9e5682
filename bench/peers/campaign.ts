import { execFileSync } from "node:child_process";
import path from "node:path";
import { folderOf, install, installCommand, versionsOf } from "./installed.ts";
import { measure, type Extent } from "./measure.ts";
import type { Outcome } from "./outcome.ts";
import type { Peer } from "./peer.ts";
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
  const tell = (progress: string): void => asked.tell(`${peer.name}: ${progress}`);
  const folder = folderOf(peer);
  const { server } = peer;
  let versions = versionsOf(peer);
  try {
    // A server that comes with the peer's own packages is there once they are.
    const early = server?.find(folder);
    if (server !== undefined && early === undefined && server.install !== installCommand(peer)) {
      tell(`skipped: ${server.name} is missing; install it: ${server.install}`);
      return { kind: "skipped", peer, versions, missing: server.name, install: server.install };
    }
    prepare(peer, tell);
    const program = server?.find(folder);
    if (server !== undefined && program !== undefined) versions = [...versions, server.version(program)];
    const workplace = new Workplace(peer, { scratch: asked.scratch, folder, program, signal: asked.signal });
    return { kind: "measured", peer, versions, measured: await measure(workplace, { ...asked, tell }) };
  } catch (error) {
    asked.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    tell(`failed: ${reason}`);
    return { kind: "failed", peer, versions, reason };
  }
}

/** The packages of the others are installed; ours is built, so that what is measured is the checkout and nothing older. */
function prepare(peer: Peer, tell: (progress: string) => void): void {
  if (OURS.has(peer.name)) {
    tell("builds the package");
    execFileSync(process.execPath, [BUILD], { stdio: ["ignore", "ignore", "pipe"] });
  } else {
    tell("installs its packages");
    install(peer);
  }
}
