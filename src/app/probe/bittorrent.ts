/**
 * BitTorrent: the handshake of peers, and datagrams to trackers. Stage: app. BEP 3, BEP 15. Its DHT is another
 * protocol (datagrams.ts).
 */
import { ANSWER, ascii, beginsWith, u32, type Answer } from './answer.js';

const HANDSHAKE = ascii('\x13BitTorrent protocol');

export function probeBittorrent(bytes: Uint8Array, start: number, length: number): Answer {
  return beginsWith(bytes, start, length, HANDSHAKE);
}

const CONNECT_BYTES = 16;
const TRACKER = [0x417, 0x2710_1980] as const;

/** The request for a connection, with its fixed number and the action 0. */
export function probeTracker(bytes: Uint8Array, start: number, length: number): Answer {
  const fits = length >= CONNECT_BYTES && u32(bytes, start) === TRACKER[0] && u32(bytes, start + 4) === TRACKER[1];
  return fits && u32(bytes, start + 8) === 0 ? ANSWER.yes : ANSWER.no;
}
