/** Frames of a message in a NetBIOS session, for rules that ask for them. Stage: app. MS-CIFS 2.2.3, MS-SMB2 2.2.1. */
import type { Direction } from '../../flow/flow.js';
import { FRAME_LIMIT } from '../frame/frame-transaction.js';
import type { FrameLog } from '../frame/frame-log.js';
import { MessageFrames } from '../frame/message-frames.js';
import { u32le } from '../probe/answer.js';
import { MOST_COMPOUND, SIGN, SMB1_HEADER_BYTES, SMB2_HEADER_BYTES } from './constants.js';

const SESSION = new MessageFrames('smb.nbss.pdu', 'smb.nbss.hdr', 'smb.nbss.data');
const SMB1 = new MessageFrames('smb.smb1.pdu', 'smb.smb1.hdr', 'smb.smb1.data');
const SMB2 = new MessageFrames('smb.smb2.pdu', 'smb.smb2.hdr', 'smb.smb2.data');
const SMB3 = new MessageFrames('smb.smb3.pdu', 'smb.smb3.hdr', 'smb.smb3.data');
const ALL = [SESSION, SMB1, SMB2, SMB3];
const SESSION_BYTES = 4;
/** Of what is encrypted. */
const SMB3_HEADER_BYTES = 52;
const NEXT_AT = 20;

/** Whether rules ask for any of them. */
export const areFramesAsked = (frames: FrameLog | null): boolean =>
  frames !== null && ALL.some((of) => of.areAsked(frames));

/** A message of `length` bytes in a session, whose frame begins at `frame` and of which `bytesOfFrame` are there. */
export function noteFrames(
  frames: FrameLog,
  direction: Direction,
  bytes: Uint8Array,
  frame: number,
  length: number,
): void {
  SESSION.note(frames, direction, frame, SESSION_BYTES, SESSION_BYTES + length);
  const start = frame + SESSION_BYTES;
  const there = start + Math.min(length, FRAME_LIMIT - SESSION_BYTES);
  if (bytes[frame] !== 0 || there === start) return;
  const sign = bytes[start];
  if (sign === SIGN.smb1) SMB1.note(frames, direction, start, SMB1_HEADER_BYTES, length);
  else if (sign === SIGN.encrypted) SMB3.note(frames, direction, start, SMB3_HEADER_BYTES, length);
  else if (sign === SIGN.smb2) noteCompound(frames, direction, bytes, start, length, there);
}

function noteCompound(
  frames: FrameLog,
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  length: number,
  there: number,
): void {
  const end = start + length;
  for (let at = start, index = 0; index < MOST_COMPOUND && at + SMB2_HEADER_BYTES <= there; index++) {
    const next = u32le(bytes, at + NEXT_AT);
    const isLast = next < SMB2_HEADER_BYTES || at + next >= there;
    // Of one that is cut no more than what is there.
    SMB2.note(frames, direction, at, SMB2_HEADER_BYTES, isLast ? end - at : next);
    if (isLast) return;
    at += next;
  }
}
