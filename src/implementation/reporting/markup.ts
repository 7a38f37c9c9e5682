import { plain } from "./report-text.ts";

// HTML that cannot be broken: what is put into it is text unless it was made here.
//
// K1. Every value of a template is escaped for text and for attributes in double quotes, and has no control and direction characters.

export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Value = string | number | Markup | readonly Markup[] | undefined;

/** A tag for templates: html`<td>${title}</td>`. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const pieces = parts.map((part, index) => part + sourceOf(values[index]));
  return new Markup(pieces.join(""));
}

function sourceOf(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.source;
  if (typeof value === "object") return value.map(({ source }) => source).join("");
  return escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return plain(text).replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? "");
}
