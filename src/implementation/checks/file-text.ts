const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** What is no UTF-8 is U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}
