// The one table from codes to HTTP status codes. Domain code knows none of them, and doors choose none by themselves.
// A code that is missing here answers as a defect, which a test finds.

const TABLE: Readonly<Record<number, readonly string[]>> = {
  400: [
    "invalid-input",
    "malformed-body",
    "malformed-request",
    "cursor-malformed",
    "bad-signal-name",
    "bad-comment",
    "bad-position",
  ],
  401: ["unauthenticated"],
  403: ["foreign-origin", "not-permitted"],
  404: [
    "no-such-operation",
    "plan-unknown",
    "unknown-step",
    "unknown-tool",
    "bad-revision",
    "blob-missing",
    "session-unknown",
  ],
  405: ["method-not-allowed"],
  408: ["request-timeout"],
  409: [
    "approval-decided",
    "approval-outdated",
    "approval-wanted",
    "changes-requested",
    "client-key-conflict",
    "edition-outdated",
    "inputs-revised",
    "irreversible-steps",
    "nothing-goes-on",
    "nothing-to-approve",
    "nothing-to-withdraw",
    "outcome-known",
    "plan-ambiguous",
    "plan-ended",
    "plan-ending",
    "plan-not-quarantined",
    "plan-quarantined",
    "rest-wanted",
    "step-begun",
    "step-settled",
  ],
  413: ["request-too-large"],
  415: ["unsupported-media-type"],
  421: ["foreign-host"],
  422: [
    "cyclic-plan",
    "duplicate-step",
    "plan-refused",
    "preview-too-large",
    "recursive-call",
    "too-deep",
    "unknown-need",
    "unknown-plan",
  ],
  429: ["mailbox-full", "too-many-comments", "too-many-reviews", "too-many-signals"],
  431: ["headers-too-large"],
  503: [
    "actor-gone",
    "append-unknown",
    "stopping",
    "too-many-sessions",
    "store-full",
    "store-read-only",
    "store-unavailable",
    "store-access-denied",
  ],
};

const BY_CODE: ReadonlyMap<string, number> = new Map(
  Object.entries(TABLE).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
);

const DEFECT_STATUS = 500;

/** A code that is not in the table is one that no operation expects. */
export function statusOfCode(code: string): number {
  return BY_CODE.get(code) ?? DEFECT_STATUS;
}
