/**
 * The header names that something is known of: each has a number, its kind. Stage: app. They are found by the hash
 * that the reader forms while it looks for the colon: one place in a table, one comparison.
 */
import { isText } from './characters.js';

const NAMES = [
  'host',
  'user-agent',
  'cookie',
  'set-cookie',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'accept',
  'accept-encoding',
  'accept-language',
  'referer',
  'connection',
  'server',
  'location',
  'upgrade',
  'expect',
  'authorization',
  'x-forwarded-for',
  'content-disposition',
  'content-range',
] as const;

export type HeaderName = (typeof NAMES)[number];

/** None of them. */
export const OTHER = 0;
export const KINDS = NAMES.length + 1;
export const kindOf = (name: HeaderName): number => NAMES.indexOf(name) + 1;

export const HASH_START = 5381;
/** The hash of a name with one more byte; letters of both cases alike. */
export const hashed = (hash: number, byte: number): number => (Math.imul(hash, 33) ^ (byte | 32)) | 0;

const hashOf = (name: string): number => {
  let hash = HASH_START;
  for (let index = 0; index < name.length; index++) hash = hashed(hash, name.charCodeAt(index));
  return hash;
};

/** Each of `size` places holds a kind at most: the first multiplier that brings it about. */
function spread(bits: number): { multiplier: number; kinds: Uint8Array } {
  for (let multiplier = 1; ; multiplier += 2) {
    const kinds = new Uint8Array(1 << bits);
    const places = NAMES.map((name) => Math.imul(hashOf(name), multiplier) >>> (32 - bits));
    if (new Set(places).size < places.length) continue;
    places.forEach((place, index) => (kinds[place] = index + 1));
    return { multiplier, kinds };
  }
}

const BITS = 7;
const { multiplier: MULTIPLIER, kinds: KIND_AT } = spread(BITS);

/** The kind of the name in [from, end), whose hash is `hash`. */
export function kindOfName(bytes: Uint8Array, from: number, end: number, hash: number): number {
  const kind = KIND_AT[Math.imul(hash, MULTIPLIER) >>> (32 - BITS)]!;
  return kind !== OTHER && isText(bytes, from, end, NAMES[kind - 1]!) ? kind : OTHER;
}
