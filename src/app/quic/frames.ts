/**
 * Frames of Initial packets (RFC 9000, 12.4): CRYPTO is put into the stream of its side, the others are passed over.
 * Stage: app.
 */
import type { CryptoStream } from './crypto-stream.js';
import { varint, varintBytes } from './packet.js';

const FRAME = {
  padding: 0x00,
  ping: 0x01,
  ack: 0x02,
  ackWithCounts: 0x03,
  crypto: 0x06,
  /** The same in Q050. */
  cryptoOfGoogle: 0x08,
  close: 0x1c,
  closeByApplication: 0x1d,
};
const MOST_FRAMES = 4096;

export type Outcome = 'read' | 'malformed' | 'too_long';

/** `isGoogle`: of Q050. */
export function readFrames(frames: Uint8Array, stream: CryptoStream, isGoogle = false): Outcome {
  const cursor = new Cursor(frames);
  for (let count = 0; cursor.at < frames.length; count++) {
    if (count === MOST_FRAMES) return 'malformed';
    const type = frames[cursor.at++];
    switch (isGoogle && type === FRAME.cryptoOfGoogle ? FRAME.crypto : type) {
      case FRAME.padding:
        while (cursor.at < frames.length && frames[cursor.at] === FRAME.padding) cursor.at++;
        break;
      case FRAME.ping:
        break;
      case FRAME.ack:
      case FRAME.ackWithCounts:
        if (!skipAck(cursor, type === FRAME.ackWithCounts)) return 'malformed';
        break;
      case FRAME.crypto: {
        const offset = cursor.number();
        const length = cursor.number();
        if (offset < 0 || length < 0 || cursor.at + length > frames.length) return 'malformed';
        if (!stream.put(offset, frames, cursor.at, length)) return 'too_long';
        cursor.at += length;
        break;
      }
      case FRAME.close:
      case FRAME.closeByApplication:
        return 'read';
      default:
        return 'malformed';
    }
  }
  return 'read';
}

class Cursor {
  at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** -1 where there is none. */
  number(): number {
    const value = varint(this.bytes, this.at, this.bytes.length);
    if (this.at < this.bytes.length) this.at += varintBytes(this.bytes[this.at]);
    return value;
  }
}

/** | largest | delay | ranges | first range | gap, range … | counts (3) | */
function skipAck(cursor: Cursor, hasCounts: boolean): boolean {
  if (cursor.number() < 0 || cursor.number() < 0) return false;
  const ranges = cursor.number();
  if (ranges < 0 || ranges > MOST_FRAMES || cursor.number() < 0) return false;
  for (let left = 2 * ranges + (hasCounts ? 3 : 0); left > 0; left--) if (cursor.number() < 0) return false;
  return true;
}
