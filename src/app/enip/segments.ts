/** Segments of a path of CIP: a byte that says what and of how many bits, and a value. Stage: app. */
import type { ByteReader } from '../fields/byte-reader.js';

/** Of 8, 16 and 32 bits by the two lowest bits. */
const KINDS: Readonly<Record<number, 'class' | 'instance' | 'attribute'>> = {
  0x20: 'class',
  0x24: 'instance',
  0x30: 'attribute',
};
const NO_SIZE = 3;

/** What the segment of this first byte names; undefined where it is none that is read. */
export const segmentKind = (segment: number): 'class' | 'instance' | 'attribute' | undefined =>
  (segment & 3) === NO_SIZE ? undefined : KINDS[segment & 0xfc];

/** The value behind the first byte. */
export function segmentValue(segment: number, reader: ByteReader): number {
  const size = segment & 3;
  if (size === 0) return reader.u8();
  reader.skip(1);
  return size === 1 ? reader.u16() : reader.u32();
}
