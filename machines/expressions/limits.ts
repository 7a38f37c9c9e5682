// Everything that an expression may use, in one place. What bounds time is MAX_WORK_UNITS: a deterministic count, not a
// clock, so that the same expression ends the same way on every machine and in every replay.

/** A string of a plan, expressions and the text around them. */
export const MAX_STRING_CHARS = 262_144;
/** Strings, lists and objects of a template within each other. */
export const MAX_TEMPLATE_DEPTH = 64;
export const MAX_EXPRESSIONS_PER_STRING = 256;
export const MAX_FINDINGS = 50;

export const MAX_EXPRESSION_CHARS = 4_096;
export const MAX_EXPRESSION_NODES = 1_000;
export const MAX_EXPRESSION_DEPTH = 128;
/** Parentheses, brackets and calls within each other: the parser recurses several frames for each. */
export const MAX_NESTING = 64;
/** Macros (`map`, `filter`, `all` …) within each other. */
export const MAX_MACRO_DEPTH = 4;
export const MAX_CALL_ARGUMENTS = 8;
export const MAX_PATTERNS_PER_EXPRESSION = 4;
export const MAX_PATTERN_CHARS = 256;
/** Instructions of a compiled pattern: the cost of one character of the text is proportional to it. */
export const MAX_PATTERN_INSTRUCTIONS = 512;

/** One evaluated node is one unit; what touches n characters or elements pays for them. Measured: 10 to 70 ns each. */
export const MAX_WORK_UNITS = 500_000;
export const MAX_TEXT_CHARS = 1_048_576;
export const MAX_LIST_ELEMENTS = 100_000;
export const MAX_VALUE_DEPTH = 128;

/** Characters of expression text whose compiled form is kept. */
export const MAX_CACHED_CHARS = 131_072;
