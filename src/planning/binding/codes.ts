// Names that people say where tools take codes: countries (ISO 3166-1), currencies (ISO 4217), languages (ISO 639-1). The names are
// those of the runtime's own locale data in English.

type CodeKind = "country" | "currency" | "language";

const ALIASES: Readonly<Record<CodeKind, Readonly<Record<string, string>>>> = {
  country: { uk: "GB", usa: "US", us: "US", america: "US", britain: "GB", england: "GB", holland: "NL", uae: "AE" },
  currency: {
    dollar: "USD",
    dollars: "USD",
    euro: "EUR",
    euros: "EUR",
    pound: "GBP",
    pounds: "GBP",
    yen: "JPY",
    rupee: "INR",
    rupees: "INR",
    yuan: "CNY",
    franc: "CHF",
    francs: "CHF",
  },
  language: {},
};
const LETTERS = Array.from({ length: 26 }, (_, at) => String.fromCharCode("A".charCodeAt(0) + at));
const TYPES = { country: "region", currency: "currency", language: "language" } as const;
const known = new Map<CodeKind, ReadonlyMap<string, string>>();

/** Undefined of what is no such name. */
export function codeOf(kind: CodeKind, said: string): string | undefined {
  const name = said.toLowerCase().replace(/^the /, "");
  return ALIASES[kind][name] ?? namesOf(kind).get(name);
}

/** What kind of code a parameter wants, by what its schema says. */
export function codeKindOf(words: string): CodeKind | undefined {
  const text = words.toLowerCase();
  if (/\bcountry ?code\b|iso 3166|\bregion\b[^.]*\be\.g\.?,? ?'?"?us\b|\bcode of the (?:region|country)/.test(text))
    return "country";
  if (/\bcurrency ?code\b|iso 4217/.test(text)) return "currency";
  return /\blanguage ?code\b|iso 639|\blanguage\b[^.]*\be\.g\.?,? ?'?"?en\b/.test(text) ? "language" : undefined;
}

function namesOf(kind: CodeKind): ReadonlyMap<string, string> {
  const names = known.get(kind) ?? readNames(kind);
  known.set(kind, names);
  return names;
}

function readNames(kind: CodeKind): ReadonlyMap<string, string> {
  const display = new Intl.DisplayNames(["en"], { type: TYPES[kind], fallback: "none" });
  const codes =
    kind === "currency"
      ? Intl.supportedValuesOf("currency")
      : pairs().map((code) => (kind === "language" ? code.toLowerCase() : code));
  return new Map(
    codes
      .filter((code) => kind !== "country" || isOfToday(code))
      .flatMap((code): readonly (readonly [string, string])[] => {
        const name = display.of(code);
        return name === undefined ? [] : [[name.toLowerCase(), code]];
      }),
  );
}

/** A code that was given up ("FX") has the name of the one that took its place. */
function isOfToday(code: string): boolean {
  return Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
}

function pairs(): readonly string[] {
  return LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
}
