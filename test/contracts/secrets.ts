import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Secrets } from "#src/ports/secrets.ts";
import { defineTool } from "#src/tools/define.ts";
import { REDACTED } from "#src/tools/redaction.ts";
import { runTool } from "#src/tools/run.ts";
import { contextOf } from "../tools/context.ts";

// What every implementation of the secrets port keeps.

export interface SecretsHarness extends AsyncDisposable {
  readonly secrets: Secrets;
  /** Puts a secret where the implementation looks for it; undefined takes it away. */
  set(name: string, value: string | undefined): Promise<void>;
}

const VALUE = "s3cr3t-välue";
const NAMES_THAT_ARE_NONE = [
  "",
  ".",
  "..",
  "../up",
  "a/b",
  "/etc/passwd",
  "a\u0000b",
  "1st",
  "-x",
  "x".repeat(129),
  "ä",
];

export function secretsContract(open: () => Promise<SecretsHarness>): void {
  describe("a secret", () => {
    let harness: SecretsHarness;
    const resolve = (name: string, signal = new AbortController().signal): Promise<string> =>
      harness.secrets.resolve({ $secret: name }, signal);
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness[Symbol.asyncDispose]());

    it("is found by its name, whatever letters a name may have", async () => {
      for (const name of ["TOKEN", "_a", "db.password", "api-key", "v1.2-x_Y", "x".repeat(128)]) {
        await harness.set(name, `${VALUE} of ${name}`);
        expect(await resolve(name)).toBe(`${VALUE} of ${name}`);
      }
    });

    it("is looked up anew each time", async () => {
      await harness.set("TOKEN", "before");
      expect(await resolve("TOKEN")).toBe("before");
      await harness.set("TOKEN", "after");
      expect(await resolve("TOKEN")).toBe("after");
      await harness.set("TOKEN", undefined);
      await expect(resolve("TOKEN")).rejects.toMatchObject({ code: "secret-missing" });
    });

    it("that is not there is a fault that says where it was looked for, and repeats no other value", async () => {
      await harness.set("OTHER", VALUE);
      const error: unknown = await resolve("TOKEN").catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "secret-missing", message: expect.stringMatching(/TOKEN; looked for \w+/) });
      expect(told(error)).not.toContain(VALUE);
    });

    it("whose name is none is refused, and what was given is not repeated", async () => {
      for (const name of NAMES_THAT_ARE_NONE) {
        const error: unknown = await resolve(name).catch((thrown: unknown) => thrown);
        expect(error, JSON.stringify(name)).toMatchObject({ code: "secret-missing" });
        expect(told(error)).toContain("what was given is not repeated");
      }
      const pasted: unknown = await resolve(`${VALUE} pasted`).catch((thrown: unknown) => thrown);
      expect(told(pasted)).not.toContain(VALUE);
    });

    it("is not looked up for an attempt that was aborted", async () => {
      await harness.set("TOKEN", VALUE);
      await expect(resolve("TOKEN", AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
    });

    it("is blotted out of everything that a tool lets out", async () => {
      await harness.set("TOKEN", VALUE);
      const leaky = defineTool({
        name: "test.leaky",
        version: "1.0.0",
        description: "Repeats its secret.",
        input: z.object({}),
        output: z.unknown(),
        sideEffects: "read",
        run: async (_, context) => {
          const value = await context.secret({ $secret: "TOKEN" });
          context.log(`asked with ${value}`);
          return { echoed: [`token=${value}`] };
        },
      });
      const said: unknown[] = [];
      const context = { ...contextOf({ said }), secret: ({ $secret }: { $secret: string }) => resolve($secret) };
      const outcome = await runTool(leaky, {}, context);
      expect(outcome).toMatchObject({ ok: true, output: { echoed: [`token=${REDACTED}`] } });
      expect(said[0]).toBe(`asked with ${REDACTED}`);
    });
  });
}

/** Everything that an error could say, to a person or a log. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = "details" in error ? JSON.stringify(error.details) : "";
  return `${error.message} ${details} ${error.stack} ${error.cause === undefined ? "" : told(error.cause)}`;
}
