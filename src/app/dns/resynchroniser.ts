/**
 * Finds where messages begin again in a stream of DNS of which bytes are missing. Stage: app.
 *
 *   | length | id | flags | 1 question | … | name | type | class IN |        what is looked for: some 60 bits are given
 *
 * Looks at every byte, so that it does not matter how the stream was cut.
 */
const LENGTH_BYTES = 2;
const HEADER_BYTES = 12;
const QUESTION_BYTES = 4;
const LEAST_BYTES = HEADER_BYTES + 1 + QUESTION_BYTES;
const MOST_LABEL = 63;
const MOST_NAME = 255;
const CLASS_IN = 1;
/** Queries, notifications, updates. */
const KNOWN_OPCODES = 0b110001;
const Z_FLAG = 0x0040;

export const FOUND = { no: 0, yes: 1, more: 2 } as const;
export type Found = (typeof FOUND)[keyof typeof FOUND];

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

/** Whether a length and a message begin at `at`. */
export function beginsMessage(bytes: Uint8Array, at: number, end: number): Found {
  if (at + LENGTH_BYTES + HEADER_BYTES > end) return FOUND.more;
  const length = u16(bytes, at);
  const start = at + LENGTH_BYTES;
  if (length < LEAST_BYTES || u16(bytes, start + 4) !== 1) return FOUND.no;
  const flags = u16(bytes, start + 2);
  if ((flags & Z_FLAG) !== 0 || ((KNOWN_OPCODES >>> ((flags >>> 11) & 0x0f)) & 1) === 0) return FOUND.no;
  return hasQuestion(bytes, start + HEADER_BYTES, Math.min(end, start + length), end < start + length);
}

function hasQuestion(bytes: Uint8Array, at: number, end: number, isCut: boolean): Found {
  const missing = isCut ? FOUND.more : FOUND.no;
  const limit = at + MOST_NAME;
  for (;;) {
    if (at >= end) return missing;
    const size = bytes[at++];
    if (size === 0) break;
    if (size > MOST_LABEL || at + size > limit) return FOUND.no;
    at += size;
  }
  if (at + QUESTION_BYTES > end) return missing;
  return u16(bytes, at) !== 0 && u16(bytes, at + 2) === CLASS_IN ? FOUND.yes : FOUND.no;
}
