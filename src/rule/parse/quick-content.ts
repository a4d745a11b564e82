/**
 * Contents of plain text and well-formed hexadecimal without the grammar. Stage: rule (parse).
 *
 *   "GET |0d 0a|"    !"abc"
 *
 * PERF: nine of ten contents are such, and the grammar takes ten times as long. What is not exactly this (escapes,
 * blanks in other places, modifiers) is the grammar's; a property test holds the two together.
 */

const PLAIN = /^!?"[^"\\|]+"$/;
const WITH_BYTES = /^!?"(?:[^"\\|]|\|[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2})*\|)+"$/;
/** Below the grammar's cap on tokens. */
const MAXIMUM_LENGTH = 2048;
const PIPE = 0x7c;

/** Undefined where the grammar must look. */
export function quickContent(text: string): { readonly negated: boolean; readonly bytes: Uint8Array } | undefined {
  if (text.length > MAXIMUM_LENGTH) return undefined;
  const negated = text.charCodeAt(0) === 0x21;
  const start = negated ? 2 : 1;
  if (PLAIN.test(text)) {
    const bytes = new Uint8Array(text.length - 1 - start);
    return fill(bytes, text, start) === bytes.length ? { negated, bytes } : undefined;
  }
  if (!WITH_BYTES.test(text)) return undefined;
  const bytes = new Uint8Array(text.length);
  const length = fill(bytes, text, start);
  return length < 0 ? undefined : { negated, bytes: bytes.slice(0, length) };
}

/** Writes what stands between the quotes; the number of bytes, or -1 where a character is no byte. */
function fill(bytes: Uint8Array, text: string, start: number): number {
  let length = 0;
  for (let at = start; at < text.length - 1; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) return -1;
    if (code !== PIPE) {
      bytes[length++] = code;
      continue;
    }
    // Each pair of digits is followed by a blank or the closing pipe.
    for (at++; ; at += 3) {
      bytes[length++] = (digit(text.charCodeAt(at)) << 4) | digit(text.charCodeAt(at + 1));
      if (text.charCodeAt(at + 2) === PIPE) break;
    }
    at += 2;
  }
  return length;
}

/** Value of a hexadecimal digit. */
const digit = (code: number): number => (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57);
