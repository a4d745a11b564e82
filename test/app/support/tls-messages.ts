/** Records and messages of TLS for tests, from readable descriptions. */
import { concat, toBytes, u16, u24, type Payload } from '../../support/packet-builder.js';

export const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23, heartbeat: 24 } as const;
export const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeys: 12,
  helloDone: 14,
  clientKeys: 16,
  finished: 20,
} as const;

export const record = (type: number, body: Payload, version = 0x0303): Uint8Array =>
  concat([type], u16(version), u16(toBytes(body).length), body);
export const message = (type: number, body: Payload): Uint8Array => concat([type], u24(toBytes(body).length), body);
export const handshake = (type: number, body: Payload, version = 0x0303): Uint8Array =>
  record(RECORD.handshake, message(type, body), version);

export type Extension = readonly [type: number, body: Payload];

const list = (bytes: Payload): Uint8Array => concat(u16(toBytes(bytes).length), bytes);
const shortList = (bytes: Payload): Uint8Array => concat([toBytes(bytes).length], bytes);
const numbers = (values: readonly number[]): number[] => values.flatMap(u16);

export const serverName = (name: Payload): Extension => [0, list(concat([0], list(name)))];
export const alpn = (...names: string[]): Extension => [16, list(concat(...names.map((name) => shortList(name))))];
export const groups = (...values: number[]): Extension => [10, list(numbers(values))];
export const pointFormats = (...values: number[]): Extension => [11, shortList(values)];
export const signatures = (...values: number[]): Extension => [13, list(numbers(values))];
export const versions = (...values: number[]): Extension => [43, shortList(numbers(values))];
export const selectedVersion = (value: number): Extension => [43, u16(value)];

export interface HelloFields {
  readonly version?: number;
  readonly random?: Payload;
  readonly session?: Payload;
  readonly ciphers?: readonly number[];
  readonly extensions?: readonly Extension[];
}

export const RANDOM = Uint8Array.from({ length: 32 }, (_, index) => 0x40 + index);

const extensionsOf = (extensions: readonly Extension[] | undefined): Uint8Array =>
  extensions === undefined
    ? new Uint8Array(0)
    : list(concat(...extensions.map(([type, body]) => concat(u16(type), list(body)))));

export function clientHello({
  version = 0x0303,
  random = RANDOM,
  session = [],
  ciphers = [0xc02f, 0x009c],
  extensions,
}: HelloFields = {}): Uint8Array {
  return concat(u16(version), random, shortList(session), list(numbers(ciphers)), [1, 0], extensionsOf(extensions));
}

export function serverHello({
  version = 0x0303,
  random = RANDOM,
  session = [],
  ciphers = [0xc02f],
  extensions,
}: HelloFields = {}): Uint8Array {
  return concat(u16(version), random, shortList(session), u16(ciphers[0]!), [0], extensionsOf(extensions));
}

/** The body of a Certificate message. */
export function chain(...certificates: Uint8Array[]): Uint8Array {
  const all = concat(...certificates.map((one) => concat(u24(one.length), one)));
  return concat(u24(all.length), all);
}
