/**
 * DNP3 over TCP (IEEE 1815). Stage: app. Each message of the application layer is a transaction; it may come in several
 * segments, each in a frame.
 *
 *   | 05 64 | length | control | to (2) | from (2) | check (2) | blocks of 16 bytes, each with a check (2) |
 *
 * Bounds: 2 KiB of a message (the specification's limit), 128 objects.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection, type MessageShare } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeDnp3 } from '../probe/industrial.js';
import { TextBlock } from '../text-block.js';
import { DNP3_BUFFERS } from './buffers.js';
import { dnp3Object } from './eve.js';
import { dnp3Event } from './events.js';
import { ObjectHeader } from './object-header.js';
import { pointBits } from './objects.js';

const FIELDS = new FieldTable(DNP3_BUFFERS, ['source', 'destination', 'control']);
const F = (name: string): number => FIELDS.of(name);
const FIELD = {
  data: F('dnp3.data'),
  function: F('dnp3_func'),
  indications: F('dnp3_ind'),
  object: F('dnp3.object'),
  source: F('source'),
  destination: F('destination'),
  control: F('control'),
};
export const DNP3_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 2048,
  mostFields: 160,
  overflow: dnp3Event('too_many_fields'),
  print: (tx) => objectOf(tx),
};
const HEADER_BYTES = 10;
const BLOCK_BYTES = 16;
const CHECK_BYTES = 2;
const LEAST_LENGTH = 5;
const MOST_MESSAGE = 2048;
const FIRST = 0x40;
const LAST = 0x80;
const FIRST_RESPONSE = 129;
const MOST_OBJECTS = 128;
const READ = 1;

export class Dnp3Connection extends MessageConnection<PlainTransaction> {
  /** What has come of a message, by direction. */
  private readonly parts: readonly [TextBlock, TextBlock];
  private readonly header = new ObjectHeader();

  constructor(share: MessageShare<PlainTransaction>) {
    super(share);
    const block = (arena: Arena): TextBlock => new TextBlock(arena, MOST_MESSAGE);
    this.parts = [block(share.arena), block(share.arena)];
  }

  override reset(): void {
    super.reset();
    for (const part of this.parts) part.clear();
  }

  override gap(direction: Direction, bytes: number): boolean {
    this.parts[direction].clear();
    return super.gap(direction, bytes);
  }

  protected override probe(): Probe {
    return probeDnp3;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { bytes, position, available } = input;
    if (available < HEADER_BYTES) return false;
    if (bytes[position] !== 5 || bytes[position + 1] !== 0x64 || bytes[position + 2] < LEAST_LENGTH) {
      this.broken = true;
      return false;
    }
    const data = bytes[position + 2] - LEAST_LENGTH;
    const total = HEADER_BYTES + data + CHECK_BYTES * Math.ceil(data / BLOCK_BYTES);
    if (available < total) return false;
    if (data > 0 && !this.segment(direction, bytes, position, data)) return false;
    input.take(total);
    return true;
  }

  /** @returns false where there is no room for the message. */
  private segment(direction: Direction, bytes: Uint8Array, frame: number, data: number): boolean {
    const part = this.parts[direction];
    const transport = bytes[frame + HEADER_BYTES];
    if ((transport & FIRST) !== 0) part.clear();
    for (let index = 1; index < data; index++)
      if (!part.push(bytes[frame + HEADER_BYTES + index + CHECK_BYTES * Math.floor(index / BLOCK_BYTES)])) break;
    if ((transport & LAST) === 0 || part.length < 2) return true;
    const tx = this.begin();
    if (tx === null) return false;
    const sides = 1 << direction;
    tx.addNumber(FIELD.control, sides, bytes[frame + 3]);
    tx.addNumber(FIELD.destination, sides, bytes[frame + 4] | (bytes[frame + 5] << 8));
    tx.addNumber(FIELD.source, sides, bytes[frame + 6] | (bytes[frame + 7] << 8));
    tx.addText(FIELD.data, sides, part.start, part.length);
    this.application(tx, direction, this.share.reader.begin(part.start, part.start + part.length, true));
    part.clear();
    this.completeAlone(tx, direction);
    return true;
  }

  private application(tx: PlainTransaction, direction: Direction, reader: ByteReader): void {
    const sides = 1 << direction;
    reader.skip(1);
    const code = reader.u8();
    tx.addNumber(FIELD.function, sides, code);
    if (code >= FIRST_RESPONSE) {
      reader.little = false;
      tx.addNumber(FIELD.indications, sides, reader.u16());
      reader.little = true;
    }
    for (let index = 0; index < MOST_OBJECTS && reader.left >= 3 && !reader.failed; index++)
      if (!this.object(tx, sides, code, reader)) {
        tx.raise(dnp3Event('unknown_object'), direction);
        return;
      }
    if (reader.failed) tx.raise(dnp3Event('malformed'), direction);
  }

  /** @returns false where it is not known how long the objects are. */
  private object(tx: PlainTransaction, sides: number, code: number, reader: ByteReader): boolean {
    const { header } = this;
    const isKnown = header.read(reader);
    tx.addNumber(FIELD.object, sides, header.group * 256 + header.variation);
    if (!isKnown) return reader.failed;
    if (code === READ) {
      reader.skip(header.count * header.prefixBytes);
      return true;
    }
    const bits = pointBits(header.group, header.variation);
    if (bits < 0) return header.count === 0;
    reader.skip(Math.ceil((header.count * (bits + 8 * header.prefixBytes)) / 8));
    return true;
  }
}

function objectOf(tx: PlainTransaction): string {
  const number = (field: number): number => tx.numberOf(field) ?? 0;
  const frame = {
    control: number(FIELD.control),
    source: number(FIELD.source),
    destination: number(FIELD.destination),
  };
  return dnp3Object(frame, tx.bytesOf(FIELD.data) ?? new Uint8Array());
}
