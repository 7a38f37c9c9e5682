import { describe, expect, it } from "vitest";
import { checked, evaluated, failure } from "../evaluated.ts";

describe("a timestamp", () => {
  it.each([
    ["2026-03-05t10:20:30z", "2026-03-05T10:20:30Z"],
    ["2026-03-05 10:20:30.25Z", "2026-03-05T10:20:30.250Z"],
    ["2026-03-05T10:20:30.123456789Z", "2026-03-05T10:20:30.123Z"],
    ["2026-03-05T10:20:30+02:00", "2026-03-05T08:20:30Z"],
    ["2026-03-05T23:20:30-01:30", "2026-03-06T00:50:30Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("is read from %s", (text, time) => {
    expect(evaluated(`\${timestamp('${text}')}`)).toBe(time);
  });

  it.each([
    ["timestamp(-1)", "1969-12-31T23:59:59Z"],
    ["timestamp(253402300799)", "9999-12-31T23:59:59Z"],
    ["timestamp(-62135596800)", "0001-01-01T00:00:00Z"],
  ])("is read from seconds: %s", (expression, time) => {
    expect(evaluated(`\${${expression}}`)).toBe(time);
  });

  it.each([
    "timestamp('2026-03-05T10:20Z')",
    "timestamp('2026-03-05T10:20:30')",
    "timestamp('2026-03-05T10:20:30.Z')",
    "timestamp('2026-03-05T10:20:30.1234567890Z')",
    "timestamp('x2026-03-05T10:20:30Z')",
    "timestamp('2026-03-05T10:20:30Zx')",
    "timestamp('x(2026-03-05 10:20:30Z) 2026-03-05 10:20:30Z')",
    "timestamp('2026-03-05T10:20:30+2:00')",
    "timestamp('2026-13-05T10:20:30Z')",
    "timestamp('2026-04-31T10:20:30Z')",
    "timestamp('2026-03-05T25:20:30Z')",
    "timestamp('')",
    "timestamp(253402300800)",
    "timestamp(-62135596801)",
    "timestamp('0001-01-01T00:00:00+00:01')",
    "timestamp('9999-12-31T23:59:59-00:01')",
  ])("is not %s", (expression) => {
    expect(failure(`\${${expression}}`).code).toBe("invalid-argument");
  });

  it.each([
    ["2026-01-01T00:00:00Z", "getDayOfYear()", 0],
    ["2026-12-31T23:59:59Z", "getDayOfYear()", 364],
    ["2024-12-31T00:00:00Z", "getDayOfYear()", 365],
    ["2026-03-01T00:00:00Z", "getDayOfMonth()", 0],
    ["2026-03-01T00:00:00Z", "getDayOfWeek()", 0],
    ["2026-01-01T01:00:00Z", "getFullYear('-02:00')", 2025],
    ["2026-01-01T01:00:00Z", "getMonth('-02:00')", 11],
    ["2026-01-01T01:00:00Z", "getDate('-02:00')", 31],
    ["2026-01-01T01:00:00Z", "getDayOfMonth('-02:00')", 30],
    ["2026-01-01T01:00:00Z", "getDayOfWeek('-02:00')", 3],
    ["2026-01-01T01:00:00Z", "getDayOfYear('-02:00')", 364],
    ["2026-01-01T01:00:00Z", "getHours('-02:30')", 22],
    ["2026-01-01T01:00:00Z", "getMinutes('-02:30')", 30],
    ["2026-01-01T01:00:00Z", "getMinutes('+05:45')", 45],
    ["2026-01-01T01:02:03.004Z", "getHours('UTC')", 1],
    ["2026-01-01T01:02:03.004Z", "getMinutes('Z')", 2],
    ["2026-01-01T01:02:03.004Z", "getSeconds()", 3],
    ["2026-01-01T01:02:03.004Z", "getMilliseconds()", 4],
  ])("of %s has %s %j", (time, part, value) => {
    expect(evaluated(`\${timestamp('${time}').${part}}`)).toBe(value);
  });

  it.each(["utc", "+2:00", "+02:0", "02:00", "x+02:00", "+02:00x", "+aa:00", "+00:aa", ""])(
    "has no time zone %j",
    (zone) => {
      expect(failure(`\${timestamp(0).getHours('${zone}')}`).code).toBe("invalid-argument");
    },
  );
});

describe("a duration", () => {
  it.each([
    ["1500000ns", "0.0015s"],
    ["1500us", "0.0015s"],
    ["250ms", "0.25s"],
    ["90s", "90s"],
    ["2m", "120s"],
    ["1h", "3600s"],
    ["2d", "172800s"],
    ["1d2h3m4s5ms", "93784.005s"],
    ["1.5h", "5400s"],
    ["1.25h", "4500s"],
    ["-90s", "-90s"],
    ["+5s", "5s"],
    ["-1h30m", "-5400s"],
  ])("is read from %s", (text, value) => {
    expect(evaluated(`\${duration('${text}')}`)).toBe(value);
  });

  it.each(["", "5", "s", "5x", "x5s", "5sx", "1h 30m", "--5s", ".5s", "1.s", "1.1234567890s"])("is not %j", (text) => {
    expect(failure(`\${duration('${text}')}`).code).toBe("invalid-argument");
  });

  it("is read from a text of 64 characters and from none above", () => {
    expect(evaluated(`\${duration('${"1s".repeat(32)}')}`)).toBe("32s");
    expect(failure(`\${duration('${"1s".repeat(31)}10s')}`).code).toBe("invalid-argument");
  });

  it.each([
    ["duration('-90s').getMinutes()", -1],
    ["duration('119s').getMinutes()", 1],
    ["duration('7199s').getHours()", 1],
    ["duration('1.9s').getSeconds()", 1],
    ["duration('1.5s').getMilliseconds()", 1500],
  ])("in whole units is cut off: %s is %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`)).toBe(value);
  });

  it("has a type that time functions take and text functions do not", () => {
    expect(checked("${duration('1s').getHours()}", {})).toMatchObject({
      ok: true,
      template: { type: { type: "integer" } },
    });
    expect(checked("${timestamp(0).getHours('UTC')}", {})).toMatchObject({
      ok: true,
    });
    expect(checked("${timestamp(0)}", {})).toMatchObject({
      template: { type: { format: "date-time" } },
    });
    expect(checked("${lower(duration('1s'))}", {})).toMatchObject({
      findings: [{ code: "wrong-argument" }],
    });
    expect(checked("${duration('1s').getDate()}", {})).toMatchObject({
      findings: [{ code: "wrong-argument" }],
    });
    expect(checked("${timestamp(0).getHours(2)}", {})).toMatchObject({
      findings: [{ code: "wrong-argument" }],
    });
  });
});
