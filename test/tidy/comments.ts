// Rules about comments: a module says what it is the border between, nothing is left for later, no code sleeps in a comment.
import ts from "typescript";
import { lineOf, nodesOf, type Source } from "./tree.ts";

const HEADER_DUE_LINES = 40;
const MIN_HEADER_LINES = 2;
const MAX_HEADER_LINES = 8;

const POSTPONED = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`);
const CODE =
  /^(?:(?:import|export|const|let|var|return|throw|await|type|interface|class|function|if \(|for \(|while \(|[\w.]+\().*(?:[;{]|=>)|[})\]]+[;,]?|[\w.]+ = .*;)$/;

interface Comment {
  readonly line: number;
  readonly start: number;
  readonly isBlock: boolean;
  readonly text: string;
}

/** A long module without a header comment at the top or right after its imports; a header that is too short or too long. */
export function headerProblems(source: Source): string[] {
  if (source.text.split("\n").length <= HEADER_DUE_LINES) return [];
  const lines = headerOf(source).filter((line) => line !== "").length;
  if (lines === 0) return [`${source.path}: no header comment (what it is the border between, why, its invariants)`];
  return lines < MIN_HEADER_LINES || lines > MAX_HEADER_LINES
    ? [`${source.path}: the header comment has ${lines} lines, not ${MIN_HEADER_LINES} to ${MAX_HEADER_LINES}`]
    : [];
}

/** Reminders and commented-out code. */
export function commentProblems(source: Source): string[] {
  return commentsOf(source).flatMap((comment) =>
    proseOf(comment.text).flatMap((line, index) => {
      const place = `${source.path}:${comment.line + index}`;
      if (POSTPONED.test(line)) return [`${place}: work left for later: ${line}`];
      return !comment.isBlock && CODE.test(line) ? [`${place}: commented-out code: ${line}`] : [];
    }),
  );
}

function headerOf(source: Source): string[] {
  const comments = commentsOf(source);
  const firstCode = source.tree.statements.find((statement) => !ts.isImportDeclaration(statement));
  const codeStart = firstCode?.getStart() ?? source.text.length;
  const firstStatement = source.tree.statements[0]?.getStart() ?? source.text.length;
  const top = groupFrom(comments, (comment) => comment.start < firstStatement);
  if (top.length > 0) return top;
  return groupFrom(comments, (comment) => !comment.text.startsWith("/**") && comment.start < codeStart);
}

function groupFrom(comments: Comment[], isCandidate: (comment: Comment) => boolean): string[] {
  const first = comments.findIndex((comment) => isCandidate(comment) && !comment.text.startsWith("#!"));
  if (first === -1) return [];
  const group = comments.slice(first).filter((comment, index) => {
    const head = comments[first];
    return head !== undefined && (index === 0 || comment.line === head.line + index);
  });
  return group.flatMap((comment) => proseOf(comment.text));
}

function proseOf(comment: string): string[] {
  return comment.split("\n").map((line) => line.replace(/^\s*(?:\/\/+|\/\*+|\*+\/?)?\s?|\s*\*\/$/g, "").trim());
}

function commentsOf(source: Source): Comment[] {
  const found = new Map<number, Comment>();
  for (const node of nodesOf(source.tree)) {
    if (node.getChildCount() > 0 || node.kind === ts.SyntaxKind.JsxText) continue;
    const ranges = [
      ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? []),
    ];
    for (const { pos, end, kind } of ranges) {
      const isBlock = kind === ts.SyntaxKind.MultiLineCommentTrivia;
      found.set(pos, { start: pos, line: lineOf(source, pos), isBlock, text: source.text.slice(pos, end) });
    }
  }
  return [...found.values()].sort((left, right) => left.start - right.start);
}
