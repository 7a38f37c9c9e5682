/** What is wrong with a source of tools, for the person who configured it. */
export interface SourceProblem {
  /** `mcp files`. */
  readonly source: string;
  readonly code: string;
  /** Names the source. */
  readonly message: string;
}
