/** Messages of DCE/RPC for tests, in either order of bytes. */
import { concat, hex, toBytes, type Payload } from '../../support/packet-builder.js';

export interface Order {
  readonly little?: boolean;
}

export const word = (value: number, little = true): number[] =>
  little ? [value & 0xff, value >>> 8] : [value >>> 8, value & 0xff];
export const long = (value: number, little = true): number[] =>
  little
    ? [...word(value & 0xffff), ...word(value >>> 16)]
    : [...word(value >>> 16, false), ...word(value & 0xffff, false)];

const LITTLE_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
export function uuid(text: string, little = true): Uint8Array {
  const bytes = hex(text.replace(/-/g, ''));
  return little ? Uint8Array.from(LITTLE_ORDER, (place) => bytes[place]!) : bytes;
}

export interface PduFields extends Order {
  readonly flags?: number;
  readonly callId?: number;
  readonly minor?: number;
  /** What authenticates, behind a header and padding. */
  readonly authentication?: Payload;
}

export function pdu(type: number, body: Payload, fields: PduFields = {}): Uint8Array {
  const { flags = 3, callId = 1, little = true, minor = 0, authentication } = fields;
  const trailer =
    authentication === undefined
      ? new Uint8Array(0)
      : concat(pad(body), [10, 6, pad(body).length, 0], long(0, little), authentication);
  const authLength = authentication === undefined ? 0 : toBytes(authentication).length;
  const length = 16 + toBytes(body).length + trailer.length;
  return concat(
    [5, minor, type, flags, little ? 0x10 : 0, 0, 0, 0],
    word(length, little),
    word(authLength, little),
    long(callId, little),
    body,
    trailer,
  );
}

const pad = (body: Payload): number[] => new Array<number>((4 - (toBytes(body).length & 3)) & 3).fill(0);

const NDR = '8a885d04-1ceb-11c9-9fe8-08002b104860';

export interface Interface {
  readonly id?: number;
  readonly uuid: string;
  readonly version?: number;
  readonly minor?: number;
}

export function bind(
  interfaces: readonly Interface[],
  fields: PduFields & { readonly type?: number } = {},
): Uint8Array {
  const { little = true, type = 11 } = fields;
  const items = interfaces.map(({ id = 0, uuid: text, version = 1, minor = 0 }) =>
    concat(
      word(id, little),
      [1, 0],
      uuid(text, little),
      word(version, little),
      word(minor, little),
      uuid(NDR, little),
      long(2, little),
    ),
  );
  const body = concat(word(4280, little), word(4280, little), long(0, little), [interfaces.length, 0, 0, 0], ...items);
  return pdu(type, body, fields);
}

export function bindAck(
  results: readonly number[],
  fields: PduFields & { readonly type?: number; readonly address?: string } = {},
): Uint8Array {
  const { little = true, type = 12, address = '\\PIPE\\srvsvc\0' } = fields;
  const head = concat(word(4280, little), word(4280, little), long(7, little), word(address.length, little), address);
  const items = results.map((result) =>
    concat(word(result, little), word(result === 0 ? 0 : 1, little), uuid(NDR, little), long(2, little)),
  );
  const padding = new Array<number>((4 - (head.length & 3)) & 3).fill(0);
  return pdu(type, concat(head, padding, [results.length, 0, 0, 0], ...items), fields);
}

export interface CallFields extends PduFields {
  readonly context?: number;
  readonly opnum?: number;
  readonly object?: Payload;
}

export function request(stub: Payload, fields: CallFields = {}): Uint8Array {
  const { little = true, context = 0, opnum = 0, object, flags = 3 } = fields;
  const head = concat(long(toBytes(stub).length, little), word(context, little), word(opnum, little), object ?? []);
  return pdu(0, concat(head, stub), { ...fields, flags: object === undefined ? flags : flags | 0x80 });
}

export function response(stub: Payload, fields: CallFields = {}): Uint8Array {
  const { little = true, context = 0 } = fields;
  return pdu(2, concat(long(toBytes(stub).length, little), word(context, little), [0, 0], stub), fields);
}

export interface DatagramFields extends Order {
  readonly type?: number;
  readonly flags?: number;
  readonly interface?: string;
  readonly activity?: string;
  readonly version?: number;
  readonly sequence?: number;
  readonly opnum?: number;
  readonly fragment?: number;
}

export function datagram(stub: Payload, fields: DatagramFields = {}): Uint8Array {
  const { little = true, type = 0, flags = 0, version = 1, sequence = 0, opnum = 0, fragment = 0 } = fields;
  const { interface: iface = SRVSVC, activity = '12345678-1234-abcd-ef00-0123456789ab' } = fields;
  return concat(
    [4, type, flags, 0, little ? 0x10 : 0, 0, 0, 0],
    new Uint8Array(16),
    uuid(iface, little),
    uuid(activity, little),
    long(0, little),
    long(version, little),
    long(sequence, little),
    word(opnum, little),
    [0xff, 0xff, 0xff, 0xff],
    word(toBytes(stub).length, little),
    word(fragment, little),
    [0, 0],
    stub,
  );
}

export const SRVSVC = '4b324fc8-1670-01d3-1278-5a47bf6ee188';
export const SAMR = '12345778-1234-abcd-ef00-0123456789ac';
