import type { ErrorCategory } from "#events/errors.ts";

/** What to do about work that failed, by the category of its error: a sentence without its first capital and its full stop. */
export const NEXT_BY_CATEGORY: Readonly<Record<ErrorCategory, string>> = {
  validation: "correct what was given, then try again",
  "not-found": "check the name or place of what was looked for, then try again",
  conflict: "look at what is there already, then decide what is to stay",
  permission: "give the permission or the approval that it lacks, then try again",
  authentication: "renew the credentials that it uses, then try again",
  "rate-limited": "try again later, or less often",
  quota: "raise the quota or free some of it, then try again",
  unavailable: "try again when the other side answers",
  timeout: "try again, with more time where it needs it",
  internal: "try again; where it fails again, tell who runs the tool",
  cancelled: "start it again if it is still wanted",
  "resource-exhausted": "ask for less at once, or free what it ran out of",
  bug: "tell who wrote the tool; trying again does not help",
  unknown: "look what it has done, then decide whether to try again",
};
