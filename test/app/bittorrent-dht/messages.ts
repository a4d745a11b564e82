/** Messages of BitTorrent's DHT, encoded (BEP 3, BEP 5). */
import { concat, toBytes, type Payload } from '../../support/packet-builder.js';

/** A text, a number, a list or a dictionary; `Encoded` stands as it is. */
export type Value = string | Uint8Array | number | readonly Value[] | Encoded | { readonly [key: string]: Value };

export class Encoded {
  readonly bytes: Payload;

  constructor(bytes: Payload) {
    this.bytes = bytes;
  }
}

export function bencoded(value: Value): Uint8Array {
  if (value instanceof Encoded) return toBytes(value.bytes);
  if (typeof value === 'number') return toBytes(`i${value}e`);
  if (typeof value === 'string') return bencoded(Buffer.from(value, 'latin1'));
  if (value instanceof Uint8Array) return concat(`${value.length}:`, value);
  if (Array.isArray(value)) return concat('l', ...(value as readonly Value[]).map(bencoded), 'e');
  const members = Object.entries(value as Record<string, Value>).sort(([a], [b]) => (a < b ? -1 : 1));
  return concat('d', ...members.flatMap(([key, one]) => [bencoded(key), bencoded(one)]), 'e');
}

export const CLIENT = 'abcdefghij0123456789';
export const SERVER = 'mnopqrstuvwxyz123456';
export const NODE = concat(SERVER, [10, 1, 2, 3, 0x1a, 0xe1]);
export const NODE6 = concat(
  SERVER,
  Array.from({ length: 16 }, (_, i) => i),
  [0x1a, 0xe1],
);

export const query = (q: string, more: Record<string, Value> = {}, beside: Record<string, Value> = {}): Uint8Array =>
  bencoded({ t: 'aa', y: 'q', q, a: { id: CLIENT, ...more }, ...beside });
export const answer = (more: Record<string, Value> = {}, beside: Record<string, Value> = {}): Uint8Array =>
  bencoded({ t: 'aa', y: 'r', r: { id: SERVER, ...more }, ...beside });
export const fault = (...e: readonly Value[]): Uint8Array => bencoded({ t: 'aa', y: 'e', e });
