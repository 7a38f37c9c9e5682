import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planReport } from "#src/implementation/reporting/report.ts";
import { served, type Served } from "./served.ts";

let there: Served;
let url: string;

beforeAll(async () => {
  there = await served();
  const client = there.clients["in-process"];
  const { plan } = await client.submit({ source: "plan: reported\nsteps:\n  one: { value: 1 }\n" });
  await client.wait({ plan });
  url = `${there.url}/v1/plans/${plan}/report`;
});
afterAll(() => there[Symbol.asyncDispose]());

async function got(query: string, accept?: string) {
  const answer = await fetch(url + query, { headers: accept === undefined ? {} : { accept } });
  return { status: answer.status, type: answer.headers.get("content-type"), answer, text: await answer.text() };
}

describe("a report over HTTP", () => {
  it("is JSON where nobody asks for anything else", async () => {
    for (const accept of [
      "*/*",
      "application/json",
      "text/plain, */*",
      "application/json, text/html",
      "text/html;q=0.5, */*",
    ]) {
      const { type, text } = await got("", accept);
      expect(type, accept).toBe("application/json");
      expect(planReport.parse(JSON.parse(text)).percent).toBe(100);
    }
  });

  it.each([
    ["?format=md", "*/*", "text/markdown; charset=utf-8", "# Report of reported"],
    ["?format=html", "*/*", "text/html; charset=utf-8", "<!doctype html>"],
    ["", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", "<!doctype html>"],
    ["", "text/markdown", "text/markdown; charset=utf-8", "# Report of reported"],
    ["?format=md", "text/html", "text/markdown; charset=utf-8", "# Report of reported"],
  ])("is a document by %j and %j", async (...[query, accept, type, beginning]) => {
    const document = await got(query, accept);
    expect(document).toMatchObject({ status: 200, type });
    expect(document.text.slice(0, beginning.length)).toBe(beginning);
    expect(document.answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is in the JSON of a client that names that", async () => {
    const { type, text } = await got("?format=md", "application/json");
    expect(type).toBe("application/json");
    expect(JSON.parse(text)).toHaveProperty("text", expect.stringContaining("# Report of reported"));
  });

  it("lets its page do nothing in a browser", async () => {
    const { answer } = await got("?format=html");
    expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/u);
  });

  it("is refused as anything else", async () => {
    expect(await got("?format=pdf")).toMatchObject({ status: 400, type: "application/problem+json" });
  });

  it("is JSON for what is no measure of liking", async () => {
    expect((await got("", "text/html;q=x, ;;;,,, q=1")).type).toBe("application/json");
  });
});
