import { describe, expect, it } from "vitest";
import { check, planOf } from "./tools.ts";

// The aim is 2 s of one core for both on an idle machine, most of it the YAML library's; tests share theirs.
const MAX_CPU_MS = 8_000;

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const chain = Array.from({ length: 10_000 }, (_, index) => {
  const text = index === 0 ? "start" : `\${steps.s${index - 1}.output}`;
  return `  s${index}:\n    tool: text.wrap\n    with:\n      text: ${text}\n      width: 100\n    timeout: 10s`;
});

describe("a plan of 10,000 steps", () => {
  it("is parsed and checked in time that grows with its length only", () => {
    const spent = cpuMs(() => {
      expect(check(planOf(chain.join("\n"))).ok).toBe(true);
    });
    expect(spent).toBeLessThan(MAX_CPU_MS);
  });

  it("is not slower where every reference is wrong", () => {
    const text = planOf(chain.join("\n")).replaceAll("steps.s", "steps.q");
    const spent = cpuMs(() => {
      expect(check(text)).toMatchObject({ ok: false });
    });
    expect(spent).toBeLessThan(MAX_CPU_MS);
  });

  it("is not slower where all steps need each other in one round", () => {
    const text = planOf(chain.join("\n").replace("text: start", "text: ${steps.s9999.output}"));
    const spent = cpuMs(() => {
      expect(check(text)).toMatchObject({ ok: false, findings: [{ code: "cycle" }] });
    });
    expect(spent).toBeLessThan(MAX_CPU_MS);
  });
});
