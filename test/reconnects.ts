import process from "node:process";

/** How often tests break a subscriber's connection; PLANWRIGHT_RECONNECTS=1000 takes a quarter of an hour, on a busy machine more. */
export const RECONNECTS = Number(process.env["PLANWRIGHT_RECONNECTS"] ?? "100");

const MS_FOR_EACH = 1_200;

/** Limit of a test that breaks so many. */
export const RECONNECTING_MS = RECONNECTS * MS_FOR_EACH;
