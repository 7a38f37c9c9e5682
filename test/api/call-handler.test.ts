import { expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import { Application } from "#src/api/application.ts";
import { answeringAnywhere } from "#src/api/call-handler.ts";
import { answerOf, type Call, type CallPlace, type Calls } from "#src/ports/calls.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const NEVER = new AbortController().signal;

/** An application that owns nothing, and what was asked of the owner in its place. */
function handed() {
  const asked: (readonly [Call, CallPlace])[] = [];
  const refused = (): Promise<never> =>
    Promise.reject(new Fault("not-owner", "another one has it", { retryable: true, details: { partition: 7 } }));
  const app = new Proxy(Object.create(Application.prototype) as Application, { get: () => refused });
  const calls: Calls = {
    async *call(call, to) {
      asked.push([call, to]);
      yield "done";
    },
    serve: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
    [Symbol.asyncDispose]: async () => {},
  };
  return { asked, handler: answeringAnywhere(app, { calls, clock: new VirtualClock() }) };
}

it.each([
  ["submit", { source: "plan: a\nsteps: { b: { value: 1 } }\n", key: "k" }, true],
  ["submit", { source: "plan: a\nsteps: { b: { value: 1 } }\n" }, false],
  ["cancel", { plan: "01a21e90-71b0-75b4-8caa-c7fd263c3781" }, false],
  ["get", { plan: "01a21e90-71b0-75b4-8caa-c7fd263c3781" }, true],
])(
  "%s that is handed on to the owner is asked again while unheard where twice is as good as once",
  async (operation, input, repeatable) => {
    const { asked, handler } = handed();
    expect(await answerOf(handler({ operation, input, actor: "os:tester" }, NEVER))).toBe("done");
    expect(asked).toEqual([[expect.objectContaining({ operation, input, repeatable }), { partition: 7 }]]);
  },
);
