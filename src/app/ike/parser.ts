/**
 * IKE of versions 1 and 2 (RFC 2408, 2409, 7296). Stage: app. Each datagram is a transaction.
 *
 *   | SPI (8) | SPI (8) | next | version | exchange | flags | message (4) | length (4) | payloads … |
 *   payload: | next | flags | length (2) | … |
 *
 * Bounds: 64 payloads, 16 proposals, 32 transforms of each, and those of the layout. What is encrypted is not read.
 */
import type { Direction } from '../../flow/flow.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { ikeObject } from './eve.js';
import { ikeEvent } from './events.js';
import { ATTRIBUTE_BASE, FIELD, IKE_FIELDS } from './fields.js';
import { ProposalJudge } from './judge.js';
import { attributeOf } from './transforms.js';

export const IKE_LAYOUT: PlainLayout = {
  table: IKE_FIELDS,
  mostBytes: 16_384,
  mostFields: 512,
  overflow: ikeEvent('too_many_fields'),
  print: ikeObject,
};
const HEADER_BYTES = 28;
const SPI_BYTES = 8;
/** Of version 1: what follows is encrypted; of version 2: of who began. */
const ENCRYPTED_FLAG = 1;
const INITIATOR_FLAG = 8;
const MOST_PAYLOADS = 64;
const MOST_PROPOSALS = 16;
const MOST_TRANSFORMS = 32;
const MOST_VENDOR_BYTES = 256;
/** Zeros in front of IKE where ESP shares its port (RFC 3948). */
const NON_ESP_BYTES = 4;
const PAYLOAD = {
  1: { sa: 1, key: 4, nonce: 10, vendor: 13, notify: -1, encrypted: -1, encryptedPart: -1 },
  2: { sa: 33, key: 34, nonce: 40, vendor: 43, notify: 41, encrypted: 46, encryptedPart: 53 },
} as const;
const PROTOCOL_IKE = 1;
const GROUP_BYTES = 4;
const ONE_VALUE = 0x8000;
const HEX = Buffer.from('0123456789abcdef');
export class IkeConnection extends MessageConnection<PlainTransaction> {
  private sides = 0;
  private readonly judge = new ProposalJudge();

  protected override message(direction: Direction, { bytes, position, available }: Input): boolean {
    let at = position;
    let left = available;
    if (left > HEADER_BYTES + NON_ESP_BYTES && (bytes[at] | bytes[at + 1] | bytes[at + 2] | bytes[at + 3]) === 0) {
      at += NON_ESP_BYTES;
      left -= NON_ESP_BYTES;
    }
    if (left < HEADER_BYTES) return false;
    const tx = this.begin();
    if (tx === null) return false;
    this.sides = 1 << direction;
    this.hex(tx, FIELD.initiator, at, SPI_BYTES);
    this.hex(tx, FIELD.responder, at + SPI_BYTES, SPI_BYTES);
    const reader = this.share.reader.begin(at + 2 * SPI_BYTES, at + left);
    const next = reader.u8();
    const version = reader.u8();
    tx.addNumber(FIELD.major, this.sides, version >>> 4);
    tx.addNumber(FIELD.minor, this.sides, version & 15);
    tx.addNumber(FIELD.exchange, this.sides, reader.u8());
    const flags = reader.u8();
    tx.addNumber(FIELD.message, this.sides, reader.u32());
    reader.skip(4);
    if (version >>> 4 !== 1) {
      tx.addNumber(FIELD.isResponder, this.sides, Number((flags & INITIATOR_FLAG) === 0));
      this.payloads(tx, direction, 2, next, reader);
    } else {
      const isEncrypted = (flags & ENCRYPTED_FLAG) !== 0;
      tx.addNumber(FIELD.isResponder, this.sides, direction);
      tx.addNumber(FIELD.isEncrypted, this.sides, Number(isEncrypted));
      if (isEncrypted) tx.addNumber(FIELD.payload, this.sides, next);
      else this.payloads(tx, direction, 1, next, reader);
    }
    if (reader.failed) tx.raise(ikeEvent('malformed_data'), direction);
    this.completeAsSent(tx, direction);
    return true;
  }

