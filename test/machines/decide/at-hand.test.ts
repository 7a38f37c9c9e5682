// What a step starts with may be in a blob: then nothing is decided before the blob is there.
import { describe, expect, it } from "vitest";
import type { Fact } from "#events/catalog.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { fold } from "#machines/fold.ts";
import { emptyState } from "#machines/state.ts";
import { advancing, scenario, type Offer } from "#src/testing/scenario.ts";
import { Driver } from "../driver.ts";
import {
  approve,
  calling,
  dispatched,
  each,
  EPOCH,
  GIVEN_AT,
  NOW,
  PLAN,
  planOf,
  signal,
  started,
  succeeded,
  tool,
  value,
  wait,
} from "../plans.ts";

const REF = blobRef.parse("a".repeat(64));
const BLOB = { blob: REF, bytes: 50_000 };
const X = "${steps.a.output.x}";
const loaded = (x: Json): Blobs => ({ get: (ref) => (ref === REF ? { x } : undefined) });
const lost: Blobs = { get: () => undefined, problem: () => "its file is gone" };

const after = { needs: ["a"] };
const calls = { calls: { other: planOf([tool("do")], { inputs: { n: { schema: {} } } }) } };

/** What follows from these facts, of one round. */
function decided(given: readonly Fact[], offer: Offer = {}) {
  const state = emptyState(PLAN);
  for (const fact of given) fold(state, { fact, at: GIVEN_AT });
  return advancing(offer, state, { now: NOW, epoch: EPOCH, random: () => 0.5 });
}

interface Way {
  readonly what: string;
  readonly steps: readonly StepDefinition[];
  readonly x: Json;
  readonly fact: object;
}

const ways: readonly Way[] = [
  {
    what: "the arguments of a call",
    steps: [tool("b", after, { with: { x: X } })],
    x: 1,
    fact: { type: "StepDispatched", data: { args: { inline: { x: 1 } } } },
  },
  {
    what: "a value",
    steps: [value("b", [X], after)],
    x: 1,
    fact: { type: "StepSucceeded", data: { output: { inline: [1] } } },
  },
  {
    what: "a condition",
    steps: [tool("b", { ...after, when: "${steps.a.output.x > 1}" })],
    x: 1,
    fact: { type: "StepSkipped", data: { reason: { kind: "when" } } },
  },
  {
    what: "a concurrency key",
    steps: [tool("b", { ...after, key: `k-${X}` })],
    x: 1,
    fact: { type: "StepDispatched", data: { tokens: ["key:1:k-1"] } },
  },
  {
    what: "the items of an each",
    steps: [each("b", X, { ...after, steps: [tool("do")] })],
    x: [4, 5],
    fact: { type: "StepExpanded", data: { total: 2 } },
  },
  {
    what: "the inputs of a called plan",
    steps: [calling("b", "other", { ...after, with: { n: X } })],
    x: 7,
    fact: { type: "StepExpanded", data: { inputs: { inline: { n: 7 } } } },
  },
  {
    what: "the end of a wait",
    steps: [wait("b", X, after)],
    x: 90_000,
    fact: { type: "StepWaitStarted", data: { dueAt: 90_000 } },
  },
  {
    what: "the name of a signal",
    steps: [signal("b", `s-${X}`, after)],
    x: 3,
    fact: { type: "StepWaitStarted", data: { signal: "s-3" } },
  },
  {
    what: "what is shown for approval",
    steps: [approve("b", { ...after, show: { x: X } })],
    x: 3,
    fact: { type: "StepWaitStarted", data: { approval: { show: { inline: { x: 3 } } } } },
  },
  {
    what: "what is covered by an approval",
    steps: [approve("b", after), tool("c", { needs: ["b"] }, { with: { x: X } })],
    x: 3,
    fact: { type: "StepWaitStarted", data: { approval: { covers: [{ step: "c" }] } } },
  },
];

describe("a step that stands on a payload kept as a blob", () => {
  it.each(ways)("starts when $what can be resolved, and not before", ({ steps, x, fact }) => {
    const given = [...started(planOf([tool("a"), ...steps], calls)), dispatched("a"), succeeded("a", { output: BLOB })];
    scenario(advancing).given(given).when({}).thenNeedsBlobs(REF);
    expect(decided(given, { blobs: loaded(x) })).toMatchObject({ facts: [fact] });
  });

  it.each(ways.filter(({ what }) => what !== "what is covered by an approval"))(
    "fails where the blob with $what is lost",
    ({ steps }) => {
      const given = [
        ...started(planOf([tool("a"), ...steps], calls)),
        dispatched("a"),
        succeeded("a", { output: BLOB }),
      ];
      expect(decided(given, { blobs: lost })).toMatchObject({
        facts: [{ type: "StepFailed", data: { step: "b", attempt: 0 } }],
      });
    },
  );
});

