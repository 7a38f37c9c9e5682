/** At most so many characters, of which the last one says where something is left out. */
export function shortText(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}
