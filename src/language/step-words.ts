import { DEFAULT_EACH_CONCURRENCY, DEFAULT_IDEMPOTENT_ATTEMPTS, MAX_PRIORITY } from "#events/definition.ts";
import type { Word, Words } from "./word.ts";

// What the words of steps mean, kind by kind, and those of the mappings inside steps. The shape of each stands in
// source-schema.ts, whose words these are; plan-words.ts says which mapping has which.

/** Of steps of any kind. */
export const ANY_STEP: Words = {
  description: { meaning: "What the step is for; for people.", example: "All manuscripts that are in." },
  needs: {
    meaning: "Ids of steps to wait for, beside those whose output it reads.",
    preset: [],
    example: ["review"],
  },
  join: {
    meaning:
      "How many of its needs must succeed: `all`; `any`, the first success, where failed ones are waited out; or `{ first: n }`, " +
      "the first n, where the losers are cancelled if nothing else needs them.",
    preset: "all",
    example: { first: 1 },
  },
  when: {
    meaning:
      "A condition, with or without `${ }`. Where it is false the step is skipped, and so is what needs it, except for `join: any`.",
    otherwise: "the step is not skipped",
    example: "${inputs.notify}",
  },
  deadline: {
    meaning: "Bounds the step from the moment that it is ready, with all attempts and waits.",
    otherwise: "no bound",
    example: "1h",
  },
  fallback: {
    meaning:
      "What is tried after the last attempt, in this order: other tools, or a value. `on` says for which failures.",
    preset: [],
    example: [{ tool: "json.read", with: { path: "cache.json" } }, { value: [] }],
  },
  estimate: { meaning: "How long the step is expected to take.", otherwise: "nothing is expected", example: "30s" },
  priority: {
    meaning:
      `Of the steps that are ready the one with the higher number starts first, over all plans; equal ones as they became ready. ` +
      `From -${MAX_PRIORITY} to ${MAX_PRIORITY}.`,
    otherwise: "that of the step around it, else 0",
    example: 10,
  },
};

export const args: Word = {
  meaning: "The arguments by name, templates; checked against the tool's input schema.",
  otherwise: "none",
  example: { path: "NOTES.md", text: "${steps.notes.output}" },
};
export const timeout: Word = {
  meaning: "Bounds one attempt.",
  otherwise: "the tool's, else 5 minutes",
  example: "10s",
};
export const idempotent: Word = {
  meaning: "Whether running it twice equals running it once: then an attempt whose answer was lost may run again.",
  otherwise: "the tool's",
  example: true,
};
export const isolate: Word = {
  meaning: "Runs the tool in a `thread` or a `process` of its own instead of the executor's loop.",
  otherwise: "the tool's, else in the loop",
  example: "process",
};
export const retry: Word = {
  meaning: "How failures are tried again: a number of attempts, or a mapping of the words of `retry`.",
  otherwise: `${DEFAULT_IDEMPOTENT_ATTEMPTS} attempts where it is idempotent, else 1`,
  example: { attempts: 4, delay: "500ms" },
};

export const TOOL_STEP: Words = {
  tool: { meaning: "Runs this tool; its output is the step's.", example: "fs.write" },
  with: args,
  retry,
  timeout,
  idempotent,
  isolate,
  unknown: {
    meaning:
      "Who answers where nobody knows whether an attempt had its effect, because its tool is not idempotent: `ask` a person, " +
      "`retry` as if it had failed, `undo` by the step's own `undo`, or a tool that looks.",
    preset: "ask",
    example: "retry",
  },
  undo: {
    meaning:
      "The call that takes the step back. It may read `output`, which is null where nobody knows whether there is anything to take back.",
    otherwise: "none",
    example: { tool: "shell.run", with: { program: "rm", args: ["-f", "NOTES.md"] } },
  },
  irreversible: {
    meaning: "Says that nothing takes the step back: it is named before a rollback begins.",
    otherwise: "the tool's, where there is no `undo`",
    example: true,
  },
  pool: {
    meaning: "A pool of the configuration, of whose steps so many attempts run at once.",
    otherwise: "none",
    example: "gpu",
  },
  key: {
    meaning:
      "A template; attempts with equal keys count together against the limit that the configuration has for the key.",
    otherwise: "none",
    example: "customer-${inputs.customer}",
  },
  uses: {
    meaning: "Amounts of resources of the configuration that an attempt holds.",
    otherwise: "none",
    example: { "tokens-per-minute": 2000 },
  },
  revises: {
    meaning:
      "Says that the field `rest` of the output is how the plan goes on: its success revises the plan. What has not begun by then gives way.",
    otherwise: "the plan stays as it is",
    example: true,
  },
  returns: {
    meaning:
      "What the step gives, a JSON Schema: of a tool that promises less (the body of an answer, say). What reads the step is checked against it. " +
      "An output that does not fit fails the step with `output-unfit`, though the tool has run, and its fallbacks have to fit as well.",
    otherwise: "what the tool says",
    example: { type: "object", properties: { open: { type: "integer" } }, required: ["open"] },
  },
};

export const VALUE_STEP: Words = {
  value: { meaning: "Gives this value, a template.", example: "${steps.commits.output.map(c, c.subject)}" },
};

export const WAIT_STEP: Words = {
  wait: { meaning: "Waits: for a duration, or with `for` or `until`. Its output is null.", example: "10s" },
};

