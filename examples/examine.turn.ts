import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { hash } from "node:crypto";
import { ToolFailure } from "planwright";

// A lock file, as many programs use one: whoever finds it taken is told "busy" at once, and the plan's retry policy does
// the waiting. A holder that was killed leaves its file behind, which is then taken over.

/** Takes the turn for a directory until disposed. Fails with `busy` (conflict, which is retried). */
export function takeTurn(directory: string): Disposable {
  const file = path.join(tmpdir(), `planwright-examine-${hash("sha256", directory).slice(0, 16)}.lock`);
  if (!create(file)) {
    if (isHeld(file)) throw new ToolFailure("conflict", `another step reads ${directory} right now`, { code: "busy" });
    rmSync(file, { force: true });
    if (!create(file)) throw new ToolFailure("conflict", `another step was faster`, { code: "busy" });
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function create(file: string): boolean {
  try {
    const handle = openSync(file, "wx");
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the process that wrote the file still lives. */
function isHeld(file: string): boolean {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    process.kill(holder, 0);
    return !isDefunct(holder);
  } catch (error) {
    // Not permitted means: it lives and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Killed, but not yet waited for by its parent: Linux still lists it, in state Z. */
function isDefunct(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  return existsSync(status) && readFileSync(status, "utf8").includes(") Z ");
}
