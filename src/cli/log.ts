import process from "node:process";
import { SILENT, type Log } from "#src/ports/log.ts";
import { lineText } from "#src/cli/text.ts";

const LEVELS = ["debug", "info", "warn", "error"];

/**
 * Where no log was asked for, what goes wrong is told in words to whoever runs the command: who waits for a server should say so.
 * What is well again is told as well.
 */
export function aloud(log: Log, tell: (line: string) => void): Log {
  if (log !== SILENT) return log;
  const say: Log["warn"] = (message, fields = {}) => tell(lineOf(message, fields));
  return { debug: () => undefined, info: say, warn: say, error: say };
}

function lineOf(message: string, fields: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(fields).flatMap(([name, value]) => {
    if (value instanceof Error) return [value.message];
    return typeof value === "string" || typeof value === "number" ? [`${name} ${value}`] : [];
  });
  return lineText(shown.length === 0 ? message : `${message} (${shown.join(", ")})`, MAX_LINE_CHARS);
}

const MAX_LINE_CHARS = 600;

/** What operators read, as JSON lines on stderr: PLANWRIGHT_LOG names the level; without it there is none. */
export async function commandLog(): Promise<Log> {
  const level = process.env["PLANWRIGHT_LOG"] ?? "";
  if (!LEVELS.includes(level)) return SILENT;
  const { destination, pino } = await import("pino");
  const logger = pino({ level, serializers: { error: pino.stdSerializers.err } }, destination({ fd: 2, sync: true }));
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
