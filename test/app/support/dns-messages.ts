/** Messages of DNS for tests, from readable descriptions. Names are written without compression unless asked. */
import { concat, ip, toBytes, u16, u32, type Payload } from '../../support/packet-builder.js';

export interface RecordFields {
  readonly name: Payload;
  readonly type: number;
  readonly class?: number;
  readonly ttl?: number;
  readonly data?: Payload;
}

export interface MessageFields {
  readonly id?: number;
  readonly flags?: number;
  readonly queries?: readonly Pick<RecordFields, 'name' | 'type' | 'class'>[];
  readonly answers?: readonly RecordFields[];
  readonly authorities?: readonly RecordFields[];
  readonly additionals?: readonly RecordFields[];
  /** Overrides what the header says of the sections. */
  readonly counts?: readonly [number, number, number, number];
}

export const TYPE = {
  a: 1,
  ns: 2,
  cname: 5,
  soa: 6,
  null: 10,
  ptr: 12,
  mx: 15,
  txt: 16,
  aaaa: 28,
  srv: 33,
  opt: 41,
  sshfp: 44,
  https: 65,
} as const;

/** A name as labels; bytes are taken as they are. */
export function labels(name: string): Uint8Array {
  const parts = name === '' ? [] : name.split('.');
  return concat(...parts.flatMap((part) => [[part.length], toBytes(part)]), [0]);
}

const nameOf = (name: Payload): Payload => (typeof name === 'string' ? labels(name) : name);

export const pointer = (to: number): number[] => u16(0xc000 | to);

export function dnsRecord({ name, type, class: kind = 1, ttl = 60, data = [] }: RecordFields): Uint8Array {
  return concat(nameOf(name), u16(type), u16(kind), u32(ttl), u16(toBytes(data).length), data);
}

export function dnsMessage(fields: MessageFields): Uint8Array {
  const {
    id = 0x1234,
    flags = 0x0100,
    queries = [],
    answers = [],
    authorities = [],
    additionals = [],
    counts,
  } = fields;
  const [a, b, c, d] = counts ?? [queries.length, answers.length, authorities.length, additionals.length];
  const asked = queries.map(({ name, type, class: kind }) => concat(nameOf(name), u16(type), u16(kind ?? 1)));
  const records = [...answers, ...authorities, ...additionals].map(dnsRecord);
  return concat(u16(id), u16(flags), u16(a), u16(b), u16(c), u16(d), ...asked, ...records);
}

/** With its length in front, as in a stream. */
export const inStream = (message: Uint8Array): Uint8Array => concat(u16(message.length), message);

export const query = (name: Payload, type: number = TYPE.a, more: MessageFields = {}): Uint8Array =>
  dnsMessage({ queries: [{ name, type }], ...more });

export const address = (text: string): Uint8Array => Uint8Array.from(ip(text));
