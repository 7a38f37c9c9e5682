import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { packageVersion } from "#src/ports/system/package-version.ts";
import type { Peer } from "./peer.ts";

// What a peer needs, brought into its own folder: its packages, by the exact versions of its lock file, into a node_modules
// that git ignores and the repository's own install knows nothing of. No install script runs.

const PEERS_ROOT = fileURLToPath(new URL(".", import.meta.url));
const INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];

const manifest = z.object({ dependencies: z.record(z.string(), z.string()) });

export function folderOf(peer: Peer): string {
  return path.join(PEERS_ROOT, peer.name);
}

/** Installs the packages of a peer unless they are there in the versions that its package.json names. Throws where npm fails. */
export function install(peer: Peer): void {
  if (packagesOf(peer).every(([name, version]) => installedVersion(peer, name) === version)) return;
  try {
    execFileSync("npm", INSTALL, { cwd: folderOf(peer), stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    const command = `npm ${INSTALL.join(" ")} --prefix bench/peers/${peer.name}`;
    throw new Error(`its packages cannot be installed; \`${command}\` says why`, { cause });
  }
}

/** `name version`, each package that its package.json names; for ours the version of the checkout. */
export function versionsOf(peer: Peer): readonly string[] {
  const packages = packagesOf(peer);
  return packages.length === 0 ? [`planwright ${packageVersion()}`] : packages.map((pair) => pair.join(" "));
}

function packagesOf(peer: Peer): readonly (readonly [string, string])[] {
  const file = path.join(folderOf(peer), "package.json");
  if (!existsSync(file)) return [];
  return Object.entries(manifest.parse(JSON.parse(readFileSync(file, "utf8"))).dependencies);
}

function installedVersion(peer: Peer, name: string): string | undefined {
  const file = path.join(folderOf(peer), "node_modules", name, "package.json");
  if (!existsSync(file)) return undefined;
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
