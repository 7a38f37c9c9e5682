import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * SHA-256 of a text's UTF-8 bytes as 64 hex digits, where nothing but the language is there, as in a browser. Under Node
 * `imports` of package.json puts src/ports/system/sha256.ts in its place (src/decisions/0018-hash.md).
 */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
