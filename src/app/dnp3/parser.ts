/**
 * DNP3 over TCP (IEEE 1815). Stage: app. Each message of the application layer is a transaction; it may come in several
 * segments, each in a frame.
 *
 *   | 05 64 | length | control | to (2) | from (2) | check (2) | blocks of 16 bytes, each with a check (2) |
 *
 * A frame whose header has a wrong check sum is no beginning: the next one is searched for. One whose data has is left
 * out, as a device leaves it out. Bounds: 2 KiB of a message (the specification's limit), 128 objects, 16 384 points.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection, type MessageShare } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { isDnp3Sum, probeDnp3 } from '../probe/industrial.js';
import { TextBlock } from '../text-block.js';
import { DNP3_BUFFERS } from './buffers.js';
import { dnp3Object } from './eve.js';
import { dnp3Event, type Dnp3EventName } from './events.js';
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
const CHECKED_BYTES = 8;
const BLOCK_BYTES = 16;
const CHECK_BYTES = 2;
const LEAST_LENGTH = 5;
const MOST_MESSAGE = 2048;
const FIRST = 0x40;
const LAST = 0x80;
const FIRST_RESPONSE = 129;
const MOST_OBJECTS = 128;
const MOST_POINTS = 16_384;
const READ = 1;

export class Dnp3Connection extends MessageConnection<PlainTransaction> {
  /** What has come of a message, by direction. */
  private readonly parts: readonly [TextBlock, TextBlock];
  private readonly header = new ObjectHeader();
  /** A set of directions whose message is longer than there is room for. */
  private overlong = 0;

  constructor(share: MessageShare<PlainTransaction>) {
    super(share);
    const block = (arena: Arena): TextBlock => new TextBlock(arena, MOST_MESSAGE);
    this.parts = [block(share.arena), block(share.arena)];
  }

  override reset(): void {
    super.reset();
    for (const part of this.parts) part.clear();
    this.overlong = 0;
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
    if (bytes[position] !== 5 || bytes[position + 1] !== 0x64) {
      this.broken = true;
      return false;
    }
    if (!isDnp3Sum(bytes, position, CHECKED_BYTES)) return this.pass(direction, input, 'bad_link_crc');
    if (bytes[position + 2] < LEAST_LENGTH) return this.pass(direction, input, 'len_too_small');
    const data = bytes[position + 2] - LEAST_LENGTH;
    const total = HEADER_BYTES + data + CHECK_BYTES * Math.ceil(data / BLOCK_BYTES);
    if (available < total) return false;
    if (!areBlocksRight(bytes, position + HEADER_BYTES, data)) {
      if (!this.tell(direction, 'bad_transport_crc')) return false;
      this.parts[direction].clear();
    } else if (data > 0 && !this.segment(direction, bytes, position, data)) return false;
    input.take(total);
    return true;
  }

  /** Passes over what is no frame, to the next one. @returns false where there is no room to say so. */
  private pass(direction: Direction, input: Input, event: Dnp3EventName): boolean {
    if (!this.tell(direction, event)) return false;
    this.parts[direction].clear();
    this.lose(direction);
    input.take(1);
    return true;
  }

  private tell(direction: Direction, event: Dnp3EventName): boolean {
    const tx = this.begin();
    if (tx === null) return false;
    tx.raise(dnp3Event(event), direction);
    this.completeAlone(tx, direction);
    return true;
  }

  /** @returns false where there is no room for the message. */
  private segment(direction: Direction, bytes: Uint8Array, frame: number, data: number): boolean {
    const part = this.parts[direction];
    const transport = bytes[frame + HEADER_BYTES];
    if ((transport & FIRST) !== 0) {
      part.clear();
      this.overlong &= ~(1 << direction);
    }
    for (let index = 1; index < data; index++)
      if (!part.push(bytes[frame + HEADER_BYTES + index + CHECK_BYTES * Math.floor(index / BLOCK_BYTES)])) {
        this.overlong |= 1 << direction;
        break;
      }
    if ((transport & LAST) === 0 || part.length < 2) return true;
    const tx = this.begin();
    if (tx === null) return false;
    const sides = 1 << direction;
    tx.addNumber(FIELD.control, sides, bytes[frame + 3]);
    tx.addNumber(FIELD.destination, sides, bytes[frame + 4] | (bytes[frame + 5] << 8));
    tx.addNumber(FIELD.source, sides, bytes[frame + 6] | (bytes[frame + 7] << 8));
    tx.addText(FIELD.data, sides, part.start, part.length);
    if ((this.overlong & sides) !== 0) tx.raise(dnp3Event('too_long_reassembly'), direction);
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
    let points = 0;
    for (let index = 0; reader.left >= 3 && !reader.failed; index++) {
      const isKnown = this.object(tx, sides, code, reader);
      points += this.header.count;
      let wrong: Dnp3EventName | '' = isKnown ? '' : 'unknown_object';
      if (points > MOST_POINTS) wrong = 'too_many_points';
      else if (isKnown && index === MOST_OBJECTS) wrong = 'too_many_objects';
      if (wrong === '') continue;
      tx.raise(dnp3Event(wrong), direction);
      return;
    }
    if (reader.failed) tx.raise(dnp3Event('malformed'), direction);
  }

  /** @returns false where it is not known how long the objects are, or they break off. */
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
    return !reader.failed;
  }
}

function areBlocksRight(bytes: Uint8Array, at: number, data: number): boolean {
  for (let done = 0, from = at; done < data; done += BLOCK_BYTES, from += BLOCK_BYTES + CHECK_BYTES)
    if (!isDnp3Sum(bytes, from, Math.min(BLOCK_BYTES, data - done))) return false;
  return true;
}

function objectOf(tx: PlainTransaction): string {
  if (!tx.has(FIELD.control)) return '';
  const number = (field: number): number => tx.numberOf(field) ?? 0;
  const frame = {
    control: number(FIELD.control),
    source: number(FIELD.source),
    destination: number(FIELD.destination),
  };
  return dnp3Object(frame, tx.bytesOf(FIELD.data) ?? new Uint8Array());
}
