/**
 * IKE of versions 1 and 2 (RFC 2408, 2409, 7296). Stage: app. Each datagram is a transaction.
 *
 *   | SPI (8) | SPI (8) | next | version | exchange | flags | message (4) | length (4) | payloads … |
 *   payload: | next | flags | length (2) | … |
 *
 * Bounds: 64 payloads, and those of the layout. What is encrypted is not read.
 */
import type { Direction } from '../../flow/flow.js';
import { eventObject } from '../fields/event-object.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { IKE_BUFFERS } from './buffers.js';
import { ikeEvent } from './events.js';

const FIELDS = new FieldTable(IKE_BUFFERS, ['major', 'minor', 'message_id', 'payload']);
const F = (name: string): number => FIELDS.of(name);
const FIELD = {
  initiator: F('ike.init_spi'),
  responder: F('ike.resp_spi'),
  vendor: F('ike.vendor'),
  key: F('ike.key_exchange_payload'),
  keyLength: F('ike.key_exchange_payload_length'),
  nonce: F('ike.nonce_payload'),
  nonceLength: F('ike.nonce_payload_length'),
  exchange: F('ike.exchtype'),
  attribute: F('ike.chosen_sa_attribute'),
  major: F('major'),
  minor: F('minor'),
  message: F('message_id'),
};
export const IKE_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 16_384,
  mostFields: 256,
  overflow: ikeEvent('too_many_fields'),
  print: (tx) => ikeObject(tx),
};
const HEADER_BYTES = 28;
const SPI_BYTES = 8;
const ENCRYPTED_FLAG = 1;
const MOST_PAYLOADS = 64;
const MOST_TRANSFORMS = 32;
const MOST_VENDOR_BYTES = 256;
/** Zeros in front of IKE where ESP shares its port (RFC 3948). */
const NON_ESP_BYTES = 4;
const PAYLOAD = {
  1: { sa: 1, key: 4, nonce: 10, vendor: 13 },
  2: { sa: 33, key: 34, nonce: 40, vendor: 43 },
} as const;
const GROUP_BYTES = 4;
const ONE_VALUE = 0x8000;
const WORD = 0x1_0000_0000;
const HEX = Buffer.from('0123456789abcdef');
/** Attributes of version 2, by type of transform: encryption, PRF, integrity, group. */
const TRANSFORMS: Readonly<Record<number, number>> = { 1: 1, 2: 13, 3: 3, 4: 4 };

export class IkeConnection extends MessageConnection<PlainTransaction> {
  private sides = 0;

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
    const isClear = version >>> 4 !== 1 || (flags & ENCRYPTED_FLAG) === 0;
    if (isClear) this.payloads(tx, version >>> 4 === 1 ? 1 : 2, next, reader);
    if (reader.failed) tx.raise(ikeEvent('malformed_data'), direction);
    this.completeAlone(tx, direction);
    return true;
  }

  private payloads(tx: PlainTransaction, version: 1 | 2, first: number, reader: ByteReader): void {
    const types = PAYLOAD[version];
    const { end } = reader;
    let type = first;
    for (let index = 0; index < MOST_PAYLOADS && type !== 0; index++) {
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
      else if (type === types.sa) this.association(tx, version, reader.begin(start, start + length));
      const { failed } = reader;
      reader.begin(start + length, end);
      reader.failed = failed;
      type = next;
    }
  }

  private key(tx: PlainTransaction, version: 1 | 2, start: number, length: number): void {
    const skipped = version === 2 ? Math.min(length, GROUP_BYTES) : 0;
    this.value(tx, FIELD.key, FIELD.keyLength, start + skipped, length - skipped);
  }

  private value(tx: PlainTransaction, field: number, lengthField: number, start: number, length: number): void {
    tx.addText(field, this.sides, start, length);
    tx.addNumber(lengthField, this.sides, length);
  }

  private association(tx: PlainTransaction, version: 1 | 2, reader: ByteReader): void {
    // Domain and situation.
    if (version === 1) reader.skip(8);
    reader.skip(6);
    const spi = reader.u8();
    const count = reader.u8();
    reader.skip(spi);
    for (let index = 0; index < count && index < MOST_TRANSFORMS && reader.left > 0 && !reader.failed; index++) {
      reader.skip(2);
      const end = reader.at + reader.u16() - 2;
      const type = reader.u8();
      reader.skip(1);
      const id = reader.u16();
      if (version === 2) this.attribute(tx, TRANSFORMS[type] ?? 256 + type, id);
      while (reader.at < end && !reader.failed) {
        const kind = reader.u16();
        const value = reader.u16();
        if ((kind & ONE_VALUE) !== 0) this.attribute(tx, kind & 0x7fff, value);
        else if (value === 4) this.attribute(tx, kind, reader.u32());
        else reader.skip(value);
      }
    }
  }

  private attribute(tx: PlainTransaction, type: number, value: number): void {
    tx.addNumber(FIELD.attribute, this.sides, type * WORD + value);
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

/** The `ike` object of events. */
function ikeObject(tx: PlainTransaction): string {
  const vendors = tx.allOf(FIELD.vendor);
  return eventObject('ike', {
    version_major: tx.numberOf(FIELD.major),
    version_minor: tx.numberOf(FIELD.minor),
    exchange_type: tx.numberOf(FIELD.exchange),
    message_id: tx.numberOf(FIELD.message),
    init_spi: tx.textOf(FIELD.initiator),
    resp_spi: tx.textOf(FIELD.responder),
    vendors: vendors.length === 0 ? undefined : vendors,
  });
}
