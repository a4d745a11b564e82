/**
 * Bytes kept as characters (latin1) back to the text they are. Files are read as latin1 so that contents survive;
 * people write and read UTF-8.
 */

/** Characters that stand for bytes, decoded where they are valid UTF-8; unchanged where they are not. */
export function decodeLatin1(text: string): string {
  if (isAscii(text) || /[^\0-\xff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
    );
  } catch {
    return text;
  }
}

export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
