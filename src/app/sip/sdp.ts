/**
 * The description of a session in the body of a message: lines of a letter, `=` and a value. Stage: app. RFC 8866.
 * Lines behind the first m= are those of media.
 */
import type { SipTransaction } from './transaction.js';

const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;
const MEDIUM = 'm';

const OF_SESSION: Readonly<Record<string, string>> = {
  o: 'sdp.origin',
  s: 'sdp.session_name',
  i: 'sdp.session_info',
  u: 'sdp.uri',
  e: 'sdp.email',
  p: 'sdp.phone_number',
  c: 'sdp.connection_data',
  b: 'sdp.bandwidth',
  t: 'sdp.time',
  r: 'sdp.repeat_time',
  z: 'sdp.timezone',
  k: 'sdp.encryption_key',
  a: 'sdp.attribute',
};
const OF_MEDIA: Readonly<Record<string, string>> = {
  m: 'sdp.media.media',
  i: 'sdp.media.media_info',
  c: 'sdp.media.connection_data',
  k: 'sdp.media.encryption_key',
};

/** Reads [start, end). @returns false where there was no room for all. */
export function readSdp(tx: SipTransaction, bytes: Uint8Array, start: number, end: number): boolean {
  let ofMedia = false;
  let fits = true;
  for (let at = start; at < end && fits;) {
    let next = at;
    while (next < end && bytes[next] !== LF) next++;
    let stop = next;
    while (stop > at && bytes[stop - 1] === CR) stop--;
    if (stop > at + 1 && bytes[at + 1] === EQUALS) {
      const letter = String.fromCharCode(bytes[at]!);
      ofMedia ||= letter === MEDIUM;
      const name = (ofMedia ? OF_MEDIA : OF_SESSION)[letter];
      if (name !== undefined) fits = tx.take(name, at + 2, stop);
    }
    at = next + 1;
  }
  return fits;
}
