// Names that programmers give, as words: "originSkyId", "origin_sky_id" and "Origin-Sky-ID" are the same three.

const PARTS = /\p{Lu}+(?![\p{Ll}])\d*|\p{Lu}?[\p{Ll}]+|\p{N}+|[\p{L}]+/gu;

export function nameWords(name: string): readonly string[] {
  return Array.from(name.matchAll(PARTS), ([part]) => part.toLowerCase());
}
