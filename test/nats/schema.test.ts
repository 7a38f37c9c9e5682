import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { decodeForCoordinator, decodeForExecutor } from "#src/bus/wire.ts";
import { decodeLive } from "#src/nats/live.ts";
import { parcelNotice } from "#src/nats/parcels.ts";
import { COMMANDS, LIVE, offerOf, ONE, OUTCOMES, reportOf } from "../contracts/bus-messages.ts";

// schemas/bus.schema.json is what writers in other languages read. It accepts what a receiver accepts, and refuses what one refuses:
// tried with every message, and with each of its members left out, and replaced by something else.

const schema = JSON.parse(readFileSync(new URL("../../schemas/bus.schema.json", import.meta.url), "utf8")) as object;
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
ajv.addSchema(schema);

const NOTICE = { from: ONE, digest: "0f".repeat(32), bytes: 2_000_000, partBytes: 500_000 };
const pulse = { kind: "alive", executor: ONE, load: { slots: 4, used: 1 } };

const CASES: readonly (readonly [string, readonly object[], (bytes: Uint8Array) => unknown])[] = [
  ["ExecutorMessage", COMMANDS, decodeForExecutor],
  ["Offer", [offerOf(ONE)], ofKinds(["offer"], decodeForCoordinator)],
  ["Report", OUTCOMES.map((outcome) => reportOf(ONE, outcome)), ofKinds(["report"], decodeForCoordinator)],
  ["Pulse", [pulse, { ...pulse, kind: "gone" }], ofKinds(["alive", "gone"], decodeForCoordinator)],
  ["LiveMessage", LIVE, decodeLive],
  ["ParcelNotice", [NOTICE], (bytes) => parcelNotice.parse(JSON.parse(Buffer.from(bytes).toString()))],
];

const REPLACEMENTS: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  0,
  7,
  "",
  "x",
  "x".repeat(5_000),
  [],
  [1],
  [-1],
  ["a"],
  {},
];

describe("the schema of the bus", () => {
  it.each(CASES)("says of %s what a receiver says", (name, messages, decode) => {
    const accepts = ajv.compile({ $ref: `bus.schema.json#/$defs/${name}` });
    const isTaken = (message: unknown): boolean => {
      try {
        decode(Buffer.from(JSON.stringify(message)));
        return true;
      } catch {
        return false;
      }
    };
    let [taken, refused] = [0, 0];
    for (const message of messages) {
      expect(accepts(message), JSON.stringify(accepts.errors)).toBe(true);
      for (const variant of variantsOf(message)) {
        const isRight = isTaken(variant);
        expect(accepts(variant), JSON.stringify(variant).slice(0, 300)).toBe(isRight);
        if (isRight) taken += 1;
        else refused += 1;
      }
    }
    expect(Math.min(taken, refused)).toBeGreaterThan(0);
  });
});

/** The message with one member left out, or with something else, at every depth. */
function* variantsOf(value: unknown): Generator {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  yield { ...value, "a-later-member": 1 };
  for (const [key, member] of Object.entries(value)) {
    const others = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    yield others;
    for (const replacement of REPLACEMENTS) yield { ...others, [key]: replacement };
    for (const inner of variantsOf(member)) yield { ...others, [key]: inner };
  }
}

function ofKinds(kinds: readonly string[], decode: (bytes: Uint8Array) => { readonly kind: string }) {
  return (bytes: Uint8Array): void => {
    if (!kinds.includes(decode(bytes).kind)) throw new Error("another kind");
  };
}
