// Limits of the runtime. Every queue, loop and retry names its bound here, with its unit.

/** Commands that wait in one plan's mailbox; one more is refused (a report is then sent again by its executor). */
export const MAX_MAILBOX = 1_024;

/** Commands that one turn takes: each leads to a handful of events, and a turn has at most 256. */
export const MAX_COMMANDS_PER_TURN = 96;

/** Events after which a turn stops adding: what one decision adds must still fit into the 256 of an append. */
export const MAX_EVENTS_PER_TURN = 240;

/** Bytes of encoded events after which a turn stops adding; one more fact with an inline payload still fits. */
export const MAX_BYTES_PER_TURN = 320 * 1024;

/** A snapshot is taken after so many events, or as many as the plan has steps in memory, whichever is more. */
export const SNAPSHOT_AFTER_EVENTS = 5_000;

/** An actor with nothing to do for so long leaves memory. */
export const IDLE_AFTER_MS = 30_000;

export const RECONCILE_EVERY_MS = 1_000;

/** Shortest time between two words to all executors that there are too few slots. */
export const MIN_HELLO_MS = 100;

/** A run that was not answered for so long is sent again. */
export const RESEND_AFTER_MS = 2_000;

/** First and longest pause before an append is tried again. */
export const APPEND_RETRY_MS = 50;
export const MAX_APPEND_RETRY_MS = 5_000;

/** Turns of one plan that may fail one after the other before it is quarantined. */
export const MAX_FAILED_TURNS = 3;

/** A plan of which nothing was heard for so long is compared with the log, where others may append. */
export const QUIET_MS = 2_000;
