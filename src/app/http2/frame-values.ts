/** Numbers in frames of HTTP/2 that rules may ask for. Stage: app. Reference: RFC 9113, section 6. */
import type { Direction } from '../../flow/flow.js';
import { FRAME } from './buffers.js';
import { http2Event } from './events.js';
import { NOTE } from './frame-notes.js';
import type { Http2Transaction } from './transaction.js';

const LENGTH = http2Event('invalid_frame_length');
const MANY = http2Event('too_many_frames');
const SETTING_BYTES = 6;

export function noteFrame(transaction: Http2Transaction, kind: number, value: number, direction: Direction): void {
  if (!transaction.notes.add(kind, value, direction)) transaction.raise(MANY, direction);
}

/** Notes what `bytes[from, end)` says, the payload of a frame of that type. */
export function noteValues(
  transaction: Http2Transaction,
  type: number,
  direction: Direction,
  bytes: Uint8Array,
  from: number,
  end: number,
): void {
  const length = end - from;
  switch (type) {
    case FRAME.priority:
      if (length === 5) return noteFrame(transaction, NOTE.priority, bytes[from + 4]!, direction);
      break;
    case FRAME.rst_stream:
      if (length === 4) return noteFrame(transaction, NOTE.error, u32(bytes, from), direction);
      break;
    case FRAME.goaway:
      if (length >= 8) return noteFrame(transaction, NOTE.error, u32(bytes, from + 4), direction);
      break;
    case FRAME.window_update:
      if (length === 4) return noteFrame(transaction, NOTE.window, u32(bytes, from) & 0x7fff_ffff, direction);
      break;
    case FRAME.ping:
      if (length === 8) return;
      break;
    case FRAME.settings:
      if (length % SETTING_BYTES === 0) return noteSettings(transaction, direction, bytes, from, end);
      break;
    default:
      return;
  }
  transaction.raise(LENGTH, direction);
}

function noteSettings(
  transaction: Http2Transaction,
  direction: Direction,
  bytes: Uint8Array,
  from: number,
  end: number,
): void {
  for (let at = from; at < end; at += SETTING_BYTES) {
    const id = (bytes[at]! << 8) | bytes[at + 1]!;
    noteFrame(transaction, NOTE.setting + id, u32(bytes, at + 2), direction);
  }
}

const u32 = (bytes: Uint8Array, at: number): number =>
  bytes[at]! * 0x100_0000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
