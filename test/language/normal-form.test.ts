import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { check, definitionOf, planOf, tools } from "./tools.ts";

const RELEASE_NOTES = `plan: release_notes
version: 1.1.0
inputs:
  repo: { type: string, default: . }
  since: { type: string, description: A tag. }
steps:
  commits:
    tool: git.log
    with:
      root: \${inputs.repo}
      range: \${inputs.since}..HEAD
  tickets:
    tool: http.json
    with: { url: https://tracker.example/api/open }
    timeout: 10s
    retry: { attempts: 4, delay: 1s, on: { rate-limited: { attempts: 9, maxDelay: 1m } } }
    fallback:
      - { tool: json.read, with: { path: cache/tickets.json }, on: [timeout, unavailable, timeout] }
      - { value: [] }
  pause: { wait: 2s, needs: [commits] }
  publish:
    tool: fs.write
    needs: [pause]
    when: \${size(steps.commits.output) > 0}
    idempotent: true
    unknown: retry
    deadline: 1h
    estimate: 1.5s
    with:
      path: NOTES.md
      text: \${steps.commits.output.map(c, c.subject).join("\\n")}
outputs: { count: "\${size(steps.commits.output)}" }
respond: \${size(steps.commits.output)} notes published, \${size(steps.tickets.output)} tickets still open.
onFailure: continue
deadline: 2d
`;

const READ = { idempotent: true, timeoutMs: 300_000 };

describe("a definition", () => {
  it("has every default of the language and of the tools filled in", () => {
    expect(definitionOf(RELEASE_NOTES)).toEqual({
      name: "release_notes",
      version: "1.1.0",
      inputs: {
        repo: { schema: { type: "string" }, default: "." },
        since: { schema: { type: "string" }, description: "A tag." },
      },
      steps: [
        {
          kind: "tool",
          id: "commits",
          needs: [],
          join: "all",
          fallback: [],
          call: {
            tool: "git.log",
            version: "1.2.0",
            with: { root: "${inputs.repo}", range: "${inputs.since}..HEAD" },
            ...READ,
          },
          retry: { attempts: 3, delayMs: 500, backoff: "exponential", jitter: "full", maxDelayMs: 30_000 },
          unknown: "ask",
        },
        {
          kind: "tool",
          id: "tickets",
          needs: [],
          join: "all",
          fallback: [
            {
              tool: "json.read",
              version: "1.0.0",
              with: { path: "cache/tickets.json" },
              ...READ,
              on: ["timeout", "unavailable"],
            },
            { value: [] },
          ],
          fits: { type: "array", items: {} },
          call: {
            tool: "http.json",
            version: "2.0.0",
            with: { url: "https://tracker.example/api/open" },
            idempotent: true,
            timeoutMs: 10_000,
          },
          retry: {
            attempts: 4,
            delayMs: 1_000,
            backoff: "exponential",
            jitter: "full",
            maxDelayMs: 30_000,
            on: { "rate-limited": { attempts: 9, maxDelayMs: 60_000 } },
          },
          unknown: "ask",
        },
        { kind: "wait", id: "pause", needs: ["commits"], join: "all", fallback: [], wait: { forMs: 2_000 } },
        {
          kind: "tool",
          id: "publish",
          needs: ["commits", "pause"],
          join: "all",
          when: "${size(steps.commits.output) > 0}",
          deadlineMs: 3_600_000,
          estimateMs: 1_500,
          fallback: [],
          call: {
            tool: "fs.write",
            version: "1.0.0",
            with: { path: "NOTES.md", text: '${steps.commits.output.map(c, c.subject).join("\\n")}' },
            ...READ,
          },
          retry: { attempts: 3, delayMs: 500, backoff: "exponential", jitter: "full", maxDelayMs: 30_000 },
          unknown: "retry",
        },
      ],
      outputs: { count: "${size(steps.commits.output)}" },
      respond: "${size(steps.commits.output)} notes published, ${size(steps.tickets.output)} tickets still open.",
      onFailure: "continue",
      deadlineMs: 172_800_000,
    });
  });

  it("takes one attempt for a tool that is not idempotent, and the tool's own timeout", () => {
    const { steps } = definitionOf(
      planOf(`  a: { tool: fs.write, with: { path: x, text: y } }
  b: { tool: http.json, with: { url: "https://x.example" }, retry: 7 }`),
    );
    expect(steps).toMatchObject([
      { call: { idempotent: false, timeoutMs: 300_000 }, retry: { attempts: 1 } },
      { call: { timeoutMs: 5_000 }, retry: { attempts: 7 } },
    ]);
  });

  it("never waits less than the delay that was asked for", () => {
    const { steps } = definitionOf(planOf("  a: { tool: json.read, with: { path: x }, retry: { delay: 2m } }"));
    expect(steps).toMatchObject([{ retry: { delayMs: 120_000, maxDelayMs: 120_000 } }]);
  });

  it("is what the facts' own schema reads, unchanged", () => {
    const definition = definitionOf(RELEASE_NOTES);
    expect(planDefinition.parse(JSON.parse(JSON.stringify(definition)))).toEqual(definition);
  });
});

