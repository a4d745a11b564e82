/** Frames of messages that have a header: the message, its header, and what stands behind it. Stage: app. */
import type { Direction } from '../../flow/flow.js';
import { frameNumber, type FrameName } from './buffers.js';
import type { FrameLog } from './frame-log.js';
import { FRAME_LIMIT } from './frame-transaction.js';

export class MessageFrames {
  private readonly pdu: number;
  private readonly header: number;
  private readonly data: number;

  constructor(pdu: FrameName, header: FrameName, data: FrameName) {
    this.pdu = frameNumber(pdu);
    this.header = frameNumber(header);
    this.data = frameNumber(data);
  }

  /** Whether rules ask for any of them. */
  areAsked(frames: FrameLog | null): frames is FrameLog {
    return frames !== null && (frames.asks(this.pdu) || frames.asks(this.header) || frames.asks(this.data));
  }

  /** A message of `length` bytes from `start` on, of which `bytesOfFrame` are there. */
  note(frames: FrameLog, direction: Direction, start: number, headerBytes: number, length: number): void {
    frames.add(this.pdu, direction, start, length);
    frames.add(this.header, direction, start, Math.min(headerBytes, length));
    if (length > headerBytes) frames.add(this.data, direction, start + headerBytes, length - headerBytes);
  }
}

/** How much of what is so long a frame takes: a parser that has that much need not wait for more. */
export const bytesOfFrame = (length: number): number => Math.min(length, FRAME_LIMIT);
