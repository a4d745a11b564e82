/** Frames of a record, for rules that ask for them. Stage: app. */
import type { Direction } from '../../flow/flow.js';
import type { FrameLog } from '../frame/frame-log.js';
import { frameNumber } from '../frame/buffers.js';
import { MessageFrames } from '../frame/message-frames.js';

const RECORD = new MessageFrames('tls.pdu', 'tls.hdr', 'tls.data');
/** By type of the record. */
const OF_TYPE: Readonly<Record<number, number>> = { 21: frameNumber('tls.alert'), 24: frameNumber('tls.heartbeat') };
const OLD_PDU = frameNumber('tls.ssl2.pdu');
const OLD_HEADER = frameNumber('tls.ssl2.hdr');
const HEADER_BYTES = 5;
/** Of SSLv2: the length, and the type of the message as well. */
const OLD_HEADER_BYTES = 3;

/** A record with `length` bytes behind its header, which begins at `start`. */
export function noteRecord(frames: FrameLog, direction: Direction, type: number, start: number, length: number): void {
  RECORD.note(frames, direction, start, HEADER_BYTES, HEADER_BYTES + length);
  const own = OF_TYPE[type];
  if (own !== undefined) frames.add(own, direction, start + HEADER_BYTES, length);
}

/** A record of SSLv2 of `length` bytes in all. */
export function noteOldRecord(frames: FrameLog, direction: Direction, start: number, length: number): void {
  frames.add(OLD_PDU, direction, start, length);
  frames.add(OLD_HEADER, direction, start, Math.min(OLD_HEADER_BYTES, length));
}