export const WAITING: Words = {
  for: { meaning: "So long, from the moment that the step is ready.", example: "10s" },
  until: {
    meaning: "Until a time: RFC 3339, or a template that gives one, a timestamp, or milliseconds since 1970.",
    example: "${inputs.embargo}",
  },
};

export const EACH_STEP: Words = {
  each: {
    meaning: "Runs `do` for every item of this list. The output is a list with an entry an item, null where it failed.",
    example: "${steps.files.output}",
  },
  as: {
    meaning: "What expressions inside call the item. Its number, from 0, is `index`.",
    preset: "item",
    example: "file",
  },
  do: {
    meaning: "What is done with each item: one step, or a block of several.",
    example: { tool: "fs.read", with: { path: "${file}" } },
  },
  concurrency: { meaning: "Items that are under way at once.", preset: DEFAULT_EACH_CONCURRENCY, example: 4 },
  tolerate: {
    meaning: "How many items may fail: a number, or a share of all. `steps.<id>.errors` lists those that did.",
    preset: 0,
    example: "10%",
  },
};

export const REPEAT_STEP: Words = {
  repeat: {
    meaning:
      "What is done again and again: one step, or a block of several. Inside, `index` counts from 0 and `previous` is what " +
      "the iteration before gave, null in the first. The output is that of the last iteration.",
    example: { tool: "http.json", with: { url: "https://example.org/state" } },
  },
  until: {
    meaning: "Ends the repetition where it holds: a condition over `output`, the iteration's, and `index`.",
    example: '${output.state == "ready"}',
  },
  max: { meaning: "Iterations at most. The step fails where the condition does not hold after them.", example: 20 },
};

export const CALL_STEP: Words = {
  call: {
    meaning:
      "Runs another plan inside this one, by its name or as name@range with a range of semantic versions. " +
      "The output is an object of its `outputs`.",
    example: "imprint@^1.0",
  },
  with: { meaning: "The plan's inputs by name, templates.", otherwise: "none", example: { title: "${inputs.title}" } },
};

export const SIGNAL_STEP: Words = {
  signal: {
    meaning:
      "Waits for a signal of this name, a template. The output is what the signal brings. One that comes early is kept.",
    example: "paid-${inputs.order}",
  },
};

export const BLOCK: Words = {
  steps: {
    meaning: "Steps by id. They read what is around them; nothing outside reads them.",
    example: { text: { tool: "fs.read", with: { path: "${file}" } } },
  },
  output: {
    meaning: "What the block gives, a template.",
    otherwise: "what its last step gives",
    example: "${steps.text.output}",
  },
};

export const JOIN: Words = { first: { meaning: "So many needs must succeed; the others have lost.", example: 1 } };

export const UNDO: Words = {
  tool: {
    meaning: "The tool that takes the step back. It must accept that nothing had happened.",
    example: "fs.write",
  },
  ...{ with: args, timeout, isolate, retry },
  idempotent: { ...idempotent, otherwise: "true" },
};

export const UNKNOWN: Words = {
  verify: {
    meaning: "The call of a tool that looks whether the effect is there.",
    example: { tool: "http.json", with: { url: "https://example.org/orders/7" } },
  },
  done: {
    meaning:
      "A condition over `output`, the tool's: the effect is there. Where it does not hold, the step runs again as after a failure.",
    example: "${size(output) > 0}",
  },
  output: {
    meaning: "What the step gives where the effect is there, a template over `output`.",
    preset: "${output}",
    example: "${output[0]}",
  },
};

export const VERIFY: Words = {
  tool: { meaning: "The tool that looks.", example: "http.json" },
  ...{ with: args, timeout, isolate },
};

const policy: Words = {
  attempts: { ...retry, meaning: "Attempts in all, the first among them.", example: 4 },
  delay: { meaning: "The time before the second attempt.", preset: "500ms", example: "1s" },
  backoff: {
    meaning: "How delays grow: they stay `fixed`, or double (`exponential`).",
    preset: "exponential",
    example: "fixed",
  },
  jitter: {
    meaning:
      "How delays are spread by chance: `none`, `full` (from 0 to the delay) or `decorrelated` (from `delay` to three times the last one).",
    preset: "full",
    example: "none",
  },
  maxDelay: { meaning: "No delay is longer.", otherwise: "30s, or `delay` where that is longer", example: "1m" },
};

export const RETRY: Words = {
  ...policy,
  budget: {
    meaning: "The sum of all delays; a failure that would go beyond it is the last.",
    otherwise: "no bound",
    example: "5m",
  },
  on: {
    meaning: "Other values for failures of one category.",
    otherwise: "none",
    example: { "rate-limited": { attempts: 9, delay: "5s" } },
  },
};

/** The same words, which take what `retry` says where they are missing. */
export const RETRY_ON: Words = Object.fromEntries(
  Object.entries(policy).map(([name, { meaning, example }]) => [
    name,
    { meaning, otherwise: "that of `retry`", example },
  ]),
);

export const FALLBACK: Words = {
  tool: { meaning: "Runs this tool instead; its output must fit that of the step's own.", example: "json.read" },
  ...{ with: args, timeout, idempotent, isolate },
  value: { meaning: "Gives this value instead, a template.", example: [] },
  on: {
    meaning: "Categories of the last failure that this is for; after any other one it is passed over.",
    otherwise: "any failure",
    example: ["unavailable", "timeout"],
  },
};
