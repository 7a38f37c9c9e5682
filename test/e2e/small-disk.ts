import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { temporaryFolder } from "../store/folder.ts";

// A small disk in memory, which fills up quickly and has no place but this; only the superuser can mount it.

interface Disk extends Disposable {
  readonly path: string;
}

/** Undefined where it cannot be mounted. */
export function mountDisk(at: string, bytes: number): Disk | undefined {
  mkdirSync(at, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", at], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  return { path: at, [Symbol.dispose]: () => void execFileSync("umount", ["--lazy", at]) };
}

export async function canMount(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  await using folder = await temporaryFolder();
  using disk = mountDisk(path.join(folder.path, "disk"), 1024 * 1024);
  return disk !== undefined;
}
