import process from "node:process";
import { SILENT, type Log } from "#src/ports/log.ts";

const LEVELS = ["debug", "info", "warn", "error"];

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
