import type { ApprovalReport, ChangeReport, PlanReport, StepReport } from "./report.ts";
import { momentText, plain, sizeText, spanText } from "./report-text.ts";
import {
  actualText,
  CALIBRATION_HEAD,
  calibrationTexts,
  causeTexts,
  estimateText,
  slipOfChange,
  summaryOf,
} from "./summary.ts";

// A report as Markdown: the summary first, then changes or steps, and what holds them up.
// What a plan or a tool said is text in it and never markup (GitHub Flavored Markdown, HTML included).

export function markdownOf(report: PlanReport): string {
  const { name, plan, description, at, status, error } = report;
  return [
    `# Report of ${text(name)}`,
    `\`${plan}\`: ${text(status)}, as of ${momentText(at)}.${description === undefined ? "" : ` ${text(description)}`}`,
    ...(error === undefined ? [] : [`**${text(error)}**`]),
    summaryOf(report)
      .map((line) => `- **${line.label}:** ${text(line.text)}`)
      .join("\n"),
    ...section("Changes", changesTable(report.changes)),
    ...report.changes.flatMap(changeDetail),
    ...(report.changes.length === 0 ? section("Steps", stepsTable(report)) : []),
    ...section("Blocked", list(report.blocked.map((chain) => chain.text))),
    ...section("Approvals", approvalsTable(report.approvals)),
    ...section(
      "Taken back",
      list(
        report.takenBack.map(({ step, state, text: why }) => `${step}: ${state}${why === undefined ? "" : `, ${why}`}`),
      ),
    ),
    ...section(
      "Calibration of estimates",
      table(
        CALIBRATION_HEAD,
        report.calibration.map((row) => [row.class, ...calibrationTexts(row)]),
      ),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

function section(title: string, body: string): readonly string[] {
  return body === "" ? [] : [`## ${title}`, body];
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${text(line)}`).join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((row) => line(row.map(text)))].join("\n");
}

function changesTable(changes: readonly ChangeReport[]): string {
  const head = ["Change", "State", "Weight", "Risk", "Estimate (o / m / p)", "Actual", "Slip"];
  return table(
    head,
    changes.map((change) => [
      `${change.id}: ${change.title}`,
      change.state,
      String(change.weight),
      change.risk,
      estimateText(change),
      actualText(change),
      slipOfChange(change),
    ]),
  );
}

function changeDetail(change: ChangeReport): readonly string[] {
  const { files, acceptance, commit, patchBytes, error, outside } = change;
  const lines = [
    ...(error === undefined ? [] : [`failed: ${error}`]),
    ...causeTexts(change).map((cause) => `slip ${cause}`),
    ...(outside === undefined ? [] : [`expected ${outside}`]),
    ...(commit === undefined
      ? []
      : [`commit ${commit}${patchBytes === undefined ? "" : `, patch of ${sizeText(patchBytes)}`}`]),
    ...files.map(({ path, change: kind, before, after }) => `${kind} ${path} ${hashes(before, after)}`),
    ...(acceptance === undefined ? [] : [`acceptance: ${acceptance.verdict}`, ...acceptance.evidence]),
  ];
  return lines.length === 0 ? [] : [`### ${text(change.id)}`, list(lines)];
}

const HASH_CHARS = 10;

function hashes(before: string | undefined, after: string | undefined): string {
  const short = (hash: string | undefined): string => hash?.slice(0, HASH_CHARS) ?? "none";
  return before === undefined && after === undefined ? "" : `(${short(before)} to ${short(after)})`;
}

function stepsTable({ steps, stepsLeftOut }: PlanReport): string {
  const rows = steps.map(({ step, state, tool, attempts, startAt, endAt, error }: StepReport) => [
    step,
    state,
    tool ?? "",
    String(attempts),
    startAt === undefined || endAt === undefined ? "—" : spanText(endAt - startAt),
    error ?? "",
  ]);
  const more = stepsLeftOut === 0 ? "" : `\n\nand ${stepsLeftOut} more`;
  return table(["Step", "State", "Tool", "Attempts", "Took", "Error"], rows) + more;
}

function approvalsTable(approvals: readonly ApprovalReport[]): string {
  const moment = (at: number | undefined): string => (at === undefined ? "—" : momentText(at));
  return table(
    ["Question", "State", "Role", "By", "Asked", "Decided", "Covers", "Note"],
    approvals.map(({ step, state, role, by, askedAt, decidedAt, covers, note, error }) => [
      step,
      state,
      role ?? "anybody",
      by.join(", "),
      moment(askedAt),
      moment(decidedAt),
      covers.join(", "),
      note ?? error ?? "",
    ]),
  );
}

/** Everything that Markdown or HTML gives a meaning is escaped. */
function text(source: string): string {
  return plain(source)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_{}[\]#|~!]/gu, String.raw`\$&`)
    .replaceAll("://", ":&#47;&#47;")
    .replaceAll("@", "&#64;");
}
