import { parse, type DefaultTreeAdapterTypes as Tree, type ParserError } from "parse5";
import { describe, expect, it } from "vitest";
import { markdownOf } from "#src/implementation/reporting/markdown.ts";
import { pageOf } from "#src/implementation/reporting/page.ts";
import { plain } from "#src/implementation/reporting/report-text.ts";
import type { PlanReport } from "#src/implementation/reporting/report.ts";
import { inline } from "#events/payload.ts";
import { PlanInProgress } from "../../projections/plan-in-progress.ts";
import { changeOf, madeOf, mergedOf, MINUTE, stepsOf } from "./plan-of-changes.ts";
import { reportOf } from "./reported.ts";

const HOSTILE = [
  `</script><script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  `</style></title></svg><iframe src="javascript:alert(1)">`,
  `<!-- --!> ]]> <![CDATA[`,
  `&lt;b&gt; &amp; &#60;i&#62;`,
  `\u202eeliforp\u202c \u2066isolated\u2069 \u200b`,
  `\u001b[31mred\u001b[0m \u0007 \u0000 \u009b1m`,
  `| pipe [link](javascript:alert(1)) ![image](http://evil.example/x.png) \`code\` # *bold* <b>`,
  `\ud800 lonely`,
];

/** With the text in every place that somebody else writes. */
function hostileReport(text: string): PlanReport {
  const change = changeOf("a", { title: text, gap: text, remedy: text });
  const plan = new PlanInProgress(
    stepsOf([{ change }, { change: changeOf("b", { title: text }), needs: ["a", "approve_x"] }]),
    {
      name: text.slice(0, 200),
      description: text,
      onFailure: "continue",
    },
  );
  plan.tell({ type: "SendSignal", name: "implement", payload: inline(null), by: text });
  plan.succeed("ready").after(MINUTE).succeed("a", madeOf("a", text)).succeed("a_merge", mergedOf("a")).after(MINUTE);
  const report = reportOf(plan.state, plan.now);
  return {
    ...report,
    error: text,
    changes: report.changes.map((one) => ({
      ...one,
      error: text,
      files: [{ path: text, change: "changed", before: text }],
    })),
    approvals: report.approvals.map((one) => ({ ...one, by: [text], note: text })),
    takenBack: [{ step: text, state: "left", text }],
    calibration: [
      { class: text, changes: 1, withinP50: 1, withinP90: 1, brier: 0.01, pinballMs: { p50: 1, p90: 1 }, ratio: 1 },
    ],
  };
}

interface Parsed {
  readonly elements: readonly Tree.Element[];
  readonly errors: readonly ParserError[];
  readonly text: string;
}

function parsed(source: string): Parsed {
  const errors: ParserError[] = [];
  const document = parse(source, { onParseError: (error) => errors.push(error), sourceCodeLocationInfo: true });
  const elements: Tree.Element[] = [];
  let text = "";
  const visit = (node: Tree.Node): void => {
    if ("tagName" in node) elements.push(node);
    if (node.nodeName === "#text" && "value" in node) text += node.value;
    if ("childNodes" in node) for (const child of node.childNodes) visit(child);
  };
  visit(document);
  return { elements, errors, text };
}

const shapeOf = ({ elements }: Parsed) =>
  elements.map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)]);

describe("the page of a report", () => {
  const harmless = parsed(pageOf(hostileReport("harmless")));

  it("is well-formed", () => expect(harmless.errors).toEqual([]));

  it.each(HOSTILE)("has the same elements and attributes whatever is written in it: %j", (text) => {
    const page = parsed(pageOf(hostileReport(text)));
    expect(page.errors).toEqual([]);
    expect(shapeOf(page)).toEqual(shapeOf(harmless));
    expect(page.text).toContain(plain(text));
  });

  it("loads nothing, runs nothing and links nowhere", () => {
    const tags = new Set(harmless.elements.map(({ tagName }) => tagName));
    for (const tag of ["script", "link", "img", "iframe", "a", "object", "form"]) expect(tags).not.toContain(tag);
    const names = harmless.elements.flatMap(({ attrs }) => attrs.map(({ name }) => name));
    expect(names.filter((name) => name.startsWith("on") || name === "href" || name === "src")).toEqual([]);
    expect(pageOf(hostileReport("harmless"))).not.toMatch(/url\(|@import/u);
  });

  it("says in a title, a description and a table what the chart draws", () => {
    const chart = harmless.elements.find(({ tagName }) => tagName === "svg");
    const labelled = chart?.attrs.find(({ name }) => name === "aria-labelledby")?.value.split(" ");
    const ids = harmless.elements.flatMap(({ attrs }) =>
      attrs.filter(({ name }) => name === "id").map(({ value }) => value),
    );
    expect(ids).toEqual(expect.arrayContaining(labelled ?? ["none"]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(harmless.elements.filter(({ tagName }) => tagName === "th").length).toBeGreaterThan(5);
  });
});

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

describe("the Markdown of a report", () => {
  it.each(HOSTILE)("gives no meaning to what somebody wrote: %j", (text) => {
    const source = markdownOf(hostileReport(text));
    expect(source).not.toMatch(CONTROL);
    expect(source.replaceAll(/\\./gu, "")).not.toMatch(/<\w|\]\(|!\[|:\/\//u);
    const lines = (of: string) => markdownOf(hostileReport(of)).split("\n").length;
    expect(source.split("\n").length).toBe(lines("harmless"));
  });
});
