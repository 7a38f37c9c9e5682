// Plans whose whole course is kept as a history: together they use what a plan can be through.
import { runPlan, type PlanRun } from "#src/testing/run-plan.ts";
import { fails, hangs, scriptedTool, takes } from "#src/testing/scripted-tool.ts";

const DAY_MS = 86_400_000;

const ORDER_PLAN = `
plan: order
inputs:
  items: { type: array, items: { type: string } }
steps:
  pick:
    each: \${inputs.items}
    as: item
    concurrency: 2
    do: { tool: shelf.pick, with: { item: "\${item}" } }
  paid: { signal: payment }
  check:
    approve: { role: clerk, show: "\${steps.pick.output}", expires: 2d }
    needs: [paid]
  ship:
    tool: parcel.ship
    needs: [check, pick]
    timeout: 30s
    retry: { attempts: 3, delay: 1m, backoff: exponential, jitter: none }
    fallback:
      - { tool: parcel.courier, with: { to: door } }
respond: "\${steps.ship.output}"
`;

const UNDONE_PLAN = `
plan: booking
onFailure: rollback
steps:
  flight:
    tool: flight.book
    undo: { tool: flight.cancel, with: { id: "\${output}" } }
  hotel:
    tool: hotel.book
    undo: { tool: hotel.cancel, with: { id: "\${output}" } }
    needs: [flight]
  car:
    tool: car.book
    needs: [hotel]
`;

const COUNTED_PLAN = `
plan: countdown
deadline: 1h
steps:
  tick:
    repeat: { wait: 10m }
    until: index >= 2
    max: 5
  late: { wait: 2h }
`;

/** Goes well, with everything that a good day has: items, a signal, an approval, a retry, a fallback. */
export const ORDER = (): Promise<PlanRun> =>
  runPlan(ORDER_PLAN, {
    inputs: { items: ["pen", "ink", "paper"] },
    signals: [{ name: "payment", payload: { cents: 900 }, afterMs: DAY_MS }],
    approvals: { check: { verdict: "approved", afterMs: DAY_MS } },
    tools: [
      scriptedTool("shelf.pick", ({ args }) => takes(1_000, args["item"] ?? null)),
      scriptedTool("parcel.ship", [fails("unavailable", "no van"), hangs(), fails("unavailable", "no van")], {
        idempotent: true,
      }),
      scriptedTool("parcel.courier", ["shipped"]),
    ],
  });

export const RECORDINGS: Readonly<Record<string, () => Promise<PlanRun>>> = {
  order: ORDER,
  "booking-undone": () =>
    runPlan(UNDONE_PLAN, {
      tools: [
        scriptedTool("flight.book", ["f-1"]),
        scriptedTool("flight.cancel", [takes(5_000, null)]),
        scriptedTool("hotel.book", ["h-1"]),
        scriptedTool("hotel.cancel", [fails("unavailable", "closed"), null], { idempotent: true }),
        scriptedTool("car.book", [fails("not-found", "no cars")]),
      ],
    }),
  "deadline-passed": () => runPlan(COUNTED_PLAN),
};
