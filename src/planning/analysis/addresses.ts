import type { BareValue } from "#src/planning/analysis/value.ts";

// Quotations, URLs, mail addresses, paths and identifiers: what stands in a request exactly as a tool takes it. Every length in a
// pattern is bounded, so that each takes linear time whatever the request is.

/** Pairs of marks; an apostrophe opens a quotation only where no word goes on. */
const QUOTED =
  /"([^"\n]{0,2000})"|“([^”\n]{0,2000})”|«([^»\n]{0,2000})»|`([^`\n]{0,2000})`|(?<![\p{L}\p{N}])['‘]([^'‘’\n]{1,2000})['’](?![\p{L}\p{N}])/gu;
const URL_LIKE = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"'`]{1,2000}/giu;
const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gu;
/** From a root, a dot, a home or a drive; or a name with an extension that files have. */
const PATH =
  /(?<![\p{L}\p{N}_.~/\\-])(?:(?:~|\.{1,2})?\/[\w.@+~-][\w.@+~/-]{0,500}|[A-Z]:[\\/][\w.\\/ -]{1,500}\w|(?:[\w-]{1,100}\/){0,20}[\w-]{1,100}(?:\.[\w-]{1,20}){0,3}\.(?:[a-z]{2,5}|[a-z]\d))(?![\p{L}\p{N}])/gu;
/** Files that have no extension by custom, those that begin with a dot, and folders that end with a slash. */
const BARE_PATH =
  /(?<![\p{L}\p{N}_.~/\\-])(?:[\w-]{1,100}\/){0,20}(?:LICEN[CS]E|COPYING|NOTICE|README|CHANGELOG|CONTRIBUTING|AUTHORS|CODEOWNERS|Makefile|Dockerfile|Containerfile|Jenkinsfile|Procfile|Vagrantfile|Gemfile|Rakefile|Justfile)(?![\p{L}\p{N}_./-]{0,2}[\p{L}\p{N}])|(?<=^|[\s"'(])(?:[\w-]{1,100}\/){0,20}\.[a-z][\w-]{1,40}(?:\.[\w-]{1,20}){0,3}(?![\p{L}\p{N}/])|(?<![\p{L}\p{N}_.~/:\\-])(?:[\w-]{1,100}\/){1,20}(?![\p{L}\p{N}_.*~/\\-])/gu;
const IDENTIFIER = /(?<![\p{L}\p{N}_.-])[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*(?![\p{L}\p{N}])/gu;
/** As tags of releases are: v1.2, v2.0.0-rc.1. */
const VERSION =
  /(?<![\p{L}\p{N}_.-])v\d{1,9}(?:\.\d{1,9}){1,3}(?:-[A-Za-z0-9]{1,20}(?:\.[A-Za-z0-9]{1,20}){0,3})?(?![\p{L}\p{N}])/gu;
/** A sentence goes on behind it. */
const TRAILING = /[.,;:!?)\]}]+$/u;

export function addressesIn(text: string): readonly BareValue[] {
  return [
    ...Array.from(text.matchAll(QUOTED), (found) => quoted(found)),
    ...found(text, URL_LIKE, "url"),
    ...found(text, EMAIL, "email"),
    ...found(text, PATH, "path"),
    ...found(text, BARE_PATH, "path"),
    ...found(text, VERSION, "identifier"),
    ...found(text, IDENTIFIER, "identifier").filter(({ words }) => isIdentifier(words)),
  ];
}

function quoted({ 0: words, index, ...groups }: RegExpMatchArray & { index: number }): BareValue {
  const value = [groups[1], groups[2], groups[3], groups[4], groups[5]].find((group) => group !== undefined) ?? "";
  return { kind: "quoted", value, from: index, to: index + words.length, words };
}

function found(text: string, pattern: RegExp, kind: "url" | "email" | "path" | "identifier"): readonly BareValue[] {
  return Array.from(text.matchAll(pattern), ({ 0: all, index }) => {
    const words = all.replace(TRAILING, "");
    return { kind, value: words, from: index, to: index + words.length, words };
  });
}

const LEAST_IDENTIFIER_CHARS = 3;

/** Letters and digits in one word, as in TJ12345678, INV-2024-001 or snake_case: not 3rd, 4x4 or 10km. */
function isIdentifier(word: string): boolean {
  if (word.length < LEAST_IDENTIFIER_CHARS) return false;
  const isMixed = /\d/.test(word) && /[A-Za-z]/.test(word) && !/^\d+[a-z]{1,3}$/i.test(word) && !/^\d+x\d+$/.test(word);
  return isMixed || /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/i.test(word);
}
