import { accessSync, constants, existsSync } from "node:fs";
import path from "node:path";
import { Fault } from "#events/fault.ts";

// Turns what SQLite and the file system say into the store's faults. A message names the file and what to do next.
//
// SQLite's primary result codes: https://www.sqlite.org/rescode.html

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;
const SQLITE_READONLY_ROLLBACK = SQLITE_READONLY | (3 << 8);
const PRIMARY_CODE_MASK = 0xff;

const RESTORE = "run `planwright doctor` to see what is left, and restore the folder from a copy";
const REFUSED = new Set(["EACCES", "EROFS", "EPERM"]);
const NO_SPACE = new Set(["ENOSPC", "EDQUOT"]);

/** The fault for anything thrown while the file was used; a fault passes unchanged. */
export function storeFault(error: unknown, file: string): Fault {
  if (isFault(error)) return error;
  if (isUnreadable(error)) return damaged(file, error.message, error);
  return systemFault(error, file) ?? sqliteFault(error, file);
}

/**
 * The fault for a commit that threw. A full disk is a certain no: the frame that would make it valid was never written.
 * After any other error the frames may be on the disk, so the answer is unknown.
 */
export function commitFault(error: unknown, file: string): Fault {
  const fault = storeFault(error, file);
  if (fault.code === "store-full" || primaryCode(error) === SQLITE_BUSY) return fault;
  return new Fault("append-unknown", `${file}: the commit was not answered; send the identical batch again`, {
    retryable: true,
    details: fault.details,
    cause: error,
  });
}

/** `what` says where and how; the fault adds what to do. */
export function damaged(file: string, what: string, cause?: unknown): Fault<"store-damaged"> {
  return new Fault("store-damaged", `${file}: ${what}; ${RESTORE}`, { details: { path: file, what }, cause });
}

/** A file without tables: its maker has just begun, or was killed before it had made them. */
export function unmade(file: string): Fault<"store-missing"> {
  return new Fault("store-missing", `${file} is not made yet; the first \`planwright run\` makes it`, {
    details: { path: file },
  });
}

export function closed(file: string): Fault<"store-unavailable"> {
  return new Fault("store-unavailable", `${file} was closed`, { details: { path: file } });
}

/**
 * Refuses a file, or a folder for one that does not exist yet, that may not be written. SQLite would open it for
 * reading without a word, and a lock on such a file excludes nobody. Fault: `store-read-only`.
 */
export function assertWritable(file: string): void {
  try {
    accessSync(existsSync(file) ? file : path.dirname(file), constants.W_OK);
  } catch (error) {
    throw storeFault(error, file);
  }
}

/**
 * Whether a reader has found a rollback journal, which only a writer may apply: there is one while the file is being made, and
 * never after, because the write-ahead log takes its place.
 */
export function isHalfMade(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_READONLY_ROLLBACK;
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY;
}

function systemFault(error: unknown, file: string): Fault | undefined {
  const code = systemCode(error);
  if (REFUSED.has(code)) return readOnly(file, error);
  return NO_SPACE.has(code) ? full(file, error) : undefined;
}

function sqliteFault(error: unknown, file: string): Fault {
  switch (primaryCode(error)) {
    case SQLITE_FULL:
      return full(file, error);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(file, "the file is truncated or not a database", error);
    case SQLITE_READONLY:
      return readOnly(file, error);
    case SQLITE_CANTOPEN:
      return isWritable(file) ? unavailable(file, error) : readOnly(file, error);
    default:
      return unavailable(file, error);
  }
}

function full(file: string, cause: unknown): Fault<"store-full"> {
  return new Fault("store-full", `${file}: no space left; nothing was written, free some and go on`, {
    retryable: true,
    details: { path: file },
    cause,
  });
}

function readOnly(file: string, cause: unknown): Fault<"store-read-only"> {
  return new Fault(
    "store-read-only",
    `${file} cannot be written: give this user the right to, or name another folder`,
    {
      details: { path: file },
      cause,
    },
  );
}

function unavailable(file: string, cause: unknown): Fault<"store-unavailable"> {
  const said = cause instanceof Error ? cause.message : String(cause);
  const passing = [SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR].includes(primaryCode(cause));
  return new Fault("store-unavailable", `${file} cannot be used: ${said}`, {
    retryable: passing,
    details: { path: file },
    cause,
  });
}

function isWritable(file: string): boolean {
  try {
    assertWritable(file);
    return true;
  } catch {
    return false;
  }
}

function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

/** What decoding a row throws; Node's own complaints about arguments carry a code. */
function isUnreadable(error: unknown): error is Error {
  return (error instanceof TypeError || error instanceof SyntaxError) && !("code" in error);
}

function primaryCode(error: unknown): number {
  return sqliteCode(error) & PRIMARY_CODE_MASK;
}

function sqliteCode(error: unknown): number {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code : 0;
}

function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
