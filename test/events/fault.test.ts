import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";

describe("a fault", () => {
  it("is told by its code, and by nothing else", () => {
    const fault: unknown = new Fault("disk-full", "no space is left");
    expect(Fault.is(fault, "disk-full")).toBe(true);
    expect(Fault.is(fault, "disk-slow")).toBe(false);
    expect(Fault.is(Object.assign(new Error("no space"), { code: "disk-full" }), "disk-full")).toBe(false);
    expect(Fault.is(undefined, "disk-full")).toBe(false);
  });

  it("is not worth another try, and has no details and no cause, where nothing is said", () => {
    const fault = new Fault("disk-full", "no space is left");
    expect(fault).toMatchObject({ name: "Fault", message: "no space is left", retryable: false, details: {} });
    expect("cause" in fault).toBe(false);
  });

  it("says what is said", () => {
    const cause = new Error("ENOSPC");
    const fault = new Fault("disk-full", "no space is left", { cause, retryable: true, details: { free: 0 } });
    expect(fault).toMatchObject({ retryable: true, details: { free: 0 } });
    expect(fault.cause).toBe(cause);
  });
});