describe("a plan whose end stands on a payload kept as a blob", () => {
  const ends = (fields: Partial<PlanDefinition>) => [
    ...started(planOf([tool("a")], fields)),
    dispatched("a"),
    succeeded("a", { output: BLOB }),
  ];

  it.each(["outputs", "respond"])("succeeds when its %s can be resolved, and not before", (member) => {
    const given = ends({ [member]: { x: X } });
    scenario(advancing).given(given).when({}).thenNeedsBlobs(REF);
    const name = member === "respond" ? "response" : member;
    const done = { type: "PlanSucceeded", data: { [name]: { inline: { x: 1 } } } };
    expect(decided(given, { blobs: loaded(1) })).toMatchObject({ facts: [done] });
    expect(decided(given, { blobs: lost })).toMatchObject({ facts: [{ type: "PlanFailed" }] });
  });
});

describe("templates of one step", () => {
  it("are told apart: a key, arguments, a condition and what is shown", () => {
    const both = tool("b", { when: "${1 + 1 == 2}", key: "k-${1 + 1}" }, { with: { x: "${1 + 2}" } });
    const dispatch = { type: "StepDispatched", data: { args: { inline: { x: 3 } }, tokens: ["key:1:k-2"] } };
    expect(decided(started(planOf([both])))).toMatchObject({ facts: [dispatch] });
    const asks = [approve("a", { show: "${1 + 3}" }), tool("b", { needs: ["a"] }, { with: { x: "${1 + 4}" } })];
    expect(decided(started(planOf(asks)))).toMatchObject({ facts: [{ data: { approval: { show: { inline: 4 } } } }] });
  });
});

describe("templates of two steps", () => {
  const pairs: readonly {
    readonly what: string;
    readonly two: (n: string) => StepDefinition;
    readonly seen: (data: never) => unknown;
  }[] = [
    {
      what: "arguments",
      two: (n) => tool(`a${n}`, {}, { with: { x: `\${${n} + 0}` } }),
      seen: ({ args }: { args: { inline: { x: Json } } }) => args.inline.x,
    },
    {
      what: "keys",
      two: (n) => tool(`a${n}`, { key: `\${"${n}"}` }),
      seen: ({ tokens }: { tokens: readonly string[] }) => Number(tokens[0]?.slice(-1)),
    },
    {
      what: "values",
      two: (n) => value(`a${n}`, `\${${n} + 0}`),
      seen: ({ output }: { output: { inline: Json } }) => output.inline,
    },
    {
      what: "ends of waits",
      two: (n) => wait(`a${n}`, `\${${n} + 9000000000000}`),
      seen: ({ dueAt }: { dueAt: number }) => dueAt - 9_000_000_000_000,
    },
    {
      what: "names of signals",
      two: (n) => signal(`a${n}`, `\${"${n}"}`),
      seen: (data: { signal: string }) => Number(data.signal),
    },
    {
      what: "questions",
      two: (n) => approve(`a${n}`, { show: `\${${n} + 0}` }),
      seen: ({ approval }: { approval: { show: { inline: Json } } }) => approval.show.inline,
    },
    {
      what: "items",
      two: (n) => each(`a${n}`, `\${[${n}]}`, { steps: [tool("do")] }),
      seen: ({ items }: { items: { inline: readonly Json[] } }) => items.inline[0],
    },
    {
      what: "inputs of called plans",
      two: (n) => calling(`a${n}`, "other", { with: { n: `\${${n} + 0}` } }),
      seen: ({ inputs }: { inputs: { inline: { n: Json } } }) => inputs.inline.n,
    },
  ];

  it.each(pairs)("are told apart: $what", ({ two, seen }) => {
    const driver = new Driver();
    const definition = planOf([two("1"), two("2")], calls);
    driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
    const own = driver.events.filter(({ data }) => /^a[12]$/.test((data as { step?: string }).step ?? ""));
    expect(own.slice(0, 2).map(({ data }) => seen(data as never))).toEqual([1, 2]);
  });
});
