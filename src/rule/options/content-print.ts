/**
 * Writes the bytes of a content so that the grammar of contents reads them back. Stage: rule (print).
 */

const PIPE = 124;
const ESCAPED = '";:\\';

/** The bytes as a quoted string: printable ASCII as it is, the rest in hexadecimal between pipes. */
export function printContentBytes(bytes: Uint8Array): string {
  let text = '"';
  let inHex = false;
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== PIPE && !ESCAPED.includes(String.fromCharCode(byte));
    if (plain) text += (inHex ? '|' : '') + String.fromCharCode(byte);
    else text += (inHex ? ' ' : '|') + byte.toString(16).toUpperCase().padStart(2, '0');
    inHex = !plain;
  }
  return `${text}${inHex ? '|' : ''}"`;
}
