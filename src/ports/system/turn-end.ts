import process from "node:process";

/** Calls back when everything that is ready has run, and before the event loop looks for anything new: no time passes. */
export function atTurnEnd(callback: () => void): void {
  process.nextTick(callback);
}
