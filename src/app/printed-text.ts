/** Bytes as text in events. Stage: app; called for events alone, so it may allocate. */
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
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

/** As Suricata prints payloads and bodies: what is neither printable nor a line's end is a dot. */
export function printedPayload(bytes: Uint8Array, start: number, length: number): string {
  let text = '';
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i]!;
    const isShown = (byte >= 0x20 && byte < 0x7f) || byte === LINE_FEED || byte === CARRIAGE_RETURN;
    text += isShown ? String.fromCharCode(byte) : '.';
  }
  return text;
}

/** Bytes as hexadecimal digits, with something between them. */
export function printedHex(bytes: Uint8Array, start: number, length: number, between = ''): string {
  return Array.from(bytes.slice(start, start + length), (byte) => byte.toString(16).padStart(2, '0')).join(between);
}

/** The first of a list of texts, as many as that many characters have room for, with quotes and a comma for each. */
export function firstOf(texts: readonly string[], characters: number): string[] {
  let room = characters;
  return texts.filter((text) => (room -= text.length + 3) > 0);
}
