/** Frames of a message, for rules that ask for them. Stage: app. */
import type { Direction } from '../../flow/flow.js';
import { frameNumber } from '../frame/buffers.js';
import type { FrameLog } from '../frame/frame-log.js';

const PDU = frameNumber('sip.pdu');
const OF_REQUEST = {
  line: frameNumber('sip.request.line'),
  headers: frameNumber('sip.request.headers'),
  body: frameNumber('sip.request.body'),
};
const OF_RESPONSE = {
  line: frameNumber('sip.response.line'),
  headers: frameNumber('sip.response.headers'),
  body: frameNumber('sip.response.body'),
};
const CR = 0x0d;

/** Where the parts of a message begin; `body` is -1 where its headers break off. */
interface Places {
  readonly start: number;
  readonly headers: number;
  readonly body: number;
  readonly end: number;
}

/** The empty line is in no part. */
export function noteFrames(
  frames: FrameLog,
  direction: Direction,
  bytes: Uint8Array,
  isResponse: boolean,
  { start, headers, body, end }: Places,
): void {
  const of = isResponse ? OF_RESPONSE : OF_REQUEST;
  frames.add(PDU, direction, start, end - start);
  if (body < 0) return;
  const empty = body - (bytes[body - 2] === CR ? 2 : 1);
  frames.add(of.line, direction, start, headers - start);
  if (empty > headers) frames.add(of.headers, direction, headers, empty - headers);
  if (end > body) frames.add(of.body, direction, body, end - body);
}
