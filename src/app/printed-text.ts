/** Bytes as text in events. Stage: app; called for events alone, so it may allocate. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 as it is; of what is none, each byte that is not ASCII as `\xe9`, as Suricata prints it. */
export function printedText(bytes: Uint8Array, start: number, length: number): string {
  const copy = bytes.slice(start, start + length);
  try {
    return utf8.decode(copy);
  } catch {
    return Array.from(copy, printedByte).join('');
  }
}

const printedByte = (byte: number): string => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`);

/** Bytes as hexadecimal digits, with something between them. */
export function printedHex(bytes: Uint8Array, start: number, length: number, between = ''): string {
  return Array.from(bytes.slice(start, start + length), (byte) => byte.toString(16).padStart(2, '0')).join(between);
}
