/**
 * The `dnp3` object of events, from the message as it was kept. Stage: app; called for events alone, so it allocates.
 * Bounds: 128 objects, 256 points of one.
 */
import { ByteReader } from '../fields/byte-reader.js';
import { eventObject, type EventMembers, type EventValue } from '../fields/event-object.js';
import { DNP3_INDICATIONS } from './buffers.js';
import { ObjectHeader } from './object-header.js';
import { pointFields, type PointField } from './objects.js';

const MOST_OBJECTS = 128;
const MOST_POINTS = 256;
const RESPONSE = 129;
const UNSOLICITED = 130;
const READ = 1;
/** From the highest bit on. */
const INDICATIONS = Object.entries(DNP3_INDICATIONS).sort(([, a], [, b]) => b - a);

const isSet = (value: number, bit: number): boolean => (value & bit) !== 0;

export interface Frame {
  readonly control: number;
  readonly source: number;
  readonly destination: number;
}

/** Of a whole message of the application layer, and of the frame that ended it. */
export function dnp3Object({ control, source, destination }: Frame, message: Uint8Array): string {
  const reader = new ByteReader(message).begin(0, message.length, true);
  const flags = reader.u8();
  const code = reader.u8();
  const isResponse = code >= RESPONSE;
  const indications = isResponse ? reader.u8() * 256 + reader.u8() : 0;
  const { objects, isComplete } = objectsOf(reader, code);
  const names = INDICATIONS.filter(([, bit]) => isSet(indications, bit)).map(([name]) => name);
  return eventObject('dnp3', {
    type: code === UNSOLICITED ? 'unsolicited_response' : isResponse ? 'response' : 'request',
    control: {
      dir: isSet(control, 0x80),
      pri: isSet(control, 0x40),
      fcb: isSet(control, 0x20),
      fcv: isSet(control, 0x10),
      function_code: control & 15,
    },
    src: source,
    dst: destination,
    application: {
      control: {
        fir: isSet(flags, 0x80),
        fin: isSet(flags, 0x40),
        con: isSet(flags, 0x20),
        uns: isSet(flags, 0x10),
        sequence: flags & 15,
      },
      function_code: code,
      objects: objects.length === 0 ? undefined : objects,
      complete: isComplete,
    },
    iin: isResponse ? { indicators: names.length === 0 ? undefined : names } : undefined,
  });
}

function objectsOf(reader: ByteReader, code: number): { objects: EventMembers[]; isComplete: boolean } {
  const objects: EventMembers[] = [];
  const header = new ObjectHeader();
  while (objects.length < MOST_OBJECTS && reader.left > 0) {
    const isKnown = header.read(reader);
    if (reader.failed) break;
    if (isKnown && code === READ) reader.skip(header.count * header.prefixBytes);
    const fields = isKnown ? pointFields(header.group, header.variation) : undefined;
    const isData = !isKnown || (code !== READ && header.count > 0);
    const points = !isData || fields === undefined ? [] : pointsOf(reader, header, fields);
    objects.push({
      group: header.group,
      variation: header.variation,
      qualifier: header.qualifier,
      prefix_code: header.prefixCode,
      range_code: header.rangeCode,
      start: header.start,
      stop: header.stop,
      count: header.count,
      points: points.length === 0 ? undefined : points,
    });
    if (isData && fields === undefined) return { objects, isComplete: false };
  }
  return { objects, isComplete: !reader.failed };
}

function pointsOf(reader: ByteReader, header: ObjectHeader, fields: readonly PointField[]): EventMembers[] {
  const points: EventMembers[] = [];
  const bits = fields.reduce((sum, field) => sum + field.bits, 0);
  const packed = bits < 8 ? new Bits(reader) : null;
  for (let number = 0; number < header.count && points.length < MOST_POINTS && !reader.failed; number++) {
    const prefix = header.prefix(reader);
    const index = header.isIndexed ? prefix : header.start + number;
    const size = header.isSized ? { size: prefix } : {};
    const values = valuesOf(reader, fields, packed ?? new Bits(reader));
    if (!reader.failed) points.push({ prefix, index, ...size, ...values });
  }
  return points;
}

function valuesOf(reader: ByteReader, fields: readonly PointField[], bits: Bits): EventMembers {
  const values: Record<string, EventValue> = {};
  for (const { name, kind, bits: width } of fields) values[name] = width < 8 ? bits.take(width) : valueOf(reader, kind);
  return values;
}

function valueOf(reader: ByteReader, kind: string): EventValue {
  switch (kind) {
    case 'u8':
      return reader.u8();
    case 'u16':
      return reader.u16();
    case 'i16':
      return (reader.u16() << 16) >> 16;
    case 'u32':
      return reader.u32();
    case 'i32':
      return reader.u32() | 0;
    case 'time':
      return reader.u32() + reader.u16() * 2 ** 32;
    default: {
      const at = reader.skip(kind === 'f32' ? 4 : 8);
      if (reader.failed) return undefined;
      const bytes = Buffer.from(reader.bytes);
      const value = kind === 'f32' ? bytes.readFloatLE(at) : bytes.readDoubleLE(at);
      return Number.isFinite(value) ? value : undefined;
    }
  }
}

/** Bits of bytes, the lowest first. */
class Bits {
  private readonly reader: ByteReader;
  private byte = 0;
  private left = 0;

  constructor(reader: ByteReader) {
    this.reader = reader;
  }

  take(count: number): number {
    if (this.left === 0) {
      this.byte = this.reader.u8();
      this.left = 8;
    }
    const value = this.byte & ((1 << count) - 1);
    this.byte >>>= count;
    this.left -= count;
    return value;
  }
}