const id = fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,8}$/);
const text = fc.string({ maxLength: 20 }).map((raw) => raw.replaceAll("${", "$"));
const duration = fc.constantFrom("0ms", "500ms", "10s", "1.5h", "2d");

const anyStep = {
  description: text,
  when: fc.constantFrom<Json>("${1 < 2}", true, "${inputs.n > 1}"),
  join: fc.constantFrom("all", "any"),
  estimate: duration,
};
const kinds = [
  { value: fc.jsonValue({ maxDepth: 2 }).map((value) => withoutExpressions(value)) },
  { wait: duration },
  {
    tool: fc.constant("text.wrap"),
    with: fc.record({ text: fc.oneof(text, fc.constant("n = ${inputs.n}")), width: fc.nat(200) }),
    retry: fc.oneof(
      fc.integer({ min: 1, max: 9 }),
      fc.record({ attempts: fc.integer({ min: 1, max: 9 }), delay: duration }),
    ),
    unknown: fc.constantFrom("ask", "retry"),
  },
];
const step = fc.oneof(
  ...kinds.map((kind) => {
    const required = Object.keys(kind).filter((word) => ["value", "wait", "tool", "with"].includes(word));
    return fc.record<Record<string, unknown>, string>({ ...kind, ...anyStep }, { requiredKeys: required });
  }),
);
const plan = fc.record({
  plan: fc.string({ minLength: 1, maxLength: 20 }),
  inputs: fc.constant({ n: { type: "integer", default: 1 } }),
  steps: fc.dictionary(id, step, { minKeys: 1, maxKeys: 6, noNullPrototype: true }),
  onFailure: fc.constantFrom("stop", "continue"),
});

function withoutExpressions(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll("${", "$").replaceAll("__proto__", "proto"));
}

describe("any plan of the language", () => {
  it("is accepted, and its definition survives JSON and the facts' schema", () => {
    fc.assert(
      fc.property(plan, (source) => {
        const checked = check(JSON.stringify(source), "plan.json");
        expect(checked).toMatchObject({ ok: true });
        if (!checked.ok) return;
        const again: unknown = JSON.parse(JSON.stringify(checked.definition));
        expect(again).toEqual(checked.definition);
        expect(planDefinition.parse(again)).toEqual(checked.definition);
      }),
    );
  });

  it("means the same as YAML and as JSON", () => {
    fc.assert(
      fc.property(plan, (source) => {
        const written = JSON.stringify(source, null, 2);
        expect(check(written, "plan.yaml")).toEqual(
          expect.objectContaining({ ok: true, definition: expect.objectContaining(definitionOfJson(written)) }),
        );
      }),
    );
  });
});

function definitionOfJson(written: string): object {
  const parsed = parsePlan(written, { file: "plan.json" });
  const checked = parsed.ok ? checkPlan(parsed.source, { tools }) : parsed;
  return checked.ok ? checked.definition : {};
}

describe("any text", () => {
  it("is refused or accepted, but never throws", () => {
    const piece = fc.constantFrom(
      "plan: p\n",
      "steps:\n",
      "  a:\n",
      "    tool: x\n",
      "{",
      "}",
      "[",
      "${",
      "'",
      '"',
      ": ",
      "- ",
      "*a ",
      "&a ",
      "|\n",
      "\t",
      "#",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
        for (const file of ["plan.yaml", "plan.json"]) {
          const checked = check(pieces.join(""), file);
          if (checked.ok) continue;
          expect(checked.findings.length).toBeGreaterThan(0);
          for (const { line, column } of checked.findings) expect(Math.min(line, column)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