  private payloads(
    tx: PlainTransaction,
    direction: Direction,
    version: 1 | 2,
    first: number,
    reader: ByteReader,
  ): void {
    const types = PAYLOAD[version];
    const { end } = reader;
    let type = first;
    for (let index = 0; index < MOST_PAYLOADS && type !== 0; index++) {
      const isLast = type === types.encrypted || type === types.encryptedPart;
      tx.addNumber(FIELD.payload, this.sides, type);
      const next = reader.u8();
      reader.skip(1);
      const length = reader.u16() - 4;
      const start = reader.at;
      if (reader.failed || length < 0 || start + length > end) {
        reader.failed = true;
        return;
      }
      if (type === types.vendor) this.hex(tx, FIELD.vendor, start, Math.min(length, MOST_VENDOR_BYTES));
      else if (type === types.key) this.key(tx, version, start, length);
      else if (type === types.nonce) this.value(tx, FIELD.nonce, FIELD.nonceLength, start, length);
      else if (type === types.notify && length >= 4) this.notification(tx, reader);
      else if (type === types.sa && version === 1) this.association1(tx, reader.begin(start, start + length));
      else if (type === types.sa) this.association2(tx, direction, reader.begin(start, start + length));
      const { failed } = reader;
      reader.begin(start + length, end);
      reader.failed = failed;
      type = next;
      // What is named behind it lies within it.
      if (isLast) break;
    }
    if (version === 2) tx.addNumber(FIELD.payload, this.sides, type);
  }

  private key(tx: PlainTransaction, version: 1 | 2, start: number, length: number): void {
    const skipped = version === 2 ? Math.min(length, GROUP_BYTES) : 0;
    this.value(tx, FIELD.key, FIELD.keyLength, start + skipped, length - skipped);
  }

  private value(tx: PlainTransaction, field: number, lengthField: number, start: number, length: number): void {
    tx.addText(field, this.sides, start, length);
    tx.addNumber(lengthField, this.sides, length);
  }

  private notification(tx: PlainTransaction, reader: ByteReader): void {
    reader.skip(2);
    tx.addNumber(FIELD.notification, this.sides, reader.u16());
  }

  /** Transforms of the first proposal, each with attributes. */
  private association1(tx: PlainTransaction, reader: ByteReader): void {
    tx.addNumber(FIELD.doi, this.sides, reader.u32());
    // The situation, and the head of the proposal.
    reader.skip(4 + 6);
    const spi = reader.u8();
    const count = reader.u8();
    reader.skip(spi);
    let attributes = 0;
    for (let index = 0; index < count && index < MOST_TRANSFORMS && reader.left > 0 && !reader.failed; index++) {
      tx.addNumber(FIELD.transform, this.sides, attributes);
      reader.skip(2);
      const end = reader.at + reader.u16() - 2;
      reader.skip(4);
      attributes += this.attributes(tx, reader, end);
    }
  }

  /** Proposals of transforms: the first is kept, those for IKE itself are judged. */
  private association2(tx: PlainTransaction, direction: Direction, reader: ByteReader): void {
    let index = 0;
    for (; index < MOST_PROPOSALS && reader.left > 0 && !reader.failed; index++) {
      reader.skip(5);
      const isJudged = reader.u8() === PROTOCOL_IKE;
      const spi = reader.u8();
      const count = reader.u8();
      reader.skip(spi);
      this.judge.begin();
      for (let nth = 0; nth < count && nth < MOST_TRANSFORMS && reader.left > 0 && !reader.failed; nth++) {
        reader.skip(2);
        const end = reader.at + reader.u16() - 2;
        const type = reader.u8();
        reader.skip(1);
        const id = reader.u16();
        if (reader.failed) return;
        if (isJudged) this.judge.take(tx, direction, type, id);
        if (index === 0) this.attribute(tx, attributeOf(type), id);
        if (index === 0) this.attributes(tx, reader, end);
        else reader.skip(Math.max(0, end - reader.at));
      }
      if (isJudged && !reader.failed) this.judge.end(tx, direction);
    }
    if (index > 1 && tx.numberOf(FIELD.isResponder) === 1) tx.raise(ikeEvent('multiple_server_proposal'), direction);
  }

  /** @returns how many there are up to `end`. */
  private attributes(tx: PlainTransaction, reader: ByteReader, end: number): number {
    let count = 0;
    while (reader.at < end && !reader.failed) {
      const kind = reader.u16();
      const value = reader.u16();
      if ((kind & ONE_VALUE) !== 0) this.attribute(tx, kind & 0x7fff, value);
      else if (value === 4) this.attribute(tx, kind, reader.u32());
      else reader.skip(value);
      if ((kind & ONE_VALUE) !== 0 || value === 4) count++;
    }
    return count;
  }

  private attribute(tx: PlainTransaction, type: number, value: number): void {
    tx.addNumber(FIELD.attribute, this.sides, type * ATTRIBUTE_BASE + value);
  }

  private hex(tx: PlainTransaction, field: number, start: number, length: number): void {
    if (!tx.beginText(this.sides, 2 * length)) return;
    const from = tx.text.length;
    const { bytes } = this.share.reader;
    for (let index = 0; index < length; index++) {
      tx.text.push(HEX[bytes[start + index] >>> 4]);
      tx.text.push(HEX[bytes[start + index] & 15]);
    }
    tx.endText(field, this.sides, from);
  }
}
