/**
 * What a client tells of itself when it connects (T.125, 7; T.124, 8.7; MS-RDPBCGR, 2.2.1.3). Stage: app.
 *
 *   0x65 { texts, whether, three sets of numbers, data }                       in BER
 *   data: | key (7) | length | 8 bytes | "Duca" | length | blocks …            lengths of 1 or 2 bytes
 *   block: | type (2) | length (2) | … |                                       little endian
 *
 * Bounds: MOST_BLOCKS and MOST_CHANNELS.
 */
import { DIRECTION } from '../../flow/flow.js';
import type { BerReader } from '../asn1/ber-reader.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { u16le, u32le } from '../probe/answer.js';
import { RDP_FIELD } from './fields.js';

const SIDES = 1 << DIRECTION.toServer;
const CONNECT = 0x65;
const OCTETS = 4;
/** Two texts, whether, and three sets of numbers. */
const AHEAD_OF_DATA = 6;
const KEY_BYTES = 7;
const HEAD_BYTES = 12;
const BLOCK = { core: 0xc001, channels: 0xc003 } as const;
const BLOCK_HEAD = 4;
const MOST_BLOCKS = 32;
const MOST_CHANNELS = 31;
const CHANNEL_BYTES = 12;
const CHANNEL_NAME = 8;
const CORE = { least: 128, name: 20, nameBytes: 32, product: 142, productBytes: 64, most: 207 } as const;

/** `at`: the tag. @returns false where it breaks off. */
export function readConference(tx: PlainTransaction, ber: BerReader, at: number, end: number): boolean {
  const { bytes } = ber;
  if (!ber.enter(CONNECT, at, end)) return false;
  const { stop } = ber;
  for (let index = 0, place = ber.start; index < AHEAD_OF_DATA; index++, place = ber.stop)
    if (!ber.read(place, stop)) return false;
  if (!ber.enter(OCTETS, ber.stop, stop)) return false;
  const last = ber.stop;
  const afterKey = afterLength(bytes, ber.start + KEY_BYTES, last);
  const blocks = afterLength(bytes, afterKey + HEAD_BYTES, last);
  return blocks <= last && readBlocks(tx, bytes, blocks, last);
}

const afterLength = (bytes: Uint8Array, at: number, end: number): number =>
  at < end && bytes[at] > 0x7f ? at + 2 : at + 1;

function readBlocks(tx: PlainTransaction, bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  for (let index = 0; index < MOST_BLOCKS && end - at >= BLOCK_HEAD; index++) {
    const type = u16le(bytes, at);
    const length = u16le(bytes, at + 2);
    if (length < BLOCK_HEAD || at + length > end) return false;
    if (type === BLOCK.core) readCore(tx, bytes, at + BLOCK_HEAD, at + length);
    else if (type === BLOCK.channels) readChannels(tx, bytes, at + BLOCK_HEAD, at + length);
    at += length;
  }
  return true;
}

function readCore(tx: PlainTransaction, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < CORE.least) return;
  tx.addText(RDP_FIELD.core, SIDES, at, Math.min(end - at, CORE.most));
  wide(tx, RDP_FIELD.name, bytes, at + CORE.name, CORE.nameBytes);
  if (end - at >= CORE.product + CORE.productBytes)
    wide(tx, RDP_FIELD.product, bytes, at + CORE.product, CORE.productBytes);
}

/** A text of UTF-16 that ends with a zero. */
function wide(tx: PlainTransaction, field: number, bytes: Uint8Array, at: number, most: number): void {
  let length = 0;
  while (length < most && u16le(bytes, at + length) !== 0) length += 2;
  if (length > 0) tx.addText(field, SIDES, at, length);
}

function readChannels(tx: PlainTransaction, bytes: Uint8Array, from: number, end: number): void {
  if (end - from < 4) return;
  const count = Math.min(u32le(bytes, from), MOST_CHANNELS);
  for (let index = 0, at = from + 4; index < count && end - at >= CHANNEL_BYTES; index++, at += CHANNEL_BYTES) {
    let length = 0;
    while (length < CHANNEL_NAME && bytes[at + length] !== 0) length++;
    tx.addText(RDP_FIELD.channel, SIDES, at, length);
  }
}
