import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import { asArgument } from "#src/planning/binding/as-argument.ts";
import { sameValue, topLevel, type BoundCall } from "#src/planning/binding/argument-model.ts";
import {
  isAddress,
  parameterWords,
  wantsAddress,
  wantsContent,
  type SaidArgument,
  type Wanting,
} from "#src/planning/binding/clause-span.ts";
import { saidAddress } from "#src/planning/binding/said-addresses.ts";
import { isOpaque, saidChoices, saysRole } from "#src/planning/binding/said-choices.ts";
import { saidCount } from "#src/planning/binding/said-counts.ts";
import { saidGlob, saidRevisions, wantsGlob } from "#src/planning/binding/said-patterns.ts";
import { saidContent, saidReplacement, saidTopic } from "#src/planning/binding/said-texts.ts";
import type { Span } from "#src/planning/binding/spans.ts";
import { ordinalOf } from "#src/planning/binding/slot.ts";
import type { Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { contentOf, fieldFor, givenByOthers, readFrom } from "#src/planning/drafting/backward-chain.ts";
import { freeSpans, type Found, type How, type Making, type Wanted } from "#src/planning/drafting/making.ts";
import { scoreOf } from "#src/planning/learning/linear.ts";

// One call of a tool out of one clause: each argument from what the clause says, from what was given before, or from a call that is
// put before this one.
//
// B1. An address is never taken for the thing itself: where content is wanted, what is at the address is read.
// B2. Words are taken once. What is optional is left to the tool, unless the clause says it.

/** The call is the last one of what comes out. */
export function clauseCall(entry: CatalogEntry, making: Making, how: How): Making {
  const bound: Record<string, Source> = {};
  const missing: string[] = [];
  let now = making;
  let own = 0;
  for (const parameter of topLevel(entry)) {
    const name = parameter.path[0] ?? "";
    const found = argumentFor({ ...how, entry, parameter, making: now, bound });
    if (found !== undefined) {
      bound[name] = found.source;
      now = found.making;
      own += found.evidence;
    } else if (parameter.isRequired) {
      missing.push(name);
      own -= MISSING;
    }
  }
  const sureness = Math.log(Math.max(LEAST_SURE, Math.min(1, own / Math.max(1, Object.keys(bound).length))));
  const call: BoundCall = {
    tool: entry.name,
    arguments: bound,
    missing,
    sureness,
  };
  return {
    calls: [...now.calls, call],
    used: now.used,
    evidence: now.evidence + own,
  };
}

const MISSING = 0.8;
const LEAST_SURE = 0.01;

type Way = (wanted: Wanted) => Found | undefined;

function argumentFor(wanted: Wanted): Found | undefined {
  for (const way of waysTo(wanted)) {
    const found = way(wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In this order, the first that gives one. */
function waysTo({ entry, parameter, around }: Wanted): readonly Way[] {
  const isPlain = parameter.options === undefined && parameter.type !== "boolean";
  if (!isPlain) return [saidOption];
  if (wantsGlob({ entry, parameter })) return [said(saidGlob)];
  if (wantsAddress(parameter))
    return parameter.isRequired ? [said(saidAddress), fromFeed, sameAddress] : [said(saidAddress)];
  const special = [said(saidReplacement), said(saidRevisions), said(saidCount), said(saidTopic)];
  if (!parameter.isRequired) return [...special, labelled];
  if (wantsContent(parameter))
    return around.clause.refersBack
      ? [contentBefore, said(saidContent), readFrom]
      : [said(saidContent), readFrom, contentBefore];
  return isOpaque(parameter)
    ? [identified, fromFeed, givenByOthers]
    : [...special, fromFeed, likeliest, givenByOthers, elsewhere];
}

function said(rule: (wanting: Wanting) => SaidArgument | undefined): Way {
  return (wanted) => {
    const { entry, parameter, around } = wanted;
    const found = rule({
      entry,
      parameter,
      clause: around.clause,
      spans: freeSpans(wanted),
    });
    return found && saidAs(wanted, found);
  };
}

function saidAs({ making }: Wanted, { value, said: words, evidence }: SaidArgument): Found {
  return {
    source: { kind: "said", value, said: words },
    evidence,
    making: { ...making, used: [...making.used, words] },
  };
}

const EVIDENCE = {
  option: 0.5,
  back: 0.7,
  before: 0.4,
  same: 0.3,
  likeliest: 0.35,
  risk: 0.7,
  elsewhere: 0.1,
  labelled: 0.5,
  identified: 0.5,
};

/** One of those that are listed, or a switch by its name. */
function saidOption(wanted: Wanted): Found | undefined {
  const { entry, parameter, around } = wanted;
  for (const span of freeSpans(wanted)) {
    const isName =
      entry.nameWords.includes(span.words.toLowerCase()) || span.words.toLowerCase() === around.clause.verb;
    const value = isName || isAddress(span) ? undefined : asArgument(span, parameter);
    const { from, to, words } = span;
    if (value !== undefined)
      return saidAs(wanted, {
        value,
        said: { from, to, words },
        evidence: EVIDENCE.option,
      });
  }
  return undefined;
}

/** What the call of the clause before gave, as the thing that is worked on. */
function contentBefore({ around, parameter, making }: Wanted): Found | undefined {
  const giver = giverOf(around.last, { around, making });
  if (around.last === undefined || giver === undefined) return undefined;
  const { path, fit } = contentOf(giver, parameter);
  if (fit === 0) return undefined;
  const worth = around.clause.refersBack ? EVIDENCE.back : EVIDENCE.before;
  const risk = fit < LEAST_SURE_FIT ? EVIDENCE.risk : 0;
  return {
    source: { kind: "output", call: around.last, path },
    evidence: worth * fit - risk,
    making,
  };
}

/** Below this it may be no text at all when it is there. */
const LEAST_SURE_FIT = 0.4;

function giverOf(
  call: number | undefined,
  { around, making }: Pick<Wanted, "around" | "making">,
): CatalogEntry | undefined {
  const tool = making.calls[call ?? -1]?.tool;
  return around.entries.find(({ name }) => name === tool);
}

const SURE_FEED = 0.84;

/** What a call before surely gives; of the arguments of one kind each is from a call of its own. */
function fromFeed(wanted: Wanted): Found | undefined {
  const { making, parameter } = wanted;
  for (const call of [...making.calls.keys()].reverse()) {
    const giver = giverOf(call, wanted);
    const { path, fit } = giver === undefined ? { path: [], fit: 0 } : fieldFor(giver, parameter);
    if (fit < SURE_FEED || isTakenByOther(wanted, call)) continue;
    return {
      source: { kind: "output", call, path },
      evidence: EVIDENCE.before * fit,
      making,
    };
  }
  return undefined;
}

function isTakenByOther({ entry, bound, parameter }: Wanted, call: number): boolean {
  const role = parameter.meaning.qualifiers.join(" ");
  return entry.parameters.some((other) => {
    const source = bound[other.path[0] ?? ""];
    return source?.kind === "output" && source.call === call && other.meaning.qualifiers.join(" ") !== role;
  });
}

/** "Read a.md and delete it": the address that was said before. */
function sameAddress({ around, parameter, making }: Wanted): Found | undefined {
  const span = around.addresses.find(({ kind }) => parameter.meaning.kinds.includes(kind));
  if (span === undefined || around.spans.some(isAddress)) return undefined;
  const { from, to, words } = span;
  const value = typeof span.found?.value === "string" ? span.found.value : words;
  return {
    source: { kind: "said", value, said: { from, to, words } },
    evidence: EVIDENCE.same,
    making,
  };
}

/** What only a system knows, where it is said exactly. */
function identified(wanted: Wanted): Found | undefined {
  const span = freeSpans(wanted).find(({ kind }) => kind === "identifier" || kind === "quoted");
  const value = span && asArgument(span, wanted.parameter);
  if (span === undefined || value === undefined) return undefined;
  const { from, to, words } = span;
  return saidAs(wanted, {
    value,
    said: { from, to, words },
    evidence: EVIDENCE.identified,
  });
}

/** An optional argument that is called by its name, or that can only be this: a date, an address of mail, a code. */
function labelled(wanted: Wanted): Found | undefined {
  const { parameter } = wanted;
  if (parameter.type !== "string") return undefined;
  const names = new Set(parameterWords(parameter));
  for (const span of freeSpans(wanted)) {
    const value = isAddress(span) ? undefined : asArgument(span, parameter);
    if (value === undefined || span.isJoined) continue;
    const { from, to, words } = span;
    if (isLabelled(span, names) || (value !== words && span.kind === "name"))
      return saidAs(wanted, {
        value,
        said: { from, to, words },
        evidence: EVIDENCE.labelled,
      });
  }
  return undefined;
}

function isLabelled({ left, isWhole, found }: Span, names: ReadonlySet<string>): boolean {
  return names.has(left) && (isWhole || found !== undefined);
}

/** Below this the words are no argument. */
const LEAST_SCORE = -4;

/** Of the words that are left, those that are most likely meant. */
function likeliest(wanted: Wanted): Found | undefined {
  const { entry, parameter, around, making, bound, role, isGiver } = wanted;
  const free = freeSpans(wanted).filter((span) => canBeMeant(span, wanted));
  const inRole = free.filter(({ left, isWhole, isJoined }) => isWhole && !isJoined && saysRole(role, left));
  const usable = isGiver ? free.filter(({ kind }) => kind !== "phrase") : free;
  const slot = {
    ...{
      entry,
      parameter,
      bound,
      before: making.calls,
      entries: around.entries,
      clause: around.clause,
    },
    ordinal: ordinalOf(making.calls, entry.name),
    spans: inRole.length > 0 ? inRole : usable,
  };
  const scored = saidChoices(slot).flatMap(({ source, features }) =>
    source?.kind === "said" ? [{ source, score: scoreOf(around.arguments.linear, features) }] : [],
  );
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (one, other) => ((one?.score ?? LEAST_SCORE) >= other.score ? one : other),
    undefined,
  );
  return best && saidAs(wanted, { ...best.source, evidence: EVIDENCE.likeliest });
}

const NO_WORDS: ReadonlySet<string> = new Set("name place query title text city topic keyword".split(" "));
const QUANTITIES: ReadonlySet<Span["kind"]> = new Set<Span["kind"]>(["number", "money", "percent", "duration"]);

const ELSEWHERE: ReadonlySet<Span["kind"]> = new Set<Span["kind"]>(["date", "date-time", "time", "email", "name"]);

/** A journey has its dates in another clause, and the hotel is for the same: the first one that is not taken here. */
function elsewhere(wanted: Wanted): Found | undefined {
  const { parameter, around, bound, making, isGiver } = wanted;
  if (isGiver) return undefined;
  const isTaken = (span: Span): boolean =>
    Object.values(bound).some((source) => source.kind === "said" && sameValue(source.value, span.found?.value ?? null));
  for (const span of around.values) {
    const value = ELSEWHERE.has(span.kind) && !isTaken(span) ? asArgument(span, parameter) : undefined;
    const { from, to, words } = span;
    if (value !== undefined)
      return { source: { kind: "said", value, said: { from, to, words } }, evidence: EVIDENCE.elsewhere, making };
  }
  return undefined;
}

/** Neither what says which tool is meant, nor a number where something is called by its name. */
function canBeMeant(span: Span, { entry, parameter, around }: Wanted): boolean {
  if (isAddress(span) || span.cuts) return false;
  if (QUANTITIES.has(span.kind) && parameter.meaning.kinds.some((kind) => NO_WORDS.has(kind))) return false;
  const words = nameWords(span.words);
  const telling = words.filter((word) => !SMALL.has(word));
  const toolWords = span.found === undefined ? [...entry.nameWords, ...nameWords(entry.description)] : entry.nameWords;
  return words[0] !== around.clause.verb && !telling.every((word) => isOf(toolWords, word));
}

const SMALL: ReadonlySet<string> = new Set([...SMALL_WORDS, "the"]);

function isOf(named: readonly string[], word: string): boolean {
  return named.includes(word) || named.includes(word.replace(/s$/, ""));
}
