/**
 * Blocks of a pcapng file, with comments. Stage: output, main thread. Little-endian, times in microseconds.
 *
 * See draft-ietf-opsawg-pcapng: a block is its type, length, body, options and length again, all in words of 4 bytes.
 */
const BLOCK = { section: 0x0a0d0d0a, interface: 1, statistics: 5, packet: 6 } as const;
const OPTION = { end: 0, comment: 1, interfaceName: 2, application: 4 } as const;
const BYTE_ORDER = 0x1a2b3c4d;
const MOST_OPTION = 0xffff;

interface Option {
  readonly code: number;
  readonly text: string;
}

const comments = (texts: readonly string[]): Option[] => texts.map((text) => ({ code: OPTION.comment, text }));

/** What a file begins with. */
export function sectionHeader(application: string, texts: readonly string[]): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER, 0);
  body.writeUInt16LE(1, 4);
  // The section's length is not given.
  body.fill(0xff, 8);
  return block(BLOCK.section, body, [...comments(texts), { code: OPTION.application, text: application }]);
}

/** Comes before the first packet of its number, which is counted from 0. */
export function interfaceDescription(linkType: number, name: string): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(linkType, 0);
  return block(BLOCK.interface, body, [{ code: OPTION.interfaceName, text: name }]);
}

export function enhancedPacket(
  number: number,
  timeUs: number,
  frame: Uint8Array,
  wireLength: number,
  texts: readonly string[],
): Buffer {
  const body = Buffer.alloc(20 + padded(frame.length));
  body.writeUInt32LE(number, 0);
  writeTime(body, timeUs);
  body.writeUInt32LE(frame.length, 12);
  body.writeUInt32LE(Math.max(wireLength, frame.length), 16);
  body.set(frame, 20);
  return block(BLOCK.packet, body, comments(texts));
}

/** Carries comments that belong to no packet; its time is that of the latest one. */
export function statistics(number: number, timeUs: number, texts: readonly string[]): Buffer {
  const body = Buffer.alloc(12);
  body.writeUInt32LE(number, 0);
  writeTime(body, timeUs);
  return block(BLOCK.statistics, body, comments(texts));
}

/** Captures may hold any 64-bit time, in seconds even, and offsets to before 1970. */
function writeTime(body: Buffer, timeUs: number): void {
  const time = Math.min(Math.max(0, Math.floor(timeUs)), Number.MAX_SAFE_INTEGER);
  body.writeUInt32LE(Math.floor(time / 2 ** 32), 4);
  body.writeUInt32LE(time % 2 ** 32, 8);
}

const padded = (length: number): number => (length + 3) & ~3;

function block(type: number, body: Buffer, options: readonly Option[]): Buffer {
  const texts = options.map(({ code, text }) => ({ code, bytes: Buffer.from(text).subarray(0, MOST_OPTION) }));
  const optionBytes = texts.length === 0 ? 0 : texts.reduce((sum, { bytes }) => sum + 4 + padded(bytes.length), 0) + 4;
  const length = 12 + body.length + optionBytes;
  const out = Buffer.alloc(length);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(length, 4);
  out.set(body, 8);
  let at = 8 + body.length;
  for (const { code, bytes } of texts) {
    out.writeUInt16LE(code, at);
    out.writeUInt16LE(bytes.length, at + 2);
    out.set(bytes, at + 4);
    at += 4 + padded(bytes.length);
  }
  // The end of options is four zeroes.
  out.writeUInt32LE(length, length - 4);
  return out;
}
