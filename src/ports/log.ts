// What operators read; never history. Implementations redact and format, callers give a sentence and fields.

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

type LogFields = Readonly<Record<string, unknown>>;

const nothing = (): void => undefined;

/** For libraries and tests that want none. */
export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
