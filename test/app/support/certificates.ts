/** Certificates for tests, element by element: no key is behind their signatures. */
import { concat, toBytes, u16, u24, type Payload } from '../../support/packet-builder.js';

export function der(tag: number, ...contents: Payload[]): Uint8Array {
  const body = concat(...contents);
  const { length } = body;
  if (length < 128) return concat([tag, length], body);
  if (length < 256) return concat([tag, 0x81, length], body);
  return length < 65_536 ? concat([tag, 0x82], u16(length), body) : concat([tag, 0x83], u24(length), body);
}

export const STRING = { utf8: 12, printable: 19, teletex: 20, ia5: 22, universal: 28, bmp: 30 } as const;

/** `2.5.4.3` as an object identifier. */
export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const tail = rest.flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(6, [first * 40 + second, ...tail]);
}

/** One attribute of a name: `['2.5.4.3', 'example', STRING.utf8]`. */
export type Attribute = readonly [type: string, value: Payload, tag?: number];
/** Attributes; those of one part of the name stand in a list of their own. */
export type Name = readonly (Attribute | readonly Attribute[])[];

const isOne = (part: Attribute | readonly Attribute[]): part is Attribute => typeof part[0] === 'string';
const attribute = ([type, value, tag = STRING.utf8]: Attribute): Uint8Array => der(0x30, oid(type), der(tag, value));
export const nameOf = (name: Name): Uint8Array =>
  der(0x30, ...name.map((part) => der(0x31, ...(isOne(part) ? [attribute(part)] : part.map(attribute)))));

export interface CertificateFields {
  readonly version?: Payload;
  readonly serial?: Payload;
  readonly issuer?: Name;
  readonly subject?: Name;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** General names, each with its tag: 0x82 a host, 0x87 an address. */
  readonly alternatives?: readonly (readonly [tag: number, value: Payload])[];
}

/** A time of 13 characters is UTCTime, of 15 GeneralizedTime. */
const time = (text: string): Uint8Array => der(text.length === 13 ? 0x17 : 0x18, text);
const SHA256_RSA = der(0x30, oid('1.2.840.113549.1.1.11'), [5, 0]);
const KEY = der(
  0x30,
  der(0x30, oid('1.2.840.113549.1.1.1'), [5, 0]),
  der(3, [0], der(0x30, der(2, [1, 2, 3]), der(2, [3]))),
);

export function certificate(fields: CertificateFields = {}): Uint8Array {
  const {
    serial = [0x0a, 0xbc, 0xde],
    issuer = [
      ['2.5.4.6', 'US', STRING.printable],
      ['2.5.4.3', 'Issuer'],
    ],
  } = fields;
  const {
    subject = [['2.5.4.3', 'example.com']],
    notBefore = '230101000000Z',
    notAfter = '330101000000Z',
    alternatives,
  } = fields;
  const names = alternatives?.map(([tag, value]) => der(tag, value)) ?? [];
  const extension = der(0x30, oid('2.5.29.17'), der(4, der(0x30, ...names)));
  const signed = der(
    0x30,
    fields.version === undefined ? der(0xa0, der(2, [2])) : toBytes(fields.version),
    der(2, serial),
    SHA256_RSA,
    nameOf(issuer),
    der(0x30, time(notBefore), time(notAfter)),
    nameOf(subject),
    KEY,
    alternatives === undefined ? [] : der(0xa3, der(0x30, extension)),
  );
  return der(0x30, signed, SHA256_RSA, der(3, [0, 1, 2, 3, 4]));
}
